/** @module Renders the results as tables, readable as plain text and as Markdown. */
import type { Measured, Memory } from "./cases.ts";
import type { Name } from "./contestants.ts";
import { median } from "./statistics.ts";
import { medianOf, type Target } from "./targets.ts";

const COLUMNS: Readonly<Record<Measured["command"], string>> = {
  "migrate apply": "migrate apply --local",
  "migrate apply --remote": "migrate apply --remote",
  "migrate status": "migrate status, half applied",
  "--version": "--version",
};

export const LABELS: Readonly<Record<Name, string>> = {
  d1ops: "d1ops",
  wrangler: "wrangler",
  sqlite3: "sqlite3 (the floor)",
  node: "node -e 0",
  bare: "bare requests (the floor)",
};

export function timeTable(cases: readonly Measured[]): string {
  const head = [
    "what",
    "migrations",
    "who",
    "runs",
    "median",
    "min - max",
    "to wrangler",
    "to the floor",
  ];
  const rows = cases.flatMap((one) =>
    one.results.map(({ name, samplesMs }) => [
      COLUMNS[one.command],
      one.migrations === null ? "" : String(one.migrations),
      LABELS[name],
      String(samplesMs.length),
      spell(medianOf(one, name)),
      samplesMs.length === 0
        ? ""
        : `${milliseconds(Math.min(...samplesMs))} - ${milliseconds(Math.max(...samplesMs))}`,
      compare(medianOf(one, name), medianOf(one, "wrangler")),
      compare(
        medianOf(one, name),
        medianOf(one, one.command === "migrate apply" ? "sqlite3" : "node"),
      ),
    ]),
  );
  return table(head, rows);
}

export function memoryTable(memory: readonly Memory[]): string {
  const rows = memory.map(({ folder, samplesBytes }) => [
    folder,
    String(samplesBytes.length),
    megabytes(median(samplesBytes) ?? Number.NaN),
    `${megabytes(Math.min(...samplesBytes))} - ${megabytes(Math.max(...samplesBytes))}`,
  ]);
  return table(["peak memory of d1ops migrate apply --local", "runs", "median", "min - max"], rows);
}

export function targetTable(targets: readonly Target[]): string {
  return table(
    ["target", "measured", "verdict"],
    targets.map(({ wanted, measured, verdict }) => [wanted, measured ?? "", verdict]),
  );
}

export function compare(own: number | null, other: number | null): string {
  if (own === null || other === null || own === other) return "";
  const factor = own > other ? own / other : other / own;
  return `${factor.toFixed(factor >= 20 ? 0 : 1)}x ${own > other ? "slower" : "faster"}`;
}

export function spell(ms: number | null): string {
  return ms === null ? "not measured" : milliseconds(ms);
}

export function milliseconds(ms: number): string {
  return ms >= 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${ms.toFixed(ms >= 1000 ? 0 : 1)} ms`;
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, i) =>
    Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" | ")} |\n`;
  const rule = `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|\n`;
  return line(head) + rule + rows.map(line).join("");
}
