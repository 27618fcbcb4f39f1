/** @module Makes a remote database equal to what is wanted, as a run with a lease: by Time Travel if that is possible, else in batches. */
import { openMemory } from "../../database/memory.ts";
import type { Database } from "../../database/port.ts";
import { WrittenMeanwhile } from "../../database/watch-file.ts";
import { untilKnown } from "../../failure/retry.ts";
import { exactlyOnce } from "../../lease/exactly-once.ts";
import type { Lease } from "../../lease/lease.ts";
import { RUNS } from "../../lease/runs.ts";
import type { BookmarkOptions, WriteOptions } from "../../project/project-options.ts";
import type { Project } from "../../project/project.ts";
import { leaseSecondsFrom, withLease } from "../../project/run-lease.ts";
import { runnerOf } from "../../project/runner.ts";
import { OpsError } from "../../report/error.ts";
import type { OnProgress } from "../../report/progress.ts";
import type { Target } from "../../report/report.ts";
import type { Codec } from "../../snapshots/store/codec.ts";
import type { Snapshot } from "../../snapshots/store/manifests.ts";
import type { RemoteEnd } from "../../snapshots/restore/remote-end.ts";
import type { Wanted } from "../../snapshots/restore/wanted.ts";
import { writeDatabase } from "../../snapshots/restore/write-database.ts";
import type { Scope } from "../../snapshots/restore/write-plan.ts";

/** The runs belong to the place: their ids must never go back, and this run has the lease. */
export const KEPT: ReadonlySet<string> = new Set([RUNS]);

type Writing = Project<WriteOptions & BookmarkOptions & { readonly onProgress?: OnProgress }>;

export interface Progress {
  /** True once something in the database may have changed. */
  changed: boolean;
  /** Of the state before. Null before the lease is taken, and if Time Travel was not asked. */
  bookmark: string | null;
  /** Null until the database was read again. */
  end: RemoteEnd | null;
}

export interface RemoteWrite {
  readonly database: Database;
  readonly codec: Codec;
  /** What the database should contain, read and proven once. */
  readonly wanted: () => Promise<Wanted>;
  /** The way back, which must be of the present. Null: the user wanted none. */
  readonly backup: Snapshot | null;
  /** See {@link Scope}. */
  readonly only: Scope["only"];
  /** True if Time Travel has brought the wanted state back. */
  readonly travel: (lease: Lease) => Promise<boolean>;
  /** Kept up to date, also if this fails. */
  readonly progress: Progress;
}

/** @throws WrittenMeanwhile if others wrote after the way back, OpsError LEASE_HELD, LEASE_LOST, INTERRUPTED and those of the database */
export async function writeUnderLease(project: Writing, write: RemoteWrite): Promise<void> {
  const { database } = write;
  const request = {
    database,
    runner: runnerOf(project),
    early: null,
    leaseSeconds: leaseSecondsFrom(project.variables),
  };
  await withLease(project, request, async (lease) => {
    if (lease === null) throw new Error("a local database has no lease");
    write.progress.bookmark = lease.bookmark;
    let ending = "failed";
    try {
      requireUnwritten(lease, write.backup);
      await writeAll(project, lease, write);
      ending = "done";
    } finally {
      await end(project, database.d1, lease, ending);
    }
  });
}

/** Others have written after each way back. */
export function writtenRemotely({ database }: Target, waitedMs: number): OpsError<"DATABASE_BUSY"> {
  const text = {
    message: `Another client wrote to the remote database ${database} each time that d1ops had taken a snapshot of it. The database was not changed: those writes would be lost.`,
    hint: "Stop the clients that write, such as your Worker. Then run the same command again.",
  };
  return new OpsError("DATABASE_BUSY", { path: database, waitedMs, holders: [] }, text);
}

/** Only after that snapshot did this run write to the database. */
function requireUnwritten({ bookmark }: Lease, backup: Snapshot | null): void {
  const database = backup?.manifest.database ?? null;
  if (database === null || bookmark === null) return;
  if (!database.consistent || database.bookmark !== bookmark) throw new WrittenMeanwhile();
}

async function writeAll(
  { options, sleep }: Writing,
  lease: Lease,
  { database, codec, wanted, backup, only, travel, progress }: RemoteWrite,
): Promise<void> {
  const { d1, target } = database;
  let batches = 0;
  const sendOnce = exactlyOnce({ d1, lease, sleep });
  progress.changed = true;
  const travelled = await travel(lease);
  progress.changed = travelled;
  const differences = await writeDatabase({
    d1,
    codec,
    wanted: await wanted(),
    async send(what, statements) {
      progress.changed = true;
      batches += 1;
      await sendOnce(what, statements);
    },
    present: travelled ? null : (backup?.manifest.database ?? null),
    keeps: KEPT,
    only,
    openMemory,
    onRows: (done, total) =>
      options.onProgress?.(done, total, `writing to ${target.database}`, { unit: "rows" }),
  });
  progress.end = { travelled, batches, differences };
}

/** Ctrl-C does not end this wait. A run that cannot end its lease lets it expire. */
async function end(
  { clock }: Writing,
  d1: Database["d1"],
  lease: Lease,
  ending: string,
): Promise<void> {
  try {
    await untilKnown(
      async (ms) => clock.sleep(ms),
      async () => d1.batch([lease.end(ending)]),
    );
  } catch (error) {
    if (!(error instanceof OpsError)) throw error;
  }
}
