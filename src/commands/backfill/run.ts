/**
 * `backfill run NAME`: goes through the rows from where it was left, and says what became of each.
 * @module
 */
import { resolve } from "node:path";
import type { Backfill } from "../../backfills/backfill.ts";
import { readProgress } from "../../backfills/state.ts";
import { reconcile } from "../../backfills/reconcile.ts";
import { untilKnown } from "../../failure/retry.ts";
import { lastQuarantined, quarantinedSince } from "../../backfills/quarantined.ts";
import { type RunResult, runBackfill } from "../../backfills/run.ts";
import type { Database } from "../../database/port.ts";
import { readAuthor } from "../../files/author.ts";
import { isMarkOfDeadProcess, withMark } from "../../files/process.ts";
import { command, offer } from "../../report/command.ts";
import { OpsError } from "../../report/error.ts";
import { quoteIdentifier } from "../../sql/quote.ts";
import type { Report } from "../../report/report.ts";
import { bodyOf } from "./body.ts";
import { outcomesText } from "./report.ts";
import { demandReady } from "./ready.ts";
import { type BackfillRunOptions, largestWindow, readBackfillRun } from "./options.ts";
import { openTrial } from "./trial.ts";
import { findBackfill, readBackfills } from "../../project/backfills.ts";
import { readBookmark } from "../../project/bookmark.ts";
import { demandConfirmation } from "../../project/confirm.ts";
import { costText } from "../../project/cost.ts";
import type { Body } from "../../report/report-body.ts";
import { strayIn } from "../../project/program.ts";
import { openDatabase } from "../../project/open.ts";
import { type Project, withProject } from "../../project/project.ts";
import { withWayBack } from "../../project/way-back.ts";

export type { BackfillRunOptions } from "./options.ts";

/**
 * Outcome `changed` (all is done), `ok` (nothing was left), `problems` (exit 1: the reconciliation found something),
 * `partial` (exit 4: stopped on its way; what was done stands), `failed` (exit 3).
 */
export async function backfillRun(given: BackfillRunOptions): Promise<Report> {
  return withProject("backfill run", readBackfillRun(given), { place: true }, run);
}

async function run(project: Project<BackfillRunOptions>): Promise<Body> {
  const { options } = project;
  const backfill = findBackfill(await readBackfills(project), options.name);
  const trial = options.dryRun === true ? await openTrial(project, backfill) : null;
  const database = trial?.database ?? (await openDatabase(project, "write"));
  const before = await demandReady(project, database.d1, backfill);
  if (trial === null) await confirmRun(project, database, backfill);
  const total = await rowsAtMost(database, backfill);
  // What begins at the start empties its part of the quarantine, so that its numbers begin anew, too.
  const fromStart = options.anew === true || before?.state === "cancelled";
  const kept = trial === null || fromStart ? 0 : await lastQuarantined(database.d1);
  const result = await carryOut(project, database, backfill, total);
  const left =
    result.ending.kind === "scanned"
      ? await untilKnown(project.sleep, async () => reconcile(database.d1, backfill))
      : null;
  const progress = (await readProgress(database.d1)).find(({ name }) => name === backfill.name);
  const last = progress ?? result.progress;
  const quarantined =
    trial === null ? null : await quarantinedSince(database.d1, backfill.name, kept);
  const body = bodyOf({
    backfill,
    result,
    progress: last,
    left,
    before,
    trial,
    quarantined,
    target: database.target,
    options,
  });
  return withWayBack(body, project, database.target, last.bookmark);
}

async function confirmRun(
  project: Project<BackfillRunOptions>,
  { target }: Database,
  { name }: Backfill,
): Promise<void> {
  await demandConfirmation(project, {
    action: `run the backfill ${name}`,
    target,
    account: null,
    steps: [name],
    destructive: [],
    look: offer("To see how far it is", command("backfill status", name)),
  });
}

/** For the percentage only: a table's count is an index away, a query's may cost as much as the backfill. */
async function rowsAtMost({ d1 }: Database, { source }: Backfill): Promise<number | null> {
  if (/\s/.test(source)) return null;
  try {
    return await d1
      .prepare(`SELECT count(*) AS n FROM ${quoteIdentifier(source)}`)
      .first<number>("n");
  } catch (error) {
    // What is wrong with the source is said by the run.
    if (error instanceof OpsError) throw error;
    return null;
  }
}

async function carryOut(
  project: Project<BackfillRunOptions>,
  database: Database,
  backfill: Backfill,
  total: number | null,
): Promise<RunResult> {
  const { options, settings, clock } = project;
  // Nobody waits for a copy, and it may have kept a rate of the database.
  const onCopy = options.dryRun === true;
  const { appliedBy } = readAuthor(settings.projectPath);
  return runBackfill({
    d1: database.d1,
    backfill,
    runner: {
      holder: `${appliedBy ?? "unknown"} (process ${process.pid})`,
      token: withMark(crypto.randomUUID()),
      isDead: isMarkOfDeadProcess,
    },
    anew: options.anew === true,
    windowRows: options.window ?? 500,
    limits: {
      targetMs: options.targetMs ?? 200,
      maxRows: largestWindow(options),
    },
    pauseMs: onCopy ? 0 : (options.pauseMs ?? 0),
    bookmark: await readBookmark(project, database),
    rate: onCopy ? 0 : (options.rate ?? null),
    maxRowsWritten: options.maxRowsWritten ?? null,
    budget: options.budget ?? null,
    maxQuarantined: options.maxQuarantined ?? null,
    now: () => clock.now(),
    sleep: project.sleep,
    stopping: project.stopping,
    stray: () => strayIn(resolve(settings.projectPath, backfill.file)),
    onWindow: (progress) => {
      const { rowsRead, rowsWritten } = progress;
      options.onProgress?.(progress.counts.scanned, total, backfill.name, {
        unit: "rows",
        cost: costText(database.target, { read: rowsRead, written: rowsWritten }, rowsWritten),
        note: outcomesText(progress),
      });
    },
    breathe: async () => new Promise((resume) => setImmediate(resume)),
  });
}
