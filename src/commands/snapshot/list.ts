/** @module `snapshot list`: the snapshots of the store, newest first. Only reads. */
import { snapshotCodec } from "../../files/snapshot-codec.ts";
import { optionsOf } from "../../options/check-options.ts";
import { withDatabases } from "../../project/project.ts";
import type { Report } from "../../report/report.ts";
import { readCatalog } from "../../snapshots/catalog.ts";
import { snapshotListReport } from "../../snapshots/snapshot-list-report.ts";
import { isNamed, storeOf } from "./open-store.ts";
import { SNAPSHOT, type SnapshotOptions } from "./snapshot-options.ts";

const readOptions = optionsOf<SnapshotOptions>("snapshotList", SNAPSHOT);

/** Without `db` and `place`, lists all snapshots. Outcome `problems` (exit 1) if a manifest cannot be read. */
export async function snapshotList(given: SnapshotOptions = {}): Promise<Report> {
  return withDatabases("snapshot list", readOptions(given), async (project) => {
    const catalog = await readCatalog(storeOf(project), snapshotCodec);
    const snapshots = catalog.snapshots.filter(isNamed(project));
    return { ...snapshotListReport({ ...catalog, snapshots }, project.startedAt), target: null };
  });
}
