/**
 * Starts the run of a backfill, and reports its progress.
 * @module
 */
import { resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { Backfill } from "../../backfills/backfill.ts";
import type { Progress } from "../../backfills/backfill-state.ts";
import { outcomesText } from "../../backfills/job-report.ts";
import { runBackfill, type RunResult } from "../../backfills/run-backfill.ts";
import { countSource } from "../../backfills/slice.ts";
import type { Database } from "../../database/port.ts";
import { costText } from "../../project/cost.ts";
import type { Project } from "../../project/project.ts";
import { uncaughtErrorIn } from "../../project/run-program.ts";
import { runnerOf } from "../../project/runner.ts";
import { readBookmark } from "../../project/way-back.ts";
import { type BackfillRunOptions, largestWindow } from "./run-options.ts";

export async function startRun(
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
