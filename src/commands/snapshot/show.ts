/** @module `snapshot show ID`: everything that a snapshot contains. Only reads its manifest and its proofs. */
import * as kinds from "../../options/kinds.ts";
import { optionsOf } from "../../options/check-options.ts";
import { withDatabases } from "../../project/project.ts";
import type { Report } from "../../report/report.ts";
import { readCatalog } from "../../snapshots/store/catalog.ts";
import { newestProofs, readProofs } from "../../snapshots/verify/proof.ts";
import { snapshotShowReport } from "../../snapshots/report/snapshot-show-report.ts";
import { chosenIn } from "./choose.ts";
import { SNAPSHOT, type SnapshotOptions } from "./snapshot-options.ts";
import { openStore } from "./unlock-store.ts";

export interface SnapshotShowOptions extends SnapshotOptions {
  /** The beginning of its id, or `latest`. */
  readonly id: string;
}

const readOptions = optionsOf<SnapshotShowOptions>("snapshotShow", { ...SNAPSHOT, id: kinds.name });

/** @throws OpsError SNAPSHOT_UNKNOWN, SNAPSHOT_LOCKED, SNAPSHOT_DAMAGED, SNAPSHOT_FORMAT */
export async function snapshotShow(given: SnapshotShowOptions): Promise<Report> {
  return withDatabases("snapshot show", readOptions(given), async (project) => {
    const { store, codec } = await openStore(project);
    const catalog = await readCatalog(store, codec);
    const { snapshot, short } = chosenIn(project, catalog, project.options.id);
    const proofs = newestProofs(snapshot.id, await readProofs(store, codec));
    const shown = { ...snapshot, short, location: catalog.location, proofs };
    const target = snapshot.manifest.database?.source ?? null;
    return { ...snapshotShowReport(shown, project.startedAt), target };
  });
}
