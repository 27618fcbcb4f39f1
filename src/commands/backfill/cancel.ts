/**
 * `backfill cancel NAME`: stops a run, wherever it is, at its next window. What was done stands.
 * @module
 */
import { changeRate, stop } from "../../backfills/begin.ts";
import { untilKnown } from "../../failure/retry.ts";
import { type Progress, readProgress } from "../../backfills/state.ts";
import type { Database } from "../../database/port.ts";
import { command } from "../../report/command.ts";
import type { Report } from "../../report/report.ts";
import * as kinds from "../../options/kinds.ts";
import { optional } from "../../options/kinds.ts";
import { optionsOf } from "../../options/check-options.ts";
import { RATE } from "./options.ts";
import { countsText, jobOf, stateOf } from "./report.ts";
import { findBackfill, nameBackfills } from "../../project/backfills.ts";
import type { Body } from "../../report/report-body.ts";
import { WRITE, type WriteOptions } from "../../project/options.ts";
import { openDatabase } from "../../project/open.ts";
import { type Project, withProject } from "../../project/project.ts";
import { grouped } from "../../report/grouped.ts";

export interface BackfillCancelOptions extends WriteOptions {
  readonly name: string;
  /** Only stop: the next run goes on where it was. Without it, the next run begins anew. */
  readonly pause?: boolean;
  /** Do not stop: only change how many rows a second it may go through. 0: as fast as it goes. */
  readonly rate?: number;
}

const readOptions = optionsOf<BackfillCancelOptions>("backfillCancel", {
  ...WRITE,
  name: kinds.name,
  pause: optional(kinds.flag),
  rate: optional(RATE),
});

export async function backfillCancel(given: BackfillCancelOptions): Promise<Report> {
  return withProject("backfill cancel", readOptions(given), { place: true }, cancel);
}

async function cancel(project: Project<BackfillCancelOptions>): Promise<Body> {
  const { settings, options, sleep } = project;
  const { name } = findBackfill(nameBackfills(settings, settings.database), options.name);
  const dry = options.dryRun === true;
  const database = await openDatabase(project, dry ? "read" : "write");
  const before = await progressOf(database, name);
  if (before === undefined || before.state === "reconciled" || isOver(before, options)) {
    return {
      outcome: "ok",
      summary: `${name} is ${stateOf(before)}: there is nothing to stop`,
      data: { jobs: [jobOf(name, before)] },
    };
  }
  if (!dry) await untilKnown(sleep, async () => carryOut(database, name, options));
  const after = await progressOf(database, name);
  const missed = !dry && options.rate === undefined && after?.state !== wantedState(options);
  return {
    outcome: dry || missed ? "ok" : "changed",
    summary: missed
      ? `${name} is ${stateOf(after)} by now: it was not stopped`
      : `${name} ${dry ? "would be" : "is"} ${doneText(options)}; ${countsText(after ?? before)} stand`,
    data: { jobs: [jobOf(name, after)] },
    next: missed
      ? []
      : [command(after?.state === "running" ? "backfill status" : "backfill run", name)],
  };
}

async function progressOf({ d1 }: Database, name: string): Promise<Progress | undefined> {
  return (await readProgress(d1)).find((one) => one.name === name);
}

/** All rows were gone through. A rate is kept for later runs all the same. */
function isOver({ state }: Progress, { rate }: BackfillCancelOptions): boolean {
  return state === "scanned" && rate === undefined;
}

function wantedState({ pause }: BackfillCancelOptions): "paused" | "cancelled" {
  return pause === true ? "paused" : "cancelled";
}

function doneText(options: BackfillCancelOptions): string {
  const { rate } = options;
  if (rate === undefined) return wantedState(options);
  return rate === 0 ? "as fast as it goes" : `at ${grouped(rate)} rows a second`;
}

async function carryOut(
  { d1 }: Database,
  name: string,
  options: BackfillCancelOptions,
): Promise<void> {
  const { rate } = options;
  if (rate === undefined) await stop(d1, name, wantedState(options));
  else await changeRate(d1, name, rate === 0 ? null : rate);
}
