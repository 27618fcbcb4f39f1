/** @module Reads the last proven snapshots from the store of the project. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { snapshotCodec } from "../../files/snapshot-codec.ts";
import { targetOf } from "../../project/open-database.ts";
import type { AnyProject } from "../../project/project.ts";
import { hasCode } from "../../report/error.ts";
import { OpsError } from "../../snapshots/errors.ts";
import { findLastProven, type LastProven } from "../../snapshots/verify/last-proven.ts";
import {
  lastProvenCheck,
  lastProvenData,
  lastProvenNote,
} from "../../snapshots/report/last-proven-report.ts";
import type { Store } from "../../snapshots/store/store.ts";
import type { ProvenSnapshots } from "../proven-snapshots.ts";
import { storeOf } from "./open-store.ts";

const words: ProvenSnapshots["words"] = { lastProvenCheck, lastProvenData, lastProvenNote };

/** See `provenSnapshots`. An encrypted store stays locked: to unlock one takes up to a second. */
export async function openProofs(
  project: AnyProject,
  where: "disk" | "anywhere",
): Promise<ProvenSnapshots | null> {
  const store = await orUnreadable(async () => storeOf(project));
  if ("kind" in store) {
    // Only a storage of others has credentials.
    if (where === "disk" && hasCode(store.error, "CREDENTIALS_MISSING")) return null;
    return { find: async () => store, words };
  }
  const { folder } = store;
  const exists = folder === null ? where === "anywhere" : existsSync(join(folder, "snapshots"));
  if (!exists) return null;
  const { settings, place } = project;
  return {
    find: async (database) =>
      orUnreadable(async () =>
        findLastProven(store, await codecOf(store), targetOf(settings, database, place)),
      ),
    words,
  };
}

async function codecOf(store: Store): Promise<typeof snapshotCodec | null> {
  return (await store.list("keys")).length > 0 ? null : snapshotCodec;
}

/** A store that cannot be read is a result: the caller reports more than snapshots. */
async function orUnreadable<T>(
  read: () => Promise<T>,
): Promise<T | Extract<LastProven, { kind: "unreadable" }>> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof OpsError) || hasCode(error, "INTERRUPTED")) throw error;
    return { kind: "unreadable", error };
  }
}
