/** @module The snapshots that `snapshot diff` compares. */
import { sameCommand } from "../../project/command-line.ts";
import type { AnyProject } from "../../project/project.ts";
import type { DiffSide } from "../../snapshots/compare/diff-side.ts";
import { chunkReader } from "../../snapshots/rows/read-chunk.ts";
import { snapshotSide } from "../../snapshots/rows/side.ts";
import { type Candidates, type Catalog, chooseSnapshot } from "../../snapshots/store/catalog.ts";
import type { Snapshot } from "../../snapshots/store/manifests.ts";
import { shortIdsOf } from "./choose.ts";
import { type NamedSides, sideOf } from "./diff-options.ts";
import type { OpenStore } from "./unlock-store.ts";

/** The snapshot that a side names. `latest`: which ones `latest` may be. @throws as {@link chooseSnapshot} */
export function chosenSide(
  { verb, options }: AnyProject<NamedSides>,
  catalog: Catalog,
  side: "left" | "right",
  latest: Candidates,
): Snapshot {
  const retype = (id: string): string => {
    const renamed = { ...options, [side]: id };
    return sameCommand({ verb, options: renamed });
  };
  const place = sideOf(options[side]);
  const id = place.kind === "snapshot" ? place.id : "";
  return chooseSnapshot(catalog, { id, ...latest, retype });
}

export function storedSide(
  { store, codec }: OpenStore,
  catalog: Catalog,
  { id, manifest }: Snapshot,
): DiffSide {
  return {
    ...snapshotSide(manifest, chunkReader(store, codec, manifest)),
    name: shortIdsOf(catalog)(id),
    place: "snapshot",
    id,
    takenAt: manifest.takenAt,
    consistent: manifest.database?.consistent ?? true,
  };
}
