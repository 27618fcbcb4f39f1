/** @module `snapshot list`: the snapshots of the store, newest first. Only reads. */
import { optionsOf } from "../../options/check-options.ts";
import { type AnyProject, withDatabases } from "../../project/project.ts";
import type { Body } from "../../report/report-body.ts";
import type { Report } from "../../report/report.ts";
import { readCatalog } from "../../snapshots/store/catalog.ts";
import { isLocked, type OpsError } from "../../snapshots/errors.ts";
import { readProofs } from "../../snapshots/verify/proof.ts";
import {
  lockedListReport,
  snapshotListReport,
} from "../../snapshots/report/snapshot-list-report.ts";
import { isNamed, storeOf } from "./open-store.ts";
import { isMissingFolder } from "./require-store.ts";
import { SNAPSHOT, type SnapshotOptions } from "./snapshot-options.ts";
import { openStore, type OpenStore } from "./unlock-store.ts";

const readOptions = optionsOf<SnapshotOptions>("snapshotList", SNAPSHOT);

/** Without `db` and `place`, lists all snapshots. Outcome `problems` (exit 1) if a manifest cannot be read. */
export async function snapshotList(given: SnapshotOptions = {}): Promise<Report> {
  return withDatabases("snapshot list", readOptions(given), async (project) => {
    const opened = await openUnlessLocked(project);
    if ("locked" in opened) return { ...(await lockedList(project, opened.locked)), target: null };
    const { store, codec } = opened;
    const catalog = await readCatalog(store, codec);
    const proofs = await readProofs(store, codec);
    const snapshots = catalog.snapshots.filter(isNamed(project));
    const body = snapshotListReport({ ...catalog, snapshots }, proofs, project.startedAt);
    const summary = `No snapshots: ${store.location} does not exist yet`;
    return { ...body, ...(isMissingFolder(store) && { summary }), target: null };
  });
}

type Listing = AnyProject<SnapshotOptions>;

/** A wrong key is an error. Without a key, a list can still count the snapshots. */
async function openUnlessLocked(
  project: Listing,
): Promise<OpenStore | { readonly locked: OpsError<"SNAPSHOT_LOCKED"> }> {
  try {
    return await openStore(project);
  } catch (error) {
    if (isLocked(error) && error.details.reason === "no key") return { locked: error };
    throw error;
  }
}

async function lockedList(project: Listing, error: OpsError<"SNAPSHOT_LOCKED">): Promise<Body> {
  const store = await storeOf(project);
  return lockedListReport(store.location, await store.list("snapshots"), error);
}
