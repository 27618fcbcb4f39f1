/** @module The store that a clone uses: for the snapshot that is cloned, and for the way back. */
import type { AnyProject } from "../../project/project.ts";
import { type Catalog, readCatalog } from "../../snapshots/store/catalog.ts";
import { openStore, type OpenStore } from "../snapshot/unlock-store.ts";
import type { CloneOptions } from "./options.ts";

export interface OpenCatalog {
  readonly opened: OpenStore;
  readonly catalog: Catalog;
}

/** `begins`: it may be the store of the way back alone. @throws OpsError SNAPSHOT_LOCKED, SNAPSHOT_DAMAGED */
export async function openCatalog(
  project: AnyProject<CloneOptions>,
  begins: boolean,
): Promise<OpenCatalog> {
  const opened = await openStore(project, begins);
  return { opened, catalog: await readCatalog(opened.store, opened.codec) };
}
