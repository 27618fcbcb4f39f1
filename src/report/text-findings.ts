/**
 * Findings and checks as lines of text.
 * @module
 */
import type { Check, Finding } from "./report.ts";
import type { TextOptions } from "./text-options.ts";
import { padEnd, widest, wrap } from "./layout.ts";
import { mark } from "./marks.ts";
import { printable, printableLines, printableSource } from "./printable.ts";
import { jsonText } from "./json.ts";
import { grouped } from "./grouped.ts";

const colours = { error: "red", warning: "yellow", info: "cyan" } as const;

/** Of one rule: what follows is mostly more of the same. */
const most = 20;

/** One block for all, or one for each where any of them shows source. */
export function findingBlocks(findings: readonly Finding[], options: TextOptions): string[][] {
  const { shown, left } = options.verbose ? { shown: findings, left: [] } : foremost(findings);
  const each = shown.map((finding) => findingLines(finding, options));
  const airy = shown.some((finding) => finding.excerpt !== undefined);
  const more = left.map(([rule, count]) => moreLine(rule, count, options));
  return airy ? [...each, more] : [[...each.flat(), ...more]];
}

/** The first of each rule, and how many more it has. */
function foremost(findings: readonly Finding[]): {
  readonly shown: readonly Finding[];
  readonly left: readonly (readonly [rule: string, count: number])[];
} {
  const counts = new Map<string, number>();
  const shown = findings.filter(({ rule }) => {
    const count = (counts.get(rule) ?? 0) + 1;
    counts.set(rule, count);
    return count <= most;
  });
  const left = [...counts].flatMap(([rule, count]) =>
    count > most ? [[rule, count - most] as const] : [],
  );
  return { shown, left };
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
  const measured = check.measured === null ? "not measured" : printable(check.measured);
  if (check.outcome === "not-checked") {
    return check.measured === null ? `not checked${expected}` : `not checked: ${measured}`;
  }
  return check.outcome === "pass" ? measured : measured + expected;
}
