/**
 * Finds the runs that a restore by Time Travel took away, because it was killed before it had written them back. The way back of that
 * restore has them.
 * @module
 */
import type { Database } from "../../database/port.ts";
import { type CarriedRuns, readCarriedRuns } from "../../lease/carry-over.ts";
import { RUNS } from "../../lease/runs.ts";
import type { Project } from "../../project/project.ts";
import { type Catalog, isOf } from "../../snapshots/store/catalog.ts";
import { isDamage, isIncomplete } from "../../snapshots/errors.ts";
import type { SnapshotDatabase } from "../../snapshots/store/manifest.ts";
import { chunkReader, type ReadChunk } from "../../snapshots/rows/read-chunk.ts";
import { type Chosen, shortIdsOf } from "./choose.ts";
import type { SnapshotRestoreOptions } from "./restore-options.ts";
import type { OpenStore } from "./unlock-store.ts";
import { openWanted, type WantedCopy } from "./wanted-copy.ts";

export interface LostRuns {
  /** The short id of the snapshot that has them. */
  readonly wayBack: string;
  readonly runs: CarriedRuns;
}

interface LostRunsRequest extends Pick<Chosen, "snapshot"> {
  readonly catalog: Catalog;
}

/** @throws those of the database */
export async function findLostRuns(
  project: Project<SnapshotRestoreOptions>,
  { store, codec }: OpenStore,
  { d1, target }: Pick<Database, "d1" | "target">,
  { catalog, snapshot }: LostRunsRequest,
): Promise<LostRuns | null> {
  const isOfTarget = isOf(target);
  const wayBack = catalog.snapshots.find(
    (one) => one.manifest.wayBackFrom === snapshot.id && isOfTarget(one),
  );
  const stored = wayBack === undefined ? null : runsIn(wayBack.manifest.database);
  if (wayBack === undefined || stored === null) return null;
  const kept = await readKept(project, chunkReader(store, codec, wayBack.manifest), stored);
  const present = new Set((await readCarriedRuns(d1)).map(({ nonce }) => nonce));
  const runs = kept.filter(({ nonce }) => !present.has(nonce));
  return runs.length === 0 ? null : { wayBack: shortIdsOf(catalog)(wayBack.id), runs };
}

/** Empty if the way back is damaged: that must not prevent the restore of another snapshot. */
async function readKept(
  project: Project<SnapshotRestoreOptions>,
  chunks: ReadChunk,
  stored: SnapshotDatabase,
): Promise<CarriedRuns> {
  let copy: WantedCopy | null = null;
  try {
    copy = await openWanted(project, chunks, stored);
    return await readCarriedRuns(copy.copy);
  } catch (error) {
    if (isDamage(error) || isIncomplete(error)) return [];
    throw error;
  } finally {
    copy?.close();
  }
}

/** Only the table of the runs. Null if there is none. */
function runsIn(database: SnapshotDatabase | null): SnapshotDatabase | null {
  const tables = (database?.tables ?? []).filter(({ name }) => name === RUNS);
  if (database === null || tables.length === 0) return null;
  const schema = database.schema.filter(({ type, name }) => type === "table" && name === RUNS);
  return { ...database, schema, tables };
}
