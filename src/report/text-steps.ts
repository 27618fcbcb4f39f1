/** @module Steps as lines of text: mark, name, duration, rows written, note. A long list is shortened. */
import type { Step } from "./report.ts";
import { mark, type TextOptions } from "./text-style.ts";
import { columns, padEnd, padStart, widest, wrap } from "./layout.ts";
import { printable, printableLines } from "./printable.ts";
import { count, duration, grouped } from "./wording.ts";

interface Cells {
  readonly name: string;
  readonly time: string;
  readonly rows: string;
}

export function stepLines(steps: readonly Step[], options: TextOptions): string[] {
  const rows = options.verbose ? steps.map(row) : fold(steps);
  const shown = rows.flatMap((one) => (one.kind === "step" ? [cells(one.step, options)] : []));
  const widths = {
    name: nameWidth(shown, options.width),
    time: widest(shown.map((one) => one.time)),
    rows: widest(shown.map((one) => one.rows)),
  };
  return rows.flatMap((one) => rowLines(one, widths, options));
}

function rowLines(one: Row, widths: Record<keyof Cells, number>, options: TextOptions): string[] {
  if (one.kind === "more") {
    const dots = options.unicode ? "…" : "...";
    return [options.paint.dim(`  ${dots} ${grouped(one.amount)} more (use --verbose)`)];
  }
  const { name, time, rows } = cells(one.step, options);
  const gap = padStart("", widths.time - columns(time));
  const aligned = [
    padEnd(name, widths.name),
    ...(widths.time > 0 ? [time === "" ? gap : gap + options.paint.dim(time)] : []),
    ...(widths.rows > 0 ? [padStart(rows, widths.rows)] : []),
  ].join("  ");
  const line = `  ${mark(one.step.status, options)} ${aligned}`;
  return withNote(line, one.step, { used: lineWidth(name, widths), options });
}

/** The note follows on the same line if it fits, otherwise below. */
function withNote(
  line: string,
  step: Step,
  { used, options }: { used: number; options: TextOptions },
): string[] {
  if (step.note === undefined || step.note === "") return [line];
  const colour = step.status === "failed" ? options.paint.red : options.paint.dim;
  const note = printableLines(step.note);
  const only = note.length === 1 ? note[0] : undefined;
  if (only !== undefined && used + 2 + columns(only) <= options.width) {
    return [`${line}  ${colour(only)}`];
  }
  const below = note.flatMap((text) => wrap(text, options.width - 6));
  return [line, ...below.map((text) => `      ${colour(text)}`)];
}

function cells(step: Step, options: TextOptions): Cells {
  const written = step.rowsWritten === null ? "" : count(step.rowsWritten, "row");
  const read = options.verbose && step.rowsRead !== null ? `${grouped(step.rowsRead)} read` : "";
  return {
    name: printable(step.name),
    time: step.durationMs === null ? "" : duration(step.durationMs),
    rows: [written, read].filter((part) => part !== "").join(", "),
  };
}

/** The width of the longest name that fits half of the screen, so that one long name does not push the figures off it. */
function nameWidth(shown: readonly Cells[], width: number): number {
  const limit = Math.max(20, Math.floor(width / 2));
  return widest(shown.map((one) => one.name).filter((name) => columns(name) <= limit));
}

function lineWidth(name: string, widths: Record<keyof Cells, number>): number {
  const figures = [widths.time, widths.rows].filter((size) => size > 0);
  return (
    4 + Math.max(columns(name), widths.name) + figures.reduce((sum, size) => sum + 2 + size, 0)
  );
}

const longestRun = 30;
const shownAtEachEnd = 10;
const mostRows = 200;

export type Row =
  | { readonly kind: "step"; readonly step: Step }
  | { readonly kind: "more"; readonly amount: number };

/**
 * Of more than 30 done or planned steps in a row, shows the first ten, the number of steps left out, and the last ten. If more than 200 rows
 * remain, it leaves out the middle.
 */
export function fold(steps: readonly Step[]): Row[] {
  return shortened(runs(steps).flatMap(foldRun));
}

function foldRun(run: readonly Step[]): Row[] {
  const status = run[0]?.status;
  const foldable = status === "done" || status === "planned";
  if (!foldable || run.length <= longestRun) return run.map(row);
  const more: Row = { kind: "more", amount: run.length - 2 * shownAtEachEnd };
  return [...run.slice(0, shownAtEachEnd).map(row), more, ...run.slice(-shownAtEachEnd).map(row)];
}

function shortened(rows: Row[]): Row[] {
  if (rows.length <= mostRows) return rows;
  const half = mostRows / 2;
  const hidden = rows.slice(half, -half);
  const amount = hidden.reduce((sum, one) => sum + (one.kind === "more" ? one.amount : 1), 0);
  return [...rows.slice(0, half), { kind: "more", amount }, ...rows.slice(-half)];
}

function row(step: Step): Row {
  return { kind: "step", step };
}

function runs(steps: readonly Step[]): Step[][] {
  const found: Step[][] = [];
  for (const step of steps) {
    const last = found.at(-1);
    if (last?.[0]?.status === step.status) last.push(step);
    else found.push([step]);
  }
  return found;
}
