/**
 * Long runs of steps that say the same, shortened to their ends; and of what is too long all the same, the middle left out.
 * @module
 */
import type { Step } from "./report.ts";

const longest = 30;
const kept = 10;
/** Nobody reads more rows than these. */
const most = 200;

export type Row =
  | { readonly kind: "step"; readonly step: Step }
  | { readonly kind: "more"; readonly amount: number };

/** More than 30 done or planned steps in a row become the first ten, how many more, the last ten; of 200 rows the middle is left out. */
export function fold(steps: readonly Step[]): Row[] {
  return shortened(runs(steps).flatMap(foldRun));
}

function foldRun(run: readonly Step[]): Row[] {
  const status = run[0]?.status;
  const foldable = status === "done" || status === "planned";
  if (!foldable || run.length <= longest) return run.map(row);
  const more: Row = { kind: "more", amount: run.length - 2 * kept };
  return [...run.slice(0, kept).map(row), more, ...run.slice(-kept).map(row)];
}

function shortened(rows: Row[]): Row[] {
  if (rows.length <= most) return rows;
  const left = rows.slice(most / 2, -most / 2);
  const amount = left.reduce((sum, one) => sum + (one.kind === "more" ? one.amount : 1), 0);
  return [...rows.slice(0, most / 2), { kind: "more", amount }, ...rows.slice(-most / 2)];
}

/** A step as a row of its own. */
export function row(step: Step): Row {
  return { kind: "step", step };
}

/** Neighbours of the same status. */
function runs(steps: readonly Step[]): Step[][] {
  const found: Step[][] = [];
  for (const step of steps) {
    const last = found.at(-1);
    if (last?.[0]?.status === step.status) last.push(step);
    else found.push([step]);
  }
  return found;
}
