/** @module The report for a person at a terminal. All text from files and databases is filtered before it reaches the terminal. */
import type { Report } from "./report.ts";
import { wrap } from "./layout.ts";
import { outcomeMark, type TextOptions } from "./text-style.ts";
import { printable, printableLines, withoutRunnerCommand } from "./printable.ts";
import { checkLines, findingBlocks } from "./text-findings.ts";
import { stepLines } from "./text-steps.ts";
import { duration, isGood, where } from "./wording.ts";

export function textReport(report: Report, options: TextOptions): string {
  const blocks = options.quiet ? problems(report, options) : everything(report, options);
  const lines = blocks
    .filter((block) => block.length > 0)
    .flatMap((block, index) => (index === 0 ? block : ["", ...block]));
  return lines.map((line) => `${withoutRunnerCommand(line).trimEnd()}\n`).join("");
}

function everything(report: Report, options: TextOptions): string[][] {
  const place = report.target === null ? [] : [options.paint.bold(where(report.target))];
  return [
    place,
    stepLines(report.steps, options),
    ...findingBlocks(report.findings, options),
    checkLines(report.checks, options),
    [
      ...summary(report, options),
      ...(options.verbose ? [...settings(report, options), origin(report, options)] : []),
    ],
    next(report, options),
  ];
}

/** A failure always prints something, even if no step, finding or check carries it. */
function problems(report: Report, options: TextOptions): string[][] {
  const steps = report.steps.filter(({ status }) => status === "failed");
  const findings = report.findings.filter(({ level }) => level !== "info");
  const checks = report.checks.filter(({ outcome }) => outcome === "fail" || outcome === "warn");
  const blocks = [
    stepLines(steps, options),
    ...findingBlocks(findings, options),
    checkLines(checks, options),
  ].filter((block) => block.length > 0);
  return blocks.length === 0 && !isGood(report.outcome) ? [summary(report, options)] : blocks;
}

function summary(report: Report, options: TextOptions): string[] {
  if (report.summary === "") return isGood(report.outcome) ? [] : [report.outcome];
  return printableLines(report.summary)
    .flatMap((line) => wrap(line, options.width - 2))
    .map((line, index) =>
      index === 0
        ? `${outcomeMark(report.outcome, options)} ${options.paint.bold(line)}`
        : `  ${options.paint.bold(line)}`,
    );
}

function origin(report: Report, options: TextOptions): string {
  const parts = [report.tool, report.startedAt, duration(report.durationMs)];
  return options.paint.dim(`  ${parts.map(printable).join(", ")}`);
}

function settings({ settings: used = [] }: Report, options: TextOptions): string[] {
  return used.map(({ name, value, from }) =>
    options.paint.dim(`  ${printable(name)}: ${printable(value)} (from ${printable(from)})`),
  );
}

function next(report: Report, options: TextOptions): string[] {
  if (report.next.length === 0) return [];
  return ["Next:", ...report.next.map((command) => `  ${options.paint.cyan(printable(command))}`)];
}
