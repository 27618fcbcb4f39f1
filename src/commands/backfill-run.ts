/**
 * `backfill run NAME`: goes through the rows from where it was left, and says what became of each.
 * @module
 */
import type { Backfill } from "../backfills/backfill.ts";
import type { Progress } from "../backfills/state.ts";
import { readProgress } from "../backfills/state.ts";
import { reconcile, type Reconciliation } from "../backfills/reconcile.ts";
import { untilKnown } from "../backfills/repeat.ts";
import { type RunResult, runBackfill } from "../backfills/run.ts";
import { pause, realClock } from "../cloudflare/clock.ts";
import type { Settings } from "../config/settings.ts";
import { copyLocal } from "../database/copy.ts";
import { openLocal } from "../database/local.ts";
import type { Database } from "../database/port.ts";
import { readAuthor } from "../files/author.ts";
import { readLedger } from "../migrations/ledger.ts";
import { OpsError } from "../report/error.ts";
import { quoteIdentifier } from "../sql/quote.ts";
import type { Finding, Report } from "../report/report.ts";
import { commandLine } from "./again.ts";
import { costText, countsText, endingFinding, jobOf, stepOf } from "./backfill-report.ts";
import { leftOverFinding, quarantineFinding, reconciliationCheck } from "./backfill-findings.ts";
import { findBackfill, readBackfills } from "./backfills.ts";
import { demandConfirmation } from "./confirm.ts";
import { type Body, report, start } from "./envelope.ts";
import type { WriteOptions } from "./options.ts";
import { demandEnvironment, demandPlace, findProject, localPath, openDatabase } from "./project.ts";
import { withWayBack } from "./way-back.ts";

export interface BackfillRunOptions extends WriteOptions {
  readonly name: string;
  /** Begin at the start, whatever was done. */
  readonly anew?: boolean;
  /** Rows of the first window. Default: 500. */
  readonly window?: number;
  /** Milliseconds that a window should take. Default: 200. */
  readonly targetMs?: number;
  /** Rows of a window at most. Default: 10,000 remotely, 50,000 locally. */
  readonly maxWindow?: number;
  /** Rest between windows, in milliseconds. */
  readonly pauseMs?: number;
  /** Rows a second at most; 0: as fast as it goes. */
  readonly rate?: number;
  readonly maxRowsWritten?: number;
  /** US dollars. */
  readonly budget?: number;
  readonly maxQuarantined?: number;
  /** Told after each window: rows so far, rows in all where that is known, and what to say. */
  readonly onProgress?: (done: number, total: number | null, label: string) => void;
}

/**
 * Outcome `changed` (all is done), `ok` (nothing was left), `problems` (exit 1: the reconciliation found something),
 * `partial` (exit 4: stopped on its way; what was done stands), `failed` (exit 3).
 */
export async function backfillRun(options: BackfillRunOptions): Promise<Report> {
  const started = start();
  demandPlace("backfill run", options);
  const project = await findProject(options);
  const { settings } = project;
  demandEnvironment("backfill run", options, settings);
  const backfill = findBackfill(await readBackfills(settings, settings.database), options.name);
  const database =
    options.dryRun === true
      ? await openCopy(settings, options)
      : await openDatabase(project, "write", options);
  try {
    const before = await demandReady(database, settings, backfill, options);
    await confirmRun(database, backfill, options);
    const total = await rowsAtMost(database, backfill);
    const result = await carryOut(database, settings, backfill, total, options);
    const left =
      result.ending.kind === "scanned"
        ? await untilKnown(sleeper(options), async () => reconcile(database.d1, backfill))
        : null;
    const progress = (await readProgress(database.d1)).find(({ name }) => name === backfill.name);
    const last = progress ?? result.progress;
    const body = bodyOf(backfill, result, last, left, before, options);
    const whole = withWayBack(body, database.target, last.bookmark, options);
    return report("backfill run", database.target, started, whole);
  } finally {
    database.close();
  }
}

/** A copy of the local file, thrown away afterwards. */
async function openCopy(settings: Settings, options: BackfillRunOptions): Promise<Database> {
  if (options.place === "remote") {
    throw new OpsError(
      "USAGE",
      { argument: "--dry-run" },
      {
        message: "A dry run works on a copy, and a remote database has none.",
        hint: "Try it with --local, or begin with --max-rows-written 100 and look.",
      },
    );
  }
  const { database } = settings;
  const copy = await copyLocal(localPath(settings, database));
  const target = {
    place: "local",
    database: database.name ?? database.binding,
    id: "copy",
    env: settings.env,
  } as const;
  const open = openLocal(copy.path, target, { mode: "write" });
  return {
    ...open,
    close() {
      open.close();
      copy.remove();
    },
  };
}

/** @throws OpsError BACKFILL_NOT_READY. Answers how far it was. */
async function demandReady(
  { d1 }: Database,
  { database }: Settings,
  { name, after, checksum }: Backfill,
  options: BackfillRunOptions,
): Promise<Progress | undefined> {
  const progress = (await readProgress(d1)).find((one) => one.name === name);
  const begun = progress !== undefined && progress.windows > 0 && progress.state !== "cancelled";
  if (begun && progress.checksum !== checksum && options.anew !== true) {
    throw notReady(
      name,
      "its file is not the one that it was begun with",
      "Restore the file to go on, or begin again: --anew",
    );
  }
  if (after === null) return progress;
  const ledger = await readLedger(d1, database.migrationsTable);
  if (ledger.some((row) => row.name === after)) return progress;
  throw notReady(
    name,
    `it comes after ${after}, which is not applied`,
    commandLine("migrate apply", options),
  );
}

