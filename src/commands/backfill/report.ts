/**
 * What reports say of backfills.
 * @module
 */
import { count as counted } from "../../report/wording.ts";
import type { Backfill } from "../../backfills/backfill.ts";
import { SILENCE_MS } from "../../backfills/begin.ts";
import type { Ending } from "../../backfills/run.ts";
import type { Progress } from "../../backfills/state.ts";
import { isMarkOfDeadProcess } from "../../files/process.ts";
import type { Finding, Json, Step } from "../../report/report.ts";
import { grouped } from "../../report/grouped.ts";

/** `silent`: it is written as running, and its process is gone, or was not heard of for a minute. */
export function stateOf(progress: Progress | undefined): string {
  if (progress === undefined) return "not begun";
  if (progress.state !== "running") return progress.state;
  return progress.silentMs > SILENCE_MS || isMarkOfDeadProcess(progress.token)
    ? "silent"
    : "running";
}

export function jobOf(
  name: string,
  progress: Progress | undefined,
): { readonly [key: string]: Json } {
  const counts = progress?.counts;
  return {
    name,
    state: stateOf(progress),
    scanned: counts?.scanned ?? 0,
    changed: counts?.changed ?? 0,
    already: counts?.already ?? 0,
    skipped: counts?.skipped ?? 0,
    conflict: counts?.conflict ?? 0,
    invalid: counts?.invalid ?? 0,
    quarantined: (counts?.conflict ?? 0) + (counts?.invalid ?? 0),
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

export function stepOf(backfill: Pick<Backfill, "name">, progress: Progress | undefined): Step {
  const state = stateOf(progress);
  const counts = progress === undefined ? "" : `, ${countsText(progress)}`;
  return {
    name: backfill.name,
    status: STATUS[state] ?? "planned",
    durationMs:
      progress === undefined
        ? null
        : Date.parse(progress.updatedAt) - Date.parse(progress.startedAt),
    rowsRead: progress?.rowsRead ?? null,
    rowsWritten: progress?.rowsWritten ?? null,
    note: `${state}${counts}`,
  };
}

/** `120 rows: 90 changed, 2 invalid`, `1 row: 1 changed` */
export function countsText({ counts }: Pick<Progress, "counts">): string {
  const { scanned } = counts;
  const outcomes = outcomesText({ counts });
  const rows = counted(scanned, "row");
  return `${rows}${outcomes === "" ? "" : `: ${outcomes}`}`;
}

/** `90 changed, 2 invalid`; empty where there is none yet. */
export function outcomesText({ counts }: Pick<Progress, "counts">): string {
  const { scanned: _, ...outcomes } = counts;
  const told = Object.entries(outcomes).filter(([, count]) => count > 0);
  return told.map(([outcome, count]) => `${grouped(count)} ${outcome}`).join(", ");
}

/** Why a run has ended before its end; null where it has not. Of one that was `dry` nothing stands. */
export function endingFinding(backfill: Backfill, ending: Ending, dry: boolean): Finding | null {
  const base = { file: backfill.file };
  const stands = dry ? "d1ops kept none of it" : "what was written stays";
  switch (ending.kind) {
    case "scanned":
      return null;
    case "interrupted":
      return {
        ...base,
        rule: "interrupted",
        level: "info",
        message: `${backfill.name} was interrupted; ${dry ? stands : "its last window was written"}.`,
      };
    case "limit":
      return {
        ...base,
        rule: "limit-reached",
        level: "warning",
        message: `${backfill.name} has reached --${ending.limit}; ${stands}.`,
        ...(!dry && { help: goOnHelp(ending.limit) }),
      };
    case "stopped":
      return {
        ...base,
        rule: "stopped",
        level: "warning",
        message: `${backfill.name} was stopped from elsewhere: ${ending.how}. What was written stays.`,
      };
    case "failed":
      return {
        ...base,
        rule: "statement-failed",
        level: "error",
        message: `${backfill.name}: ${ending.message}`,
        help: "No single row is at fault, so d1ops rolled this window back. Fix the file and begin again with --anew. Rows that were changed before should then be `already`.",
      };
    case "error":
      return {
        ...base,
        rule: ending.error.code,
        level: "error",
        message: `${backfill.name}: ${ending.error.message}`,
        help: ending.error.hint,
      };
  }
}

function goOnHelp(limit: "max-rows-written" | "budget" | "max-quarantined"): string {
  return limit === "max-quarantined"
    ? "Look at the quarantine, then run it again to go on."
    : "Run it again to go on.";
}
