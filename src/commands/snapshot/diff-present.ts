/** @module Reads the present, for a comparison with a snapshot. Stores nothing. */
import { type DatabasePlace, placeText } from "../../options/place.ts";
import type { Project } from "../../project/project.ts";
import type { Manifest } from "../../snapshots/store/manifest.ts";
import { measure } from "../../snapshots/take/measure.ts";
import { presentSide } from "../../snapshots/compare/present-side.ts";
import { hasChosenFiles } from "../../snapshots/rows/side.ts";
import type { DiffSide } from "../../snapshots/compare/diff-side.ts";
import type { DatabaseSource } from "../../snapshots/take/take-database.ts";
import type { NamedSides } from "./diff-options.ts";
import { presentFiles } from "./file-sources.ts";
import { progressOf, requireDatabase } from "./sources.ts";
import type { OpenStore } from "./unlock-store.ts";

/** The folder of the store is not part of the project's files. */
export interface PresentRequest extends Pick<OpenStore, "store" | "codec"> {
  readonly source: DatabaseSource;
  /** The snapshot to compare with. Only what it contains is read. */
  readonly manifest: Manifest;
}

/** `project` is at `place`. @throws OpsError DATABASE_UNREADABLE, INPUT_UNREADABLE */
export async function presentSideOf(
  project: Project<NamedSides>,
  place: DatabasePlace,
  { store, codec, source, manifest }: PresentRequest,
): Promise<DiffSide> {
  const { options } = project;
  const database = manifest.database === null ? null : source;
  if (database !== null) requireDatabase(project);
  const hasFiles = options.tables === undefined && hasChosenFiles(manifest);
  const measured = await measure({
    codec,
    database,
    files: hasFiles ? await presentFiles(project, manifest, store) : [],
    onProgress: progressOf(options, database),
  });
  const side = await presentSide({ d1: source.d1, codec, measured });
  return {
    ...side,
    files: hasFiles ? side.files : null,
    name: placeText(place),
    place: place.kind === "file" ? "file" : source.source.place,
    id: null,
    takenAt: null,
    consistent: measured.database?.consistent ?? true,
  };
}
