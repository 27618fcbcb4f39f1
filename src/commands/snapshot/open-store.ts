/** @module The store of the project, and which of its snapshots the user means. */
import { join, resolve } from "node:path";
import { databaseName } from "../../config/database-settings.ts";
import { folderStore } from "../../files/folder-store.ts";
import { interruptibleStore } from "../../project/interruptible.ts";
import type { AnyProject } from "../../project/project.ts";
import type { Snapshot } from "../../snapshots/manifests.ts";
import type { Store } from "../../snapshots/store.ts";
import type { SnapshotOptions } from "./snapshot-options.ts";

/** The folder need not exist: then it has no snapshots. */
export function storeOf(project: AnyProject<SnapshotOptions>): Store {
  const { options, cwd, settings } = project;
  const folder =
    options.store === undefined
      ? join(settings.projectPath, "backups")
      : resolve(cwd, options.store);
  return interruptibleStore(folderStore(folder), project);
}

/** True for the snapshots of the place and the database that the user named, if any. */
export function isNamed({
  settings,
  options,
}: AnyProject<SnapshotOptions>): (one: Snapshot) => boolean {
  const { place, db } = options;
  const names = new Set(settings.databases.map(databaseName));
  return ({ manifest: { database } }) => {
    if (place !== undefined && database?.source.place !== place) return false;
    return db === undefined || names.has(database?.source.database ?? "");
  };
}
