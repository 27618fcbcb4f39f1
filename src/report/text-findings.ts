/**
 * Findings and checks as lines of text.
 * @module
 */
import type { Check, Finding } from "./report.ts";
import type { TextOptions } from "./text.ts";
import { padEnd, widest, wrap } from "./layout.ts";
import { mark } from "./marks.ts";
import { printable, printableLines, printableSource } from "./printable.ts";
import { jsonText } from "./json.ts";

const colours = { error: "red", warning: "yellow", info: "cyan" } as const;

/** One block for all, or one for each where any of them shows source. */
export function findingBlocks(findings: readonly Finding[], options: TextOptions): string[][] {
  const each = findings.map((finding) => findingLines(finding, options));
  const airy = findings.some((finding) => finding.excerpt !== undefined);
  return airy ? each : [each.flat()];
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
  const place = location(finding);
  const excerpt = printableSource(finding.excerpt ?? "", unicode ? "\uFFFD" : "?");
  const help = printableLines(finding.help ?? "")
    .filter((line) => line !== "")
    .flatMap((line) => wrap(line, width - 8));
  return [
    ...painted,
    ...(place === null ? [] : [`  ${paint.dim(place)}`]),
    ...excerpt.map((line) => `    ${line}`),
    ...help.map((line, index) => `${index === 0 ? "  help: " : "        "}${line}`),
  ];
}

/** `migrations/0008_x.sql:12`, as editors and terminals make it clickable; else the table. */
function location(finding: Finding): string | null {
  if (finding.file !== undefined) {
    const line = finding.line === undefined ? "" : `:${finding.line}`;
    return printable(finding.file) + line;
  }
  return finding.table === undefined ? null : `table ${printable(finding.table)}`;
}

export function checkLines(checks: readonly Check[], options: TextOptions): string[] {
  const width = widest(checks.map((check) => printable(check.id)));
  return checks.flatMap((check) => {
    const line = `  ${mark(check.outcome, options)} ${padEnd(printable(check.id), width)}  ${told(check)}`;
    const proof = options.verbose && Object.keys(check.evidence).length > 0;
    return proof
      ? [line, options.paint.dim(`      ${printable(jsonText(check.evidence))}`)]
      : [line];
  });
}

function told(check: Check): string {
  const expected = check.expected === null ? "" : `, expected ${printable(check.expected)}`;
  if (check.outcome === "not-checked") return `not checked${expected}`;
  const measured = check.measured === null ? "not measured" : printable(check.measured);
  return check.outcome === "pass" ? measured : measured + expected;
}
