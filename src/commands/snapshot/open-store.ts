/** @module The store of the project, and which of its snapshots the user means. */
import { useProxy } from "../../cloudflare/proxy.ts";
import { databaseName } from "../../config/database-settings.ts";
import { folderStore } from "../../files/folder-store.ts";
import { interruptibleStore } from "../../project/interruptible.ts";
import type { AnyProject } from "../../project/project.ts";
import { storeAddress } from "../../project/store-address.ts";
import { HOME_NAME } from "../../s3/named-home.ts";
import type { S3Home } from "../../s3/s3-home.ts";
import type { Snapshot } from "../../snapshots/store/manifests.ts";
import { withReadAhead } from "../../snapshots/store/read-ahead.ts";
import type { Store } from "../../snapshots/store/store.ts";
import type { SnapshotOptions } from "./snapshot-options.ts";

/** A folder need not exist: then it has no snapshots. @throws OpsError USAGE, CREDENTIALS_MISSING */
export async function storeOf(
  project: AnyProject<SnapshotOptions>,
  given: { readonly to?: string } = {},
): Promise<Store> {
  const { cwd, settings, setting } = project;
  const text = given.to ?? project.options.store ?? null;
  const named =
    text === null ? { text: setting("snapshots.store"), cwd: settings.projectPath } : { text, cwd };
  const mayBeHome = named.text !== null && HOME_NAME.test(named.text);
  const homes = (mayBeHome ? setting("homes") : null) ?? {};
  const address = storeAddress(
    { ...named, homes, argument: given.to === undefined ? "--store" : "--to" },
    project,
  );
  const store =
    address.kind === "folder" ? folderStore(address.path) : await s3StoreOf(project, address.home);
  return interruptibleStore(store, project);
}

/** Most stores are folders, and need no HTTP client. */
async function s3StoreOf(project: AnyProject<SnapshotOptions>, home: S3Home): Promise<Store> {
  const { s3Store } = await import("../../s3/s3-store.ts");
  const { clock, options, variables } = project;
  useProxy(variables);
  const { answerTimeoutMs: timeoutMs = 45_000, signal, onWait } = options;
  return withReadAhead(s3Store(home, { clock, timeoutMs, signal, onWait }));
}

/** True for the snapshots of the place and the database that the user named, if any. */
export function isNamed({
  settings,
  options,
}: Pick<AnyProject<SnapshotOptions>, "settings" | "options">): (one: Snapshot) => boolean {
  const { place, db } = options;
  const names = new Set(settings.databases.map(databaseName));
  return ({ manifest: { database } }) => {
    if (place !== undefined && database?.source.place !== place) return false;
    return db === undefined || names.has(database?.source.database ?? "");
  };
}
