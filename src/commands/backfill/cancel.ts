/** @module `backfill cancel NAME`: stops a run at its next window, on whichever machine it runs, or changes its rate. What was written stays. */
import { changeRate, stop } from "../../backfills/begin.ts";
import {
  cancelBody,
  isFinished,
  nothingToStop,
  wantedState,
} from "../../backfills/cancel-report.ts";
import { readProgressOf } from "../../backfills/backfill-state.ts";
import { findBackfill } from "../../backfills/find-backfill.ts";
import { type Job, jobOf } from "../../backfills/job-report.ts";
import type { D1Database } from "../../database/port.ts";
import { untilKnown } from "../../failure/retry.ts";
import { isMarkOfDeadProcess } from "../../files/process.ts";
import { retype } from "../../project/command-line.ts";
import * as kinds from "../../options/kinds.ts";
import { optionsOf } from "../../options/check-options.ts";
import { listBackfills } from "../../project/read-backfills.ts";
import { openDatabase } from "../../project/open-database.ts";
import { WRITE, type WriteOptions } from "../../project/project-options.ts";
import { requireUninterrupted } from "../../project/interruption.ts";
import { type Project, withWritingProject } from "../../project/project.ts";
import type { Body } from "../../report/report-body.ts";
import type { Report } from "../../report/report.ts";
import { RATE } from "./run-options.ts";

export interface BackfillCancelOptions extends WriteOptions {
  readonly name: string;
  /** Pause: the next run continues where this one stopped. Without it, the next run begins with the first row. */
  readonly pause?: boolean;
  /** Do not stop the run, but change its rate: rows per second, at most. 0: no limit. */
  readonly rate?: number;
}

const readOptions = optionsOf<BackfillCancelOptions>("backfillCancel", {
  ...WRITE,
  name: kinds.name,
  pause: kinds.optional(kinds.flag),
  rate: kinds.optional(RATE),
});

export async function backfillCancel(given: BackfillCancelOptions): Promise<Report> {
  return withWritingProject("backfill cancel", readOptions(given), cancel);
}

async function cancel(project: Project<BackfillCancelOptions>): Promise<Body> {
  const { settings, options, sleep } = project;
  const named = listBackfills(settings, settings.database);
  const { name } = findBackfill(named, options.name, retype(project));
  const dry = options.dryRun === true;
  const { d1 } = await openDatabase(project, dry ? "read" : "write");
  const before = await readJob(d1, name);
  if (before.progress === undefined || isFinished(before.progress, options)) {
    return nothingToStop(before);
  }
  requireUninterrupted(project);
  if (!dry) await untilKnown(sleep, async () => stopOrChangeRate(d1, name, options));
  return cancelBody(await readJob(d1, name), before.progress, options);
}

async function readJob(d1: D1Database, name: string): Promise<Job> {
  return jobOf(name, await readProgressOf(d1, name), isMarkOfDeadProcess);
}

async function stopOrChangeRate(
  d1: D1Database,
  name: string,
  options: BackfillCancelOptions,
): Promise<void> {
  const { rate } = options;
  if (rate === undefined) await stop(d1, name, wantedState(options));
  else await changeRate(d1, name, rate === 0 ? null : rate);
}
