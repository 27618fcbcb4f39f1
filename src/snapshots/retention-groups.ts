/** @module Divides snapshots into the groups to which a policy applies, so that each database and each set of files keeps its own. */
import { where } from "../report/wording.ts";
import type { Manifest } from "./manifest.ts";

export interface Group<S> {
  /** `shop-db (local)`, or `shop-db (local) with the files config/**, docs/*`. */
  readonly name: string;
  /** Of snapshots that restores took of the state before. */
  readonly isWayBack: boolean;
  readonly snapshots: readonly S[];
}

type Grouped = Pick<Manifest, "database" | "globs" | "wayBackFrom">;

/**
 * Snapshots belong together if they have the same database and the same patterns of files. Place, id and environment of the database are
 * what restic's host is, and the patterns are its paths. So a snapshot without files replaces none that has files. The ways back of restores are
 * groups of their own: several restores in a row must not replace the snapshots that the user took.
 */
export function groupsOf<S extends { readonly manifest: Grouped }>(
  snapshots: readonly S[],
): Group<S>[] {
  const groups = Map.groupBy(snapshots, ({ manifest }) => keyOf(manifest));
  return [...groups.values()].flatMap((members) => {
    const [first] = members;
    if (first === undefined) return [];
    const { manifest } = first;
    return [{ name: nameOf(manifest), isWayBack: isWayBack(manifest), snapshots: members }];
  });
}

function isWayBack({ wayBackFrom }: Grouped): boolean {
  return wayBackFrom !== undefined;
}

function keyOf(manifest: Grouped): string {
  const { database, globs } = manifest;
  const source = database === null ? null : database.source;
  return JSON.stringify([
    source && [source.place, source.id, source.env],
    sorted(globs),
    isWayBack(manifest),
  ]);
}

function nameOf(manifest: Grouped): string {
  const { database, globs } = manifest;
  const files = sorted(globs).join(", ");
  const parts = [
    ...(database === null ? [] : [where(database.source)]),
    ...(files === "" && database !== null ? [] : [`the files ${files}`]),
  ];
  const name = parts.join(" with ");
  return isWayBack(manifest) ? `${name}, before a restore` : name;
}

function sorted(globs: Manifest["globs"]): string[] {
  return [...new Set(globs)].toSorted();
}
