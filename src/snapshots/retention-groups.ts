/** @module Divides snapshots into the groups to which a policy applies, so that each database and each set of files keeps its own. */
import { where } from "../report/wording.ts";
import type { Manifest } from "./manifest.ts";

export interface Group<S> {
  /** `shop-db (local)`, or `shop-db (local) with files of config, docs`. */
  readonly name: string;
  readonly snapshots: readonly S[];
}

/**
 * Snapshots belong together if they have the same database and files of the same top-level folders: place, id and environment of the
 * database are what restic's host is, and the folders are its paths. So a snapshot without files replaces none that has files.
 */
export function groupsOf<S extends { readonly manifest: Pick<Manifest, "database" | "files"> }>(
  snapshots: readonly S[],
): Group<S>[] {
  const groups = Map.groupBy(snapshots, ({ manifest }) => keyOf(manifest));
  return [...groups.values()].flatMap((members) => {
    const [first] = members;
    return first === undefined ? [] : [{ name: nameOf(first.manifest), snapshots: members }];
  });
}

function keyOf({ database, files }: Pick<Manifest, "database" | "files">): string {
  const source = database === null ? null : database.source;
  return JSON.stringify([source && [source.place, source.id, source.env], foldersOf(files)]);
}

function nameOf({ database, files }: Pick<Manifest, "database" | "files">): string {
  const folders = foldersOf(files).join(", ");
  if (database === null) return `files of ${folders}`;
  return folders === ""
    ? where(database.source)
    : `${where(database.source)} with files of ${folders}`;
}

/** Not the files themselves: a set of files that grows stays in its group. Files beside the config have the folder `.`. */
function foldersOf(files: Manifest["files"]): string[] {
  const folders = files.map(
    ({ path }) => (path.includes("/") ? path.split("/", 1)[0] : ".") ?? ".",
  );
  return [...new Set(folders)].toSorted();
}
