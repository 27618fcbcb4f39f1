/** @module Divides snapshots into the groups to which a policy applies, so that each database and each set of files keeps its own. */
import { where } from "../report/wording.ts";
import type { Manifest } from "./manifest.ts";

export interface Group<S> {
  /** `shop-db (local)`, or `shop-db (local) with the files config/**, docs/*`. */
  readonly name: string;
  readonly snapshots: readonly S[];
}

type Grouped = Pick<Manifest, "database" | "globs">;

/**
 * Snapshots belong together if they have the same database and the same patterns of files. Place, id and environment of the database are
 * what restic's host is, and the patterns are its paths. So a snapshot without files replaces none that has files.
 */
export function groupsOf<S extends { readonly manifest: Grouped }>(
  snapshots: readonly S[],
): Group<S>[] {
  const groups = Map.groupBy(snapshots, ({ manifest }) => keyOf(manifest));
  return [...groups.values()].flatMap((members) => {
    const [first] = members;
    return first === undefined ? [] : [{ name: nameOf(first.manifest), snapshots: members }];
  });
}

function keyOf({ database, globs }: Grouped): string {
  const source = database === null ? null : database.source;
  return JSON.stringify([source && [source.place, source.id, source.env], sorted(globs)]);
}

function nameOf({ database, globs }: Grouped): string {
  const files = sorted(globs).join(", ");
  if (database === null) return `the files ${files}`;
  return files === ""
    ? where(database.source)
    : `${where(database.source)} with the files ${files}`;
}

function sorted(globs: Manifest["globs"]): string[] {
  return [...new Set(globs)].toSorted();
}
