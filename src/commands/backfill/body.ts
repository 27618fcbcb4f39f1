/**
 * What the report of `backfill run` says.
 * @module
 */
import type { Backfill } from "../../backfills/backfill.ts";
import { originalText } from "../../backfills/original.ts";
import type { Quarantined } from "../../backfills/quarantined.ts";
import type { Reconciliation } from "../../backfills/reconcile.ts";
import type { RunResult } from "../../backfills/run.ts";
import type { Progress } from "../../backfills/state.ts";
import { command } from "../../report/command.ts";
import type { Finding, Step, Target } from "../../report/report.ts";
import {
  leftOverFinding,
  quarantineFinding,
  reconciliationCheck,
  wouldQuarantine,
} from "./findings.ts";
import type { BackfillRunOptions } from "./options.ts";
import { countsText, endingFinding, jobOf, stepOf } from "./report.ts";
import type { Trial } from "./trial.ts";
import type { Body } from "../../report/report-body.ts";
import { queryCommand } from "../../project/wrangler-command.ts";
import { grouped } from "../../report/grouped.ts";

export interface RunStory {
  readonly backfill: Backfill;
  readonly result: RunResult;
  /** As it is now, and as it was; undefined: it had not been run. */
  readonly progress: Progress;
  readonly before: Progress | undefined;
  /** Null: not asked. */
  readonly left: Reconciliation | null;
  /** Null: it was no dry run. */
  readonly trial: Trial | null;
  /** What a dry run would put there; null otherwise. */
  readonly quarantined: Quarantined | null;
  readonly target: Target;
  readonly options: BackfillRunOptions;
}

export function bodyOf(story: RunStory): Body {
  const { backfill, result, progress, left, before, trial, quarantined } = story;
  const worked = progress.windows !== (before?.windows ?? 0);
  const idle = isIdle(story);
  const rest = {
    steps: [idle ? idleStep(backfill, progress) : stepOf(backfill, progress)],
    findings: findingsOf(story),
    checks: [...(trial?.checks ?? []), ...(left === null ? [] : [reconciliationCheck(left)])],
    data: {
      jobs: [jobOf(backfill.name, progress)],
      run: {
        rowsRead: result.rowsRead,
        rowsWritten: result.rowsWritten,
        dryRun: trial !== null,
      },
      leftOver:
        left?.outcome === "left over" ? left.sample.map((row) => originalText(row) ?? "{}") : [],
      ...(quarantined !== null && {
        quarantined: {
          count: quarantined.count,
          rows: quarantined.rows.map((row) => ({ ...row })),
        },
      }),
    },
  };
  const said = `${trial?.where ?? ""}${backfill.name}: ${idle ? NOTHING_LEFT : countsText(progress)}`;
  if (result.ending.kind !== "scanned") {
    const failed = result.ending.kind === "failed" || result.ending.kind === "error";
    const stands = worked && progress.windows > 0;
    // Of a trial there is nothing to go on with; a file that was corrected begins at the start.
    const anew = result.ending.kind === "failed" ? ["--anew"] : [];
    return {
      ...rest,
      outcome: failed && !stands ? "failed" : "partial",
      exitCode: result.ending.kind === "interrupted" ? 130 : failed && !stands ? 3 : 4,
      summary: `Stopped on its way; ${said}`,
      next: trial === null ? [command("backfill run", backfill.name, ...anew)] : [],
    };
  }
  if (left?.outcome === "left over") {
    const summary = `${said}; ${grouped(left.count)} left over`;
    return { ...rest, outcome: "problems", summary };
  }
  return { ...rest, outcome: worked && !idle ? "changed" : "ok", summary: said };
}

const NOTHING_LEFT = "nothing was left to do";

/** It had gone through all rows before, and met none now. What it counted then is not this run's. */
function isIdle({ result, progress, before, options }: RunStory): boolean {
  if (before === undefined || options.anew === true || result.ending.kind !== "scanned")
    return false;
  const atEnd = before.state === "reconciled" || before.state === "scanned";
  return atEnd && before.counts.scanned === progress.counts.scanned;
}

function idleStep(backfill: Backfill, progress: Progress): Step {
  const step = stepOf(backfill, progress);
  const earlier = { durationMs: null, rowsRead: null, rowsWritten: null };
  return { ...step, ...earlier, note: `${progress.state}, ${NOTHING_LEFT}` };
}

function findingsOf(story: RunStory): Finding[] {
  const { backfill, result, progress, left, trial, quarantined, target, options } = story;
  const query = (sql: string): string => queryCommand(sql, target, options);
  const ending = endingFinding(backfill, result.ending, trial !== null);
  const { conflict, invalid } = progress.counts;
  const put = conflict + invalid > 0 && trial === null;
  return [
    ...(trial?.findings ?? []),
    ...(ending === null ? [] : [ending]),
    ...(put ? [quarantineFinding(backfill, conflict, invalid, query)] : []),
    ...(quarantined === null || quarantined.count === 0
      ? []
      : [wouldQuarantine(backfill, quarantined)]),
    ...(left?.outcome === "left over" ? [leftOverFinding(backfill, left.count)] : []),
  ];
}
