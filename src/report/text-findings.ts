/** @module Findings and checks as lines of text. */
import type { Check, Finding } from "./report.ts";
import { mark, type TextOptions } from "./text-style.ts";
import { padEnd, widest, wrap } from "./layout.ts";
import { printable, printableLines, printableSource } from "./printable.ts";
import { jsonText } from "./json.ts";
import { expectedText, findingPlace, grouped } from "./wording.ts";

const colours = { error: "red", warning: "yellow", info: "cyan" } as const;

/** Findings of one rule that are shown without `--verbose`. */
const mostOfOneRule = 20;

/** One block for all findings. If any of them shows source, one block each. */
export function findingBlocks(findings: readonly Finding[], options: TextOptions): string[][] {
  const { shown, hidden } = options.verbose
    ? { shown: findings, hidden: [] }
    : firstOfEachRule(findings);
  const each = shown.map((finding) => findingLines(finding, options));
  const separate = shown.some((finding) => finding.excerpt !== undefined);
  const more = hidden.map(([rule, count]) => moreLine(rule, count, options));
  return separate ? [...each, more] : [[...each.flat(), ...more]];
}

function firstOfEachRule(findings: readonly Finding[]): {
  readonly shown: readonly Finding[];
  readonly hidden: readonly (readonly [rule: string, count: number])[];
} {
  const counts = new Map<string, number>();
  const shown = findings.filter(({ rule }) => {
    const count = (counts.get(rule) ?? 0) + 1;
    counts.set(rule, count);
    return count <= mostOfOneRule;
  });
  const hidden = [...counts].flatMap(([rule, count]) =>
    count > mostOfOneRule ? [[rule, count - mostOfOneRule] as const] : [],
  );
  return { shown, hidden };
}

function moreLine(rule: string, count: number, { paint, unicode }: TextOptions): string {
  const dots = unicode ? "…" : "...";
  return paint.dim(`${dots} ${grouped(count)} more of ${printable(rule)} (use --verbose)`);
}

function findingLines(finding: Finding, options: TextOptions): string[] {
  const { paint, unicode, width } = options;
  const label = `${finding.level} ${printable(finding.rule)}: `;
  const head = printableLines(finding.message).flatMap((line, index) =>
    wrap(index === 0 ? label + line : line, width - 2),
  );
  const painted = head.map((line, index) => {
    if (index > 0) return `  ${line}`;
    const end = Math.min(label.length - 1, line.length);
    return paint[colours[finding.level]](line.slice(0, end)) + line.slice(end);
  });
  const place = findingPlace(finding);
  const excerpt = printableSource(finding.excerpt ?? "", unicode ? "\uFFFD" : "?");
  const help = printableLines(finding.help ?? "")
    .filter((line) => line !== "")
    .flatMap((line) => wrap(line, width - 8));
  return [
    ...painted,
    ...(place === null ? [] : [`  ${paint.dim(printable(place))}`]),
    ...excerpt.map((line) => `    ${line}`),
    ...help.map((line, index) => `${index === 0 ? "  help: " : "        "}${line}`),
  ];
}

export function checkLines(checks: readonly Check[], options: TextOptions): string[] {
  const width = widest(checks.map((check) => printable(check.id)));
  return checks.flatMap((check) => {
    const line = `  ${mark(check.outcome, options)} ${padEnd(printable(check.id), width)}  ${resultText(check)}`;
    const { help } = check.evidence;
    if (check.outcome === "warn" && typeof help === "string" && !options.verbose)
      return [line, ...printableLines(help).map((one) => `      ${one}`)];
    const proof = options.verbose && Object.keys(check.evidence).length > 0;
    return proof
      ? [line, options.paint.dim(`      ${printable(jsonText(check.evidence))}`)]
      : [line];
  });
}

function resultText(check: Check): string {
  const expected = printable(expectedText(check));
  const measured = check.measured === null ? "not measured" : printable(check.measured);
  if (check.outcome === "not-checked") {
    return check.measured === null ? `not checked${expected}` : `not checked: ${measured}`;
  }
  return check.outcome === "pass" ? measured : measured + expected;
}
