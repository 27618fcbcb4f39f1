/**
 * Workflow commands of GitHub Actions: annotations for findings, failed steps and checks. The first line is for people who read the log.
 * Text from a file or a database cannot become a workflow command.
 * @module
 */
import type { Check, Finding, Report, Step } from "./report.ts";
import { printable, printableLines, withoutRunnerCommand } from "./printable.ts";
import { expectedText, isGood, where } from "./wording.ts";

export interface GithubOptions {
  /** The project's folder inside the repository, if it is not the root: annotations need paths from the repository's root. */
  readonly prefix?: string;
}

interface Annotation {
  readonly level: "error" | "warning" | "notice";
  readonly title: string;
  readonly message: string;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
}

export function githubReport(report: Report, options: GithubOptions = {}): string {
  const annotations = [
    ...report.steps.flatMap(stepAnnotation),
    ...report.findings.map((finding) => findingAnnotation(finding, options.prefix)),
    ...report.checks.flatMap(checkAnnotation),
  ];
  const silent = !isGood(report.outcome) && annotations.every((one) => one.level !== "error");
  if (silent) {
    annotations.push({ level: "error", title: report.command, message: report.summary });
  }
  const place = report.target === null ? "" : `${where(report.target)}: `;
  const first = withoutRunnerCommand(place + printable(report.summary || report.outcome));
  return [first, ...annotations.map(command)].map((line) => `${line}\n`).join("");
}

function command({ level, message, file, line, title }: Annotation): string {
  const properties = Object.entries({ file, line, title }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${property(printable(String(value)))}`],
  );
  return `::${level} ${properties.join(",")}::${data(printableLines(message).join("\n"))}`;
}

function stepAnnotation(step: Step): Annotation[] {
  if (step.status !== "failed") return [];
  return [{ level: "error", title: step.name, message: step.note ?? "failed" }];
}

function findingAnnotation(finding: Finding, prefix: string | undefined): Annotation {
  const { file, line, help } = finding;
  return {
    level: finding.level === "info" ? "notice" : finding.level,
    title: finding.rule,
    message: finding.message + (help === undefined ? "" : `\n${help}`),
    ...(file !== undefined && { file: inRepository(file, prefix), line }),
  };
}

function checkAnnotation(check: Check): Annotation[] {
  if (check.outcome === "pass") return [];
  const expected = expectedText(check);
  const measured = check.measured ?? "not measured";
  if (check.outcome === "not-checked") {
    return [{ level: "notice", title: check.id, message: `not checked${expected}` }];
  }
  const level = check.outcome === "fail" ? "error" : "warning";
  return [{ level, title: check.id, message: measured + expected }];
}

export function inRepository(file: string, prefix: string | undefined): string {
  const folder = (prefix ?? "").replace(/^\.\/?/, "").replace(/\/+$/, "");
  return folder === "" ? file : `${folder}/${file}`;
}

/** The runner decodes these three in a message. */
function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

/** The runner also decodes these two in a property. */
function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
