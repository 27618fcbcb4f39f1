/** @module Finds the snapshot that the user named. */
import { sameCommand } from "../../project/command-line.ts";
import type { AnyProject } from "../../project/project.ts";
import { type Candidates, type Catalog, chooseSnapshot } from "../../snapshots/store/catalog.ts";
import type { Snapshot } from "../../snapshots/store/manifests.ts";
import { shortIds } from "../../snapshots/report/snapshot-words.ts";
import { isNamed } from "./open-store.ts";
import { type SnapshotOptions } from "./snapshot-options.ts";

export interface Chosen {
  readonly snapshot: Snapshot;
  /** As many digits of the id as the store needs. */
  readonly short: string;
}

/** `latest`: which snapshots it may be. Default: those of the named place and database. @throws as {@link chooseSnapshot} */
export function chosenIn(
  project: AnyProject<SnapshotOptions>,
  catalog: Catalog,
  id: string,
  latest: Candidates = namedIn(project),
): Chosen {
  const { verb, options } = project;
  const retype = (other: string): string => {
    const renamed = { ...options, id: other };
    return sameCommand({ verb, options: renamed });
  };
  const snapshot = chooseSnapshot(catalog, { id, ...latest, retype });
  return { snapshot, short: shortIdsOf(catalog)(snapshot.id) };
}

/** The snapshots of the place and the database that the user named, if any. */
export function namedIn(
  project: Pick<AnyProject<SnapshotOptions>, "settings" | "options">,
): Candidates {
  return { isCandidate: isNamed(project), database: null };
}

export function shortIdsOf({ snapshots, unreadable }: Catalog): (id: string) => string {
  return shortIds([...snapshots, ...unreadable].map((one) => one.id));
}
