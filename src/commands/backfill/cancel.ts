/** @module `backfill cancel NAME`: stops a run at its next window, on whichever machine it runs, or changes its rate. What was written stays. */
import { changeRate, stop } from "../../backfills/begin.ts";
import { type Progress, readProgressOf } from "../../backfills/backfill-state.ts";
import { findBackfill } from "../../backfills/find-backfill.ts";
import { countsText, type Job, jobData, jobOf } from "../../backfills/job-report.ts";
import type { D1Database } from "../../database/port.ts";
import { untilKnown } from "../../failure/retry.ts";
import { isMarkOfDeadProcess } from "../../files/process.ts";
import { retype } from "../../project/command-line.ts";
import * as kinds from "../../options/kinds.ts";
import { optionsOf } from "../../options/check-options.ts";
import { listBackfills } from "../../project/read-backfills.ts";
import { openDatabase } from "../../project/open-database.ts";
import { WRITE, type WriteOptions } from "../../project/project-options.ts";
import { type Project, withWritingProject } from "../../project/project.ts";
import type { Body } from "../../report/report-body.ts";
import { command } from "../../report/command.ts";
import { grouped } from "../../report/wording.ts";
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
    return {
      outcome: "ok",
      summary: `${name} is ${before.state}: there is nothing to stop`,
      data: { jobs: [jobData(before)] },
    };
  }
  if (!dry) await untilKnown(sleep, async () => stopOrChangeRate(d1, name, options));
  const after = await readJob(d1, name);
  const state = after.progress?.state;
  const late = !dry && options.rate === undefined && state !== wantedState(options);
  const data = { jobs: [jobData(after)] };
  if (late) {
    const summary = `${name} is ${after.state}: it finished before d1ops could stop it`;
    return { outcome: "ok", summary, data, next: [] };
  }
  const written = countsText(after.progress ?? before.progress);
  const rest =
    options.rate === undefined
      ? `; ${written} are kept`
      : `. So far: ${written.replace(/: (.*)/, " ($1)")}`;
  return {
    outcome: dry ? "ok" : "changed",
    summary: `${name} ${dry ? "would be" : "is"} ${resultText(options)}${rest}`,
    data,
    next: [command(state === "running" ? "backfill status" : "backfill run", name)],
  };
}

async function readJob(d1: D1Database, name: string): Promise<Job> {
  return jobOf(name, await readProgressOf(d1, name), isMarkOfDeadProcess);
}

/** A rate is kept for later runs too, so it can also be set after all rows were processed. */
function isFinished({ state }: Progress, { rate }: BackfillCancelOptions): boolean {
  return state === "reconciled" || (state === "scanned" && rate === undefined);
}

function wantedState({ pause }: BackfillCancelOptions): "paused" | "cancelled" {
  return pause === true ? "paused" : "cancelled";
}

function resultText(options: BackfillCancelOptions): string {
  const { rate } = options;
  if (rate === undefined) return wantedState(options);
  return rate === 0 ? "without a rate limit" : `limited to ${grouped(rate)} rows a second`;
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
