/**
 * `backfill cancel NAME`: stops a run, wherever it is, at its next window. What was done stands.
 * @module
 */
import { changeRate, stop } from "../backfills/begin.ts";
import { readProgress } from "../backfills/state.ts";
import type { Report } from "../report/report.ts";
import { commandLine } from "./again.ts";
import { countsText, jobOf, stateOf } from "./backfill-report.ts";
import { findBackfill, readBackfills } from "./backfills.ts";
import { report, start } from "./envelope.ts";
import type { WriteOptions } from "./options.ts";
import { demandEnvironment, demandPlace, findProject, openDatabase } from "./project.ts";

export interface BackfillCancelOptions extends WriteOptions {
  readonly name: string;
  /** Only stop: the next run goes on where it was. Without it, the next run begins anew. */
  readonly pause?: boolean;
  /** Do not stop: only change how many rows a second it may go through. 0: as fast as it goes. */
  readonly rate?: number;
}

export async function backfillCancel(options: BackfillCancelOptions): Promise<Report> {
  const started = start();
  demandPlace("backfill cancel", options);
  const project = await findProject(options);
  const { settings } = project;
  demandEnvironment("backfill cancel", options, settings);
  const { name } = findBackfill(await readBackfills(settings, settings.database), options.name);
  const dry = options.dryRun === true;
  const database = await openDatabase(project, dry ? "read" : "write", options);
  try {
    const before = (await readProgress(database.d1)).find((one) => one.name === name);
    if (before === undefined || before.state === "reconciled") {
      return report("backfill cancel", database.target, started, {
        outcome: "ok",
        summary: `${name} is ${stateOf(before)}: there is nothing to stop`,
        data: { jobs: [jobOf(name, before)] },
      });
    }
    const { rate } = options;
    if (!dry && rate !== undefined) await changeRate(database.d1, name, rate === 0 ? null : rate);
    else if (!dry) await stop(database.d1, name, options.pause === true ? "paused" : "cancelled");
    const after = (await readProgress(database.d1)).find((one) => one.name === name);
    const done =
      rate === undefined
        ? options.pause === true
          ? "paused"
          : "cancelled"
        : `at ${rate} rows a second`;
    return report("backfill cancel", database.target, started, {
      outcome: dry ? "ok" : "changed",
      summary: `${name} ${dry ? "would be" : "is"} ${done}; ${countsText(before)} stand`,
      data: { jobs: [jobOf(name, after)] },
      next: [commandLine(`backfill run ${name}`, options)],
    });
  } finally {
    database.close();
  }
}