function notReady(name: string, reason: string, hint: string): OpsError {
  return new OpsError(
    "BACKFILL_NOT_READY",
    { name, reason },
    { message: `${name} cannot run: ${reason}.`, hint },
  );
}

async function confirmRun(
  { target }: Database,
  { name }: Backfill,
  options: BackfillRunOptions,
): Promise<void> {
  if (target.place === "local") return;
  const intent = {
    action: `run the backfill ${name}`,
    target,
    account: null,
    steps: [name],
    destructive: [],
    look: "d1ops backfill status --remote   shows how far it is",
  };
  await demandConfirmation("backfill run", intent, options);
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
  database: Database,
  settings: Settings,
  backfill: Backfill,
  total: number | null,
  options: BackfillRunOptions,
): Promise<RunResult> {
  const clock = options.clock ?? realClock;
  const { appliedBy } = readAuthor(settings.projectPath);
  const began = clock.now();
  let base: number | null = null;
  return runBackfill({
    d1: database.d1,
    backfill,
    runner: {
      holder: `${appliedBy ?? "unknown"} (process ${process.pid})`,
      token: crypto.randomUUID(),
    },
    anew: options.anew === true,
    windowRows: options.window ?? 500,
    limits: {
      targetMs: options.targetMs ?? 200,
      maxRows: options.maxWindow ?? (options.place === "remote" ? 10_000 : 50_000),
    },
    pauseMs: options.pauseMs ?? 0,
    bookmark: (await database.bookmark?.()) ?? null,
    rate: options.rate ?? null,
    maxRowsWritten: options.maxRowsWritten ?? null,
    budget: options.budget ?? null,
    maxQuarantined: options.maxQuarantined ?? null,
    now: () => clock.now(),
    sleep: sleeper(options),
    stopping: () => options.signal?.aborted === true,
    onWindow: (progress) => {
      const { scanned } = progress.counts;
      base ??= scanned;
      const seconds = (clock.now() - began) / 1000;
      const rate = seconds > 0 ? Math.round((scanned - base) / seconds) : 0;
      const left =
        total === null || rate === 0 ? "" : `, ${Math.ceil((total - scanned) / rate)} s left`;
      const cost = costText(progress.rowsRead, progress.rowsWritten);
      const label = `${backfill.name} ${countsText(progress)}, ${rate.toLocaleString("en")} rows/s${left}, ${cost}`;
      options.onProgress?.(scanned, total, label);
    },
    breathe: async () => new Promise((resume) => setImmediate(resume)),
  });
}

function sleeper({ clock = realClock, signal }: BackfillRunOptions): (ms: number) => Promise<void> {
  return async (ms) => pause(clock, ms, signal);
}

function bodyOf(
  backfill: Backfill,
  result: RunResult,
  progress: Progress,
  left: Reconciliation | null,
  before: Progress | undefined,
  options: BackfillRunOptions,
): Body {
  const finding = endingFinding(backfill, result.ending);
  const { conflict, invalid } = progress.counts;
  const worked = progress.windows !== (before?.windows ?? 0);
  const rest = {
    steps: [stepOf(backfill, progress)],
    checks: left === null ? [] : [reconciliationCheck(left)],
    data: {
      jobs: [jobOf(backfill.name, progress)],
      run: {
        rowsRead: result.rowsRead,
        rowsWritten: result.rowsWritten,
        dryRun: options.dryRun === true,
      },
      leftOver: left?.outcome === "left over" ? left.sample.map((row) => JSON.stringify(row)) : [],
    },
  };
  const findings: Finding[] = [
    ...(finding === null ? [] : [finding]),
    ...(conflict + invalid > 0 ? [quarantineFinding(backfill, conflict, invalid)] : []),
    ...(left?.outcome === "left over" ? [leftOverFinding(backfill, left.count)] : []),
  ];
  const again = [commandLine(`backfill run ${backfill.name}`, options)];
  const where = options.dryRun === true ? "On a copy, thrown away: " : "";
  const said = `${where}${backfill.name}: ${countsText(progress)}`;
  if (result.ending.kind !== "scanned") {
    const failed = result.ending.kind === "failed" || result.ending.kind === "error";
    const stands = worked && progress.windows > 0;
    return {
      ...rest,
      findings,
      outcome: failed && !stands ? "failed" : "partial",
      exitCode: result.ending.kind === "interrupted" ? 130 : failed && !stands ? 3 : 4,
      summary: `Stopped on its way; ${said}`,
      next: again,
    };
  }
  if (left?.outcome === "left over") {
    return {
      ...rest,
      findings,
      outcome: "problems",
      summary: `${said}; ${left.count} left over`,
      next: [],
    };
  }
  return { ...rest, findings, outcome: worked ? "changed" : "ok", summary: said, next: [] };
}
