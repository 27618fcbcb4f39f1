/**
 * GitHub-flavoured Markdown, for a pull request's comment or a job's summary. Text from a file or a database stays text: it cannot make
 * tags, links, mentions or headings.
 * @module
 */
import type { Check, Finding, Report, Step } from "./report.ts";
import { printable, printableLines, printableSource, withoutRunnerCommand } from "./printable.ts";
import { count, duration, findingPlace, where } from "./wording.ts";

const mostOpenSteps = 30;

export function markdownReport(report: Report): string {
  const place = report.target === null ? [] : [`**${prose(where(report.target))}**`];
  const blocks = [
    `## ${prose(report.command)}: ${report.outcome}`,
    ...place,
    paragraph(report.summary),
    ...section("Steps", steps(report.steps)),
    ...section("Findings", report.findings.flatMap(finding)),
    ...section("Checks", checks(report.checks)),
    ...section("Next", report.next.length === 0 ? [] : [fence(report.next.map(printable), "sh")]),
    `*${prose(report.tool)}, ${prose(report.startedAt)}, ${duration(report.durationMs)}*`,
  ];
  const lines = blocks
    .filter((block) => block !== "")
    .join("\n\n")
    .split("\n");
  return `${lines.map(withoutRunnerCommand).join("\n")}\n`;
}

function section(title: string, blocks: readonly string[]): string[] {
  return blocks.length === 0 ? [] : [`### ${title}`, ...blocks];
}

/** More than 30 steps are folded. */
function steps(all: readonly Step[]): string[] {
  if (all.length === 0) return [];
  const rows = all.map((step) => [
    step.status,
    codeCell(step.name),
    step.durationMs === null ? "" : duration(step.durationMs),
    step.rowsWritten === null ? "" : String(step.rowsWritten),
    cell(step.note ?? ""),
  ]);
  const rendered = table(["", "Step", "Time", "Rows written", "Note"], rows);
  if (all.length <= mostOpenSteps) return [rendered];
  return [`<details><summary>${count(all.length, "step")}</summary>`, rendered, "</details>"];
}

function finding(one: Finding): string[] {
  const place = findingPlace(one);
  const excerpt = printableSource(one.excerpt ?? "", "\uFFFD");
  return [
    `**${one.level}** ${code(one.rule)}${place === null ? "" : ` at ${code(place)}`}`,
    paragraph(one.message),
    excerpt.length === 0 ? "" : fence(excerpt, ""),
    paragraph(one.help ?? ""),
  ];
}

function checks(all: readonly Check[]): string[] {
  if (all.length === 0) return [];
  const rows = all.map((check) => [
    check.outcome === "not-checked" ? "not checked" : check.outcome,
    codeCell(check.id),
    cell(check.measured ?? ""),
    cell(check.expected ?? ""),
  ]);
  return [table(["", "Check", "Measured", "Expected"], rows)];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function cell(text: string): string {
  return printableLines(text).map(escaped).join("<br>");
}

/** Keeps the line breaks. */
function paragraph(text: string): string {
  return printableLines(text)
    .map((line) => escaped(line.trim()))
    .filter((line) => line !== "")
    .join("\\\n");
}

function prose(text: string): string {
  return escaped(printable(text));
}

/** Escapes the characters that have a meaning at the start of a line or within it. `@name` and `#1` notify no one and link nothing. */
function escaped(text: string): string {
  return text
    .replaceAll(/[\\`*_[\]<>&|~$]/g, (sign) => signs[sign] ?? `\\${sign}`)
    .replace(/^(\s*)([-+=#:])/, "$1\\$2")
    .replace(/^(\s*\d+)([.)])/, "$1\\$2")
    .replaceAll(/(?<![\p{L}\p{N}_&])([@#])(?=[\p{L}\p{N}])/gu, "$1&#8288;");
}

const signs: Record<string, string> = { "<": "&lt;", ">": "&gt;", "&": "&amp;", "|": "&#124;" };

/** A code span. Its delimiter is longer than any run of backticks inside. */
function code(text: string): string {
  const content = printable(text);
  if (content.trim() === "") return "` `";
  const ticks = "`".repeat(longestRun(content) + 1);
  const pad = /^[` ]|[` ]$/.test(content) ? " " : "";
  return ticks + pad + content + pad + ticks;
}

/** In a table, a pipe ends the cell even within a code span. */
function codeCell(text: string): string {
  const content = printable(text);
  if (!/[|`\\]/.test(content)) return code(text);
  const entities = content.replaceAll(/[&<>|`\\*_~[\]@#$]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  return `<code>${entities}</code>`;
}

function fence(lines: readonly string[], language: string): string {
  const ticks = "`".repeat(Math.max(3, longestRun(lines.join("\n")) + 1));
  return [ticks + language, ...lines, ticks].join("\n");
}

function longestRun(text: string): number {
  return (text.match(/`+/g) ?? []).reduce((most, run) => Math.max(most, run.length), 0);
}
