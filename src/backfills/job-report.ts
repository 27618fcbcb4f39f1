/** @module How reports show one backfill: its state, its counts, its step. */
import type { Json, Step } from "../report/report.ts";
import { step } from "../report/report-body.ts";
import { count, grouped } from "../report/wording.ts";
import { type Progress, quarantinedRows } from "./backfill-state.ts";
import { SILENCE_MS } from "./begin.ts";

/** A backfill as a report shows it. `progress` is undefined if it has never run. */
export interface Job {
  readonly name: string;
  readonly progress: Progress | undefined;
  /** One of the states of `d1ops_backfills`, `not begun`, or `silent`: recorded as running, but its run gives no sign of life. */
  readonly state: string;
}

/** `isDead` tells whether the process with this token has ended. */
export function jobOf(
  name: string,
  progress: Progress | undefined,
  isDead: (token: string) => boolean,
): Job {
  if (progress === undefined) return { name, progress, state: "not begun" };
  const { state, silentMs, token } = progress;
  const silent = state === "running" && (silentMs > SILENCE_MS || isDead(token));
  return { name, progress, state: silent ? "silent" : state };
}

const NO_COUNTS = { scanned: 0, changed: 0, already: 0, conflict: 0, invalid: 0, skipped: 0 };

/** An entry of `data.jobs`. */
export function jobData({ name, progress, state }: Job): { readonly [key: string]: Json } {
  const counts = progress?.counts ?? NO_COUNTS;
  return {
    name,
    state,
    ...counts,
    quarantined: quarantinedRows(counts),
    cursor: progress?.cursor ?? [],
    windows: progress?.windows ?? 0,
    rowsRead: progress?.rowsRead ?? 0,
    rowsWritten: progress?.rowsWritten ?? 0,
    holder: progress?.holder ?? null,
    startedAt: progress?.startedAt ?? null,
    updatedAt: progress?.updatedAt ?? null,
    reconciledAt: progress?.reconciledAt ?? null,
    rate: progress?.rate ?? null,
    bookmark: progress?.bookmark ?? null,
  };
}

const STATUS: Readonly<Record<string, Step["status"]>> = {
  reconciled: "done",
  scanned: "done",
  cancelled: "skipped",
};

export function jobStep({ name, progress, state }: Job): Step {
  const status = STATUS[state] ?? "planned";
  if (progress === undefined) return step(name, status, state);
  const { startedAt, updatedAt, rowsRead, rowsWritten } = progress;
  const durationMs = Date.parse(updatedAt) - Date.parse(startedAt);
  const note = `${state}, ${countsText(progress)}`;
  return { name, status, durationMs, rowsRead, rowsWritten, note };
}

/** `120 rows: 90 changed, 2 invalid`, `1 row: 1 changed` */
export function countsText({ counts }: Pick<Progress, "counts">): string {
  const outcomes = outcomesText({ counts });
  const rows = count(counts.scanned, "row");
  return `${rows}${outcomes === "" ? "" : `: ${outcomes}`}`;
}

/** `90 changed, 2 invalid`; empty before the first row. */
export function outcomesText({ counts }: Pick<Progress, "counts">): string {
  const { scanned: _, ...outcomes } = counts;
  return Object.entries(outcomes)
    .filter(([, rows]) => rows > 0)
    .map(([outcome, rows]) => `${grouped(rows)} ${outcome}`)
    .join(", ");
}
