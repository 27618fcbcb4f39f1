/** @module The report of `backfill run`. */
import { type Body, step } from "../report/report-body.ts";
import { grouped } from "../report/wording.ts";
import type { Check, Finding, Json } from "../report/report.ts";
import type { Backfill } from "./backfill.ts";
import { foundNothing, type Progress, quarantinedRows } from "./backfill-state.ts";
import { countsText, type Job, jobData, jobStep } from "./job-report.ts";
import { originalText } from "./original-row.ts";
import type { Quarantined, Reconciliation } from "./rows-left.ts";
import {
  continueCommand,
  endingFinding,
  leftOverFinding,
  quarantineFinding,
  reconciliationCheck,
  wouldQuarantine,
} from "./run-findings.ts";
import type { RunResult } from "./run-request.ts";

export interface DryRunReport {
  /** `a copy that was discarded` */
  readonly where: string;
  readonly findings: readonly Finding[];
  readonly checks: readonly Check[];
}

export interface FinishedRun {
  readonly backfill: Backfill;
  readonly result: RunResult;
  readonly job: Job & { readonly progress: Progress };
  /** Before the run; undefined if the backfill had never run. */
  readonly before: Progress | undefined;
  readonly anew: boolean;
  /** Null if the run did not reach the end. */
  readonly left: Reconciliation | null;
  readonly dryRun: DryRunReport | null;
  /** The rows that a dry run has quarantined in its copy. Null unless it was a dry run. */
  readonly quarantined: Quarantined | null;
  /** Makes the command that runs an SQL query. */
  readonly query: (sql: string) => string;
}

export function runReport(run: FinishedRun): Body {
  const { backfill, result, job, left, before, dryRun } = run;
  const { name } = backfill;
  const { windows, startedAt } = job.progress;
  // A run that begins with the first row counts its windows from zero.
  const worked = windows !== (before?.startedAt === startedAt ? before.windows : 0);
  const idle = isIdle(run);
  const body = {
    steps: [idle ? step(name, "done", `${job.state}, ${NOTHING_LEFT}`) : jobStep(job)],
    findings: findingsOf(run),
    checks: [...(dryRun?.checks ?? []), ...(left === null ? [] : [reconciliationCheck(left)])],
    data: dataOf(run),
  };
  const text = `${name}: ${idle ? NOTHING_LEFT : countsText(job.progress)}`;
  const summary = dryRun === null ? text : `On ${dryRun.where}: ${text}`;
  const { kind } = result.ending;
  if (kind !== "scanned") {
    const failed = kind === "failed" || kind === "error";
    const unchanged = failed && !(worked && windows > 0);
    const finished = job.state === "reconciled" && !worked;
    const where = finished ? "the first window, and still reconciled" : "the end";
    return {
      ...body,
      outcome: unchanged ? "failed" : "partial",
      exitCode: kind === "interrupted" ? 130 : unchanged ? 3 : 4,
      summary: `Stopped before ${where}; ${dryRun === null ? text : `on ${dryRun.where}: ${text}`}`,
      // After a dry run there is nothing to continue.
      next: dryRun === null ? [continueCommand(job.progress, result.ending)] : [],
    };
  }
  if (left?.outcome === "left over") {
    return {
      ...body,
      outcome: "problems",
      summary: `${summary}; ${grouped(left.count)} left over`,
    };
  }
  return { ...body, outcome: worked && !idle ? "changed" : "ok", summary };
}

const NOTHING_LEFT = "nothing was left to do";

/** True if an earlier run had processed all rows and this one found no other. The counts are then those of the earlier run. */
function isIdle({ result, job, before, anew }: FinishedRun): boolean {
  return result.ending.kind === "scanned" && !anew && foundNothing(before, job.progress);
}

function dataOf({ result, job, left, dryRun, quarantined }: FinishedRun): {
  readonly [key: string]: Json;
} {
  const { rowsRead, rowsWritten } = result;
  return {
    jobs: [jobData(job)],
    run: { rowsRead, rowsWritten, dryRun: dryRun !== null },
    leftOver:
      left?.outcome === "left over" ? left.sample.map((row) => originalText(row) ?? "{}") : [],
    ...(quarantined !== null && { quarantined: { ...quarantined } }),
  };
}

function findingsOf(run: FinishedRun): Finding[] {
  const { backfill, result, job, left, dryRun, quarantined, query } = run;
  const ending = endingFinding(backfill, result, dryRun !== null);
  const { counts } = job.progress;
  const hasQuarantine = dryRun === null && quarantinedRows(counts) > 0;
  return [
    ...(dryRun?.findings ?? []),
    ...(ending === null ? [] : [ending]),
    ...(hasQuarantine ? [quarantineFinding(backfill, counts, query)] : []),
    ...(quarantined === null || quarantined.count === 0
      ? []
      : [wouldQuarantine(backfill, quarantined)]),
    ...(left?.outcome === "left over" ? [leftOverFinding(backfill, left)] : []),
  ];
}
