/** @module `backfill run NAME`: processes the rows from where the last run stopped, and reconciles. */
import type { Backfill } from "../../backfills/backfill.ts";
import { findBackfill } from "../../backfills/find-backfill.ts";
import { finishRun } from "../../backfills/finish-run.ts";
import { outcomesText } from "../../backfills/job-report.ts";
import { lastQuarantined } from "../../backfills/rows-left.ts";
import { runBackfill, type RunRequest, type RunResult } from "../../backfills/run-backfill.ts";
import { runReport } from "../../backfills/run-report.ts";
import { countSource } from "../../backfills/slice.ts";
import type { Database } from "../../database/port.ts";
import { isMarkOfDeadProcess } from "../../files/process.ts";
import { requireReadyIn } from "../../project/backfill-jobs.ts";
import { readBackfills } from "../../project/read-backfills.ts";
import { retype } from "../../project/command-line.ts";
import { requireConfirmation } from "../../project/confirm.ts";
import { costText } from "../../project/cost.ts";
import { openDatabase } from "../../project/open-database.ts";
import { requireUninterrupted } from "../../project/interruption.ts";
import { type Project, withWritingProject } from "../../project/project.ts";
import { uncaughtErrorIn, untilReported } from "../../project/run-program.ts";
import { runnerOf } from "../../project/runner.ts";
import { readBookmark, withWayBack } from "../../project/way-back.ts";
import { queryCommand } from "../../project/wrangler-command.ts";
import type { Body } from "../../report/report-body.ts";
import { command, offer } from "../../report/command.ts";
import type { Report } from "../../report/report.ts";
import { openDryRun } from "./dry-run.ts";
import { type BackfillRunOptions, paceOf, readBackfillRun } from "./run-options.ts";

export type { BackfillRunOptions } from "./run-options.ts";

/**
 * Outcome `changed` (all rows are done), `ok` (nothing was left to do), `problems` (exit 1: the reconciliation found rows),
 * `partial` (exit 4: stopped before the end; what was written stays), `failed` (exit 3).
 */
export async function backfillRun(given: BackfillRunOptions): Promise<Report> {
  return withWritingProject("backfill run", readBackfillRun(given), run);
}

async function run(project: Project<BackfillRunOptions>): Promise<Body> {
  const { settings, options, sleep } = project;
  const backfill = findBackfill(await readBackfills(project), options.name, retype(project));
  const anew = options.anew === true;
  const dryRun = options.dryRun === true ? await openDryRun(project, backfill) : null;
  const database = dryRun?.database ?? (await openDatabase(project, "write"));
  const { d1, target } = database;
  const before = await requireReadyIn(settings, d1, backfill, anew);
  if (dryRun === null) {
    await confirmRun(project, database, backfill);
    requireUninterrupted(project);
  }
  const since = dryRun === null ? null : await lastQuarantined(d1, { before, anew });
  const result = await startRun(project, database, backfill, before);
  const isDead = isMarkOfDeadProcess;
  const finished = await finishRun({ d1, backfill, result, since, sleep, isDead });
  const query = (sql: string): string => queryCommand(sql, target, options);
  const body = runReport({ ...finished, backfill, result, before, anew, dryRun, query });
  return withWayBack(body, project, target, finished.job.progress.bookmark);
}

async function startRun(
  project: Project<BackfillRunOptions>,
  database: Database,
  backfill: Backfill,
  before: RunRequest["before"],
): Promise<RunResult> {
  const { options, settings, now, sleep, stopping, breathe } = project;
  const { d1, target } = database;
  const total = options.onProgress === undefined ? null : await countSource(d1, backfill);
  return runBackfill({
    d1,
    backfill,
    runner: runnerOf(project),
    ...paceOf(options),
    before,
    bookmark: await readBookmark(project, database),
    now,
    sleep,
    stopping,
    breathe: async () => untilReported(breathe),
    uncaught: () => uncaughtErrorIn(settings, backfill),
    onWindow: (progress) => {
      const { rowsRead, rowsWritten, counts } = progress;
      options.onProgress?.(counts.scanned, total, backfill.name, {
        unit: "rows",
        cost: costText(target, { read: rowsRead, written: rowsWritten }, rowsWritten),
        note: outcomesText(progress),
      });
    },
  });
}

async function confirmRun(
  project: Project<BackfillRunOptions>,
  { target }: Database,
  { name }: Backfill,
): Promise<void> {
  await requireConfirmation(project, {
    action: `run the backfill ${name}`,
    target,
    steps: [name],
    preview: offer("To see its progress", command("backfill status", name)),
  });
}
