/** @module Restores a remote database by Time Travel, if the bookmark of the snapshot is in reach. */
import type { RemoteD1 } from "../../cloudflare/d1.ts";
import { timeTravelInfo } from "../../cloudflare/time-travel.ts";
import { restoreTo } from "../../cloudflare/time-travel-restore.ts";
import type { Database } from "../../database/port.ts";
import { readCarriedRuns, writeCarriedRuns } from "../../lease/carry-over.ts";
import type { Lease } from "../../lease/lease.ts";
import { findRemote } from "../../project/connect-remote.ts";
import type { Project } from "../../project/project.ts";
import { hasCode, type OpsError } from "../../report/error.ts";
import type { Target } from "../../report/report.ts";
import type { Manifest } from "../../snapshots/store/manifest.ts";
import type { SnapshotRestoreOptions } from "./restore-options.ts";

/**
 * False if Time Travel cannot bring this snapshot back, and has changed nothing. If it is true, the database may still differ from the
 * snapshot, so compare it.
 * @throws OpsError LEASE_LOST, OUTCOME_UNKNOWN, and those of the API
 */
export async function travelBack(
  project: Project<SnapshotRestoreOptions>,
  { d1, target }: Pick<Database, "d1" | "target">,
  lease: Lease,
  manifest: Manifest,
): Promise<boolean> {
  const { clock } = project;
  const moment = await momentInReach(project, target, manifest);
  if (moment === null) return false;
  const runs = await readCarriedRuns(d1);
  try {
    await restoreTo(
      moment.remote,
      { bookmark: moment.bookmark },
      // The row of this run is newer than the snapshot.
      { isRestored: async () => !(await lease.look()).holds },
    );
  } catch (error) {
    if (isOutOfReach(error)) return false;
    throw error;
  }
  await writeCarriedRuns(d1, lease, runs, async (ms) => clock.sleep(ms));
  return true;
}

interface Moment {
  readonly remote: RemoteD1;
  readonly bookmark: string;
}

/** Null if Time Travel cannot bring this snapshot back. Changes nothing. @throws OpsError of the API */
export async function momentInReach(
  project: Project<SnapshotRestoreOptions>,
  { place, id }: Target,
  { database, takenAt }: Manifest,
): Promise<Moment | null> {
  if (database === null || database.bookmark === null || !database.consistent) return null;
  const { bookmark, source } = database;
  if (source.place !== place || source.id !== id) return null;
  const { settings } = project;
  const remote = await findRemote(await project.connect(), settings, settings.database);
  try {
    // Fails if the time is not covered: 30 days, and 7 on the free plan.
    await timeTravelInfo(remote, takenAt);
  } catch (error) {
    if (isOutOfReach(error)) return null;
    throw error;
  }
  return { remote, bookmark };
}

/** Time Travel has changed nothing. Batches need no Time Travel. */
function isOutOfReach(error: unknown): error is OpsError {
  return IS_OUT.some((code) => hasCode(error, code));
}

/** An unknown bookmark may be a 404, as an unknown database. The database was found before. */
const IS_OUT = ["USAGE", "API_REFUSED", "RATE_LIMITED", "REMOTE_DATABASE_UNKNOWN"] as const;
