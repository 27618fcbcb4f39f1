/** @module `backfill run NAME`: processes the rows from where the last run stopped, and reconciles. */
import { resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { Backfill } from "../../backfills/backfill.ts";
import { type Progress, readProgressOf } from "../../backfills/backfill-state.ts";
import { findBackfill } from "../../backfills/find-backfill.ts";
import { jobOf, outcomesText } from "../../backfills/job-report.ts";
import { lastQuarantined, quarantinedSince, reconcile } from "../../backfills/rows-left.ts";
import { runBackfill, type RunResult } from "../../backfills/run-backfill.ts";
import { runReport } from "../../backfills/run-report.ts";
import { countSource } from "../../backfills/slice.ts";
import type { Database } from "../../database/port.ts";
import { untilKnown } from "../../failure/retry.ts";
import { isMarkOfDeadProcess } from "../../files/process.ts";
import { readBackfills } from "../../project/read-backfills.ts";
import { retype } from "../../project/command-line.ts";
import { requireConfirmation } from "../../project/confirm.ts";
import { costText } from "../../project/cost.ts";
import { openDatabase } from "../../project/open-database.ts";
import { type Project, withWritingProject } from "../../project/project.ts";
import { uncaughtErrorIn } from "../../project/run-program.ts";
import { runnerOf } from "../../project/runner.ts";
import { readBookmark, withWayBack } from "../../project/way-back.ts";
import { queryCommand } from "../../project/wrangler-command.ts";
import type { Body } from "../../report/report-body.ts";
import { command, offer } from "../../report/command.ts";
import type { Report } from "../../report/report.ts";
import { requireReadyIn, openDryRun } from "./dry-run.ts";
import { type BackfillRunOptions, largestWindow, readBackfillRun } from "./run-options.ts";

export type { BackfillRunOptions } from "./run-options.ts";

/**
 * Outcome `changed` (all rows are done), `ok` (nothing was left to do), `problems` (exit 1: the reconciliation found rows),
 * `partial` (exit 4: stopped before the end; what was written stays), `failed` (exit 3).
 */
export async function backfillRun(given: BackfillRunOptions): Promise<Report> {
  return withWritingProject("backfill run", readBackfillRun(given), run);
}

async function run(project: Project<BackfillRunOptions>): Promise<Body> {
  const { options, sleep } = project;
  const backfill = findBackfill(await readBackfills(project), options.name, retype(project));
  const { name } = backfill;
  const anew = options.anew === true;
  const dryRun = options.dryRun === true ? await openDryRun(project, backfill) : null;
  const database = dryRun?.database ?? (await openDatabase(project, "write"));
  const { d1, target } = database;
  const before = await requireReadyIn(project, d1, backfill);
  if (dryRun === null) await confirmRun(project, database, backfill);
  // A run that begins with the first row empties the quarantine of this backfill, so its row ids start again.
  const fromStart = anew || before?.state === "cancelled";
  const last = dryRun === null || fromStart ? 0 : await lastQuarantined(d1);
  const result = await startRun(project, database, backfill, before);
  const scanned = result.ending.kind === "scanned";
  const left = scanned ? await untilKnown(sleep, async () => reconcile(d1, backfill)) : null;
  const progress = (await readProgressOf(d1, name)) ?? result.progress;
  const body = runReport({
    backfill,
    result,
    job: { ...jobOf(name, progress, isMarkOfDeadProcess), progress },
    before,
    anew,
    left,
    dryRun:
      dryRun === null ? null : { ...dryRun, quarantined: await quarantinedSince(d1, name, last) },
    query: (sql) => queryCommand(sql, target, options),
  });
  return withWayBack(body, project, target, progress.bookmark);
}

async function startRun(
  project: Project<BackfillRunOptions>,
  database: Database,
  backfill: Backfill,
  before: Progress | undefined,
): Promise<RunResult> {
  const { options, settings, now, sleep, stopping } = project;
  const { d1, target } = database;
  const total = options.onProgress === undefined ? null : await countSource(d1, backfill);
  // A copy needs no pauses. It may contain a rate that was set for the database.
  const onCopy = options.dryRun === true;
  return runBackfill({
    d1,
    backfill,
    runner: runnerOf(project),
    anew: options.anew === true,
    before,
    windowRows: options.window ?? 500,
    windowGiven: options.window !== undefined,
    limits: { targetMs: options.targetMs ?? 200, maxRows: largestWindow(options) },
    pauseMs: onCopy ? 0 : (options.pauseMs ?? 0),
    bookmark: await readBookmark(project, database),
    rate: onCopy ? 0 : (options.rate ?? null),
    maxRowsWritten: options.maxRowsWritten ?? null,
    budget: options.budget ?? null,
    maxQuarantined: options.maxQuarantined ?? null,
    now,
    sleep,
    stopping,
    uncaught: () => uncaughtErrorIn(resolve(settings.projectPath, backfill.file)),
    onWindow: (progress) => {
      const { rowsRead, rowsWritten, counts } = progress;
      options.onProgress?.(counts.scanned, total, backfill.name, {
        unit: "rows",
        cost: costText(target, { read: rowsRead, written: rowsWritten }, rowsWritten),
        note: outcomesText(progress),
      });
    },
    breathe: async () => setImmediate(),
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
