/**
 * Shortens a long list of steps for the terminal.
 * @module
 */
import type { Step } from "./report.ts";

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

export function row(step: Step): Row {
  return { kind: "step", step };
}

/** Groups neighbours of the same status. */
function runs(steps: readonly Step[]): Step[][] {
  const found: Step[][] = [];
  for (const step of steps) {
    const last = found.at(-1);
    if (last?.[0]?.status === step.status) last.push(step);
    else found.push([step]);
  }
  return found;
}
