/** @module Finds a mistyped `--store`: a folder that does not exist would be a store without snapshots. */
import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { nullIfThrows } from "../../files/null-if-throws.ts";
import type { AnyProject } from "../../project/project.ts";
import { command, offer, shellPath } from "../../report/command.ts";
import { OpsError } from "../../report/error.ts";
import { nearest } from "../../report/nearest.ts";
import type { Store } from "../../snapshots/store/store.ts";
import type { SnapshotOptions } from "./snapshot-options.ts";

/** The folder `backups` and that of the settings may be missing until the first `take`. @throws OpsError USAGE */
export function requireTypedStore(
  { options: { store: typed } }: AnyProject<SnapshotOptions>,
  store: Store,
): void {
  if (typed === undefined || !isMissingFolder(store)) return;
  const near = nearest(basename(typed), namesIn(dirname(store.location)));
  const hint = [
    ...(near === null ? [] : [`Did you mean --store ${shellPath(join(dirname(typed), near))}?`]),
    offer("To begin a store there, take a snapshot", command("snapshot take")),
  ];
  const message = `The store ${store.location} does not exist.`;
  throw new OpsError("USAGE", { argument: "--store" }, { message, hint: hint.join("\n") });
}

export function isMissingFolder({ folder }: Store): boolean {
  return folder !== null && !existsSync(folder);
}

function namesIn(folder: string): string[] {
  const entries = nullIfThrows(() => readdirSync(folder, { withFileTypes: true })) ?? [];
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}
