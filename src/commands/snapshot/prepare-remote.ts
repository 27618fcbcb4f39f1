/** @module Reads and proves all that a restore of a remote database needs, and restores it: by Time Travel, else in batches. */
import type { Database } from "../../database/port.ts";
import { WrittenMeanwhile } from "../../database/watch-file.ts";
import { untilKnown } from "../../failure/retry.ts";
import { exactlyOnce } from "../../lease/exactly-once.ts";
import type { Lease } from "../../lease/lease.ts";
import { RUNS } from "../../lease/runs.ts";
import type { Project } from "../../project/project.ts";
import { leaseSecondsFrom, withLease } from "../../project/run-lease.ts";
import { runnerOf } from "../../project/runner.ts";
import { OpsError } from "../../report/error.ts";
import type { Snapshot } from "../../snapshots/manifests.ts";
import type { Wanted } from "../../snapshots/wanted.ts";
import type { RemoteEnd } from "../../snapshots/restore-report.ts";
import { writeDatabase } from "../../snapshots/write-database.ts";
import { type Reading, stageFiles } from "./file-sources.ts";
import type { SnapshotRestoreOptions } from "./restore-options.ts";
import type { Changes, Prepared, Stop } from "./restore-target.ts";
import { travelBack } from "./travel-back.ts";

/** The runs belong to the place: their ids must never go back, and this run has the lease. */
export const KEPT: ReadonlySet<string> = new Set([RUNS]);

export interface OpenRemote {
  readonly database: Database;
  /** What the database should contain, read and proven once. */
  readonly wanted: (snapshot: Snapshot) => Promise<Wanted>;
}

/** @throws OpsError SNAPSHOT_DAMAGED, SNAPSHOT_INCOMPLETE, FILE_UNWRITABLE, INTERRUPTED: then nothing was changed */
export async function prepareRemote(
  project: Project<SnapshotRestoreOptions>,
  remote: OpenRemote,
  reading: Reading,
  { snapshot, ...files }: Changes,
): Promise<Prepared> {
  const restored = await stageFiles(project, reading, files);
  if (snapshot !== null) await remote.wanted(snapshot);
  return {
    async apply(_, backup) {
      const done = new Set<string>();
      const progress: Progress = { changed: false, end: null };
      try {
        if (snapshot !== null) {
          const { codec } = reading;
          await writeUnderLease(project, remote, { snapshot, backup, codec, progress });
        }
        await restored((path) => done.add(path));
        return { stop: null, remote: progress.end };
      } catch (error) {
        const isChanged = progress.changed || done.size > 0;
        if (!isChanged || !(error instanceof OpsError)) throw error;
        const isWhole = snapshot === null || progress.end !== null;
        const stop: Stop = { error, files: done, database: isWhole ? "restored" : "in part" };
        return { stop, remote: progress.end };
      }
    },
  };
}

interface Progress {
  /** True once something in the database may have changed. */
  changed: boolean;
  end: RemoteEnd | null;
}

interface Writing extends Pick<Reading, "codec"> {
  readonly snapshot: Snapshot;
  readonly backup: Snapshot | null;
  readonly progress: Progress;
}

async function writeUnderLease(
  project: Project<SnapshotRestoreOptions>,
  remote: OpenRemote,
  writing: Writing,
): Promise<void> {
  const { database } = remote;
  const request = {
    database,
    runner: runnerOf(project),
    early: null,
    leaseSeconds: leaseSecondsFrom(project.variables),
  };
  await withLease(project, request, async (lease) => {
    if (lease === null) throw new Error("a local database has no lease");
    const { d1 } = database;
    let ending = "failed";
    try {
      requireUnwritten(lease, writing.backup);
      await write(project, remote, lease, writing);
      ending = "done";
    } finally {
      await end(project, d1, lease, ending);
    }
  });
}

/** Only after that snapshot did this run write to the database. */
function requireUnwritten({ bookmark }: Lease, backup: Snapshot | null): void {
  const database = backup?.manifest.database ?? null;
  if (database === null || bookmark === null) return;
  if (!database.consistent || database.bookmark !== bookmark) throw new WrittenMeanwhile();
}

async function write(
  project: Project<SnapshotRestoreOptions>,
  { database, wanted }: OpenRemote,
  lease: Lease,
  { snapshot, backup, codec, progress }: Writing,
): Promise<void> {
  const { options, sleep } = project;
  const { d1, target } = database;
  let batches = 0;
  const sendOnce = exactlyOnce({ d1, lease, sleep });
  progress.changed = true;
  const travelled = await travelBack(project, database, lease, snapshot.manifest);
  progress.changed = travelled;
  const differences = await writeDatabase({
    d1,
    codec,
    wanted: await wanted(snapshot),
    async send(what, statements) {
      progress.changed = true;
      batches += 1;
      await sendOnce(what, statements);
    },
    present: travelled ? null : (backup?.manifest.database ?? null),
    keeps: KEPT,
    onRows: (done, total) =>
      options.onProgress?.(done, total, `writing to ${target.database}`, { unit: "rows" }),
  });
  progress.end = { bookmark: lease.bookmark, travelled, batches, differences };
}

/** Ctrl-C does not end this wait. A run that cannot end its lease lets it expire. */
async function end(
  { clock }: Project<SnapshotRestoreOptions>,
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
