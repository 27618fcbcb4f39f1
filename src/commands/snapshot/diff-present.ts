/** @module Reads the present, for a comparison with a snapshot. Stores nothing. */
import type { Project } from "../../project/project.ts";
import type { Finding } from "../../report/report.ts";
import type { Manifest } from "../../snapshots/manifest.ts";
import { measure } from "../../snapshots/measure.ts";
import { presentSide } from "../../snapshots/present-side.ts";
import type { DiffSide } from "../../snapshots/diff-side.ts";
import type { DatabaseSource } from "../../snapshots/take-database.ts";
import type { FileSource } from "../../snapshots/take-files.ts";
import type { NamedSides } from "./diff-options.ts";
import { existingFiles, projectFiles } from "./file-sources.ts";
import { progressOf, requireDatabase } from "./sources.ts";
import type { OpenStore } from "./unlock-store.ts";

/** The folder of the store is not part of the project's files. */
export interface PresentRequest extends Pick<OpenStore, "store" | "codec"> {
  readonly source: DatabaseSource;
  /** The snapshot to compare with. Only what it contains is read. */
  readonly manifest: Manifest;
}

export interface PresentSide {
  readonly now: DiffSide;
  readonly findings: readonly Finding[];
}

/** @throws OpsError DATABASE_UNREADABLE, FILES_NONE, INPUT_UNREADABLE */
export async function presentSideOf(
  project: Project<NamedSides>,
  { store, codec, source, manifest }: PresentRequest,
): Promise<PresentSide> {
  const { options } = project;
  const database = manifest.database === null ? null : source;
  if (database !== null) requireDatabase(project);
  const globs = options.tables === undefined ? (options.files ?? []) : [];
  const found = globs.length === 0 ? NO_FILES : await projectFiles(project, globs, store);
  const known = options.tables === undefined ? existingFiles(project, manifest.files) : [];
  const measured = await measure({
    codec,
    database,
    files: united([...known, ...found.files]),
    onProgress: progressOf(options, database),
  });
  const side = await presentSide({ d1: source.d1, codec, measured });
  const { place } = source.source;
  return {
    now: {
      ...side,
      files: manifest.files.length > 0 || globs.length > 0 ? side.files : null,
      name: place,
      place,
      id: null,
      takenAt: null,
      consistent: measured.database?.consistent ?? true,
    },
    findings: found.findings,
  };
}

const NO_FILES = { files: [], findings: [] };

function united(files: readonly FileSource[]): FileSource[] {
  return [...new Map(files.map((file) => [file.path, file])).values()];
}
