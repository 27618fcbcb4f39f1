/** @module Divides snapshots into the groups to which a policy applies, so that each database and each set of files keeps its own. */
import { where } from "../../report/wording.ts";
import type { Manifest } from "../store/manifest.ts";
import { isWayBack } from "../store/manifests.ts";

export interface Group<S> {
  /** `shop-db (local)`, or `shop-db (local) with the files config/**, docs/*`. */
  readonly name: string;
  /** The user took them with the key of the store. No label that the user names can keep the others, so no rule has to. */
  readonly isOrdinary: boolean;
  readonly snapshots: readonly S[];
}

interface Grouped {
  readonly manifest: Pick<Manifest, "database" | "globs" | "wayBackFrom">;
  readonly isAppended: boolean;
}

/**
 * Snapshots belong together if they have the same database and the same patterns of files. Place, id and environment of the database are
 * what restic's host is, and the patterns are its paths. So a snapshot without files replaces none that has files. The ways back of restores are
 * groups of their own: several restores in a row must not replace the snapshots that the user took. So are those that were added with the
 * append-only key: a thief of the key must not make a prune delete others.
 */
export function groupsOf<S extends Grouped>(snapshots: readonly S[]): Group<S>[] {
  const groups = Map.groupBy(snapshots, keyOf);
  return [...groups.values()].flatMap((members) => {
    const [first] = members;
    if (first === undefined) return [];
    return [
      {
        name: nameOf(first),
        isOrdinary: !isWayBack(first) && !first.isAppended,
        snapshots: members,
      },
    ];
  });
}

function keyOf(one: Grouped): string {
  const { database, globs } = one.manifest;
  const source = database === null ? null : database.source;
  return JSON.stringify([
    source && [source.place, source.id, source.env],
    sorted(globs),
    isWayBack(one),
    one.isAppended,
  ]);
}

function nameOf(one: Grouped): string {
  const { database, globs } = one.manifest;
  const files = sorted(globs).join(", ");
  const parts = [
    ...(database === null ? [] : [where(database.source)]),
    ...(files === "" && database !== null ? [] : [`the files ${files}`]),
  ];
  const name = parts.join(" with ");
  const source = one.isAppended ? `${name}, added with the append-only key` : name;
  return isWayBack(one) ? `${source}, before a restore` : source;
}

function sorted(globs: Manifest["globs"]): string[] {
  return [...new Set(globs)].toSorted();
}
