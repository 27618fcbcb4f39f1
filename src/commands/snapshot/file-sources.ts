/** @module The files of the project that a snapshot reads, and those that a restore writes. */
import { type Stats, lstatSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { nullIfThrows } from "../../files/null-if-throws.ts";
import { listProjectFiles } from "../../files/project-files.ts";
import { unreadable } from "../../files/reason.ts";
import { requireRestorable, restoreFile } from "../../files/restore-file.ts";
import { pathProblem } from "../../files/snapshot-path.ts";
import type { AnyProject } from "../../project/project.ts";
import type { Finding } from "../../report/report.ts";
import { fileContent } from "../../snapshots/file-content.ts";
import type { SnapshotFile } from "../../snapshots/manifest.ts";
import type { ReadChunk } from "../../snapshots/read-chunk.ts";
import type { Store } from "../../snapshots/store.ts";
import type { FileSource } from "../../snapshots/take-files.ts";
import type { OpenStore } from "./unlock-store.ts";

export interface ProjectSources {
  readonly files: readonly FileSource[];
  readonly findings: readonly Finding[];
}

/** The files that the patterns choose. @throws OpsError FILES_NONE, INPUT_UNREADABLE */
export async function projectFiles(
  { settings }: AnyProject,
  globs: readonly string[],
  { place }: Store,
): Promise<ProjectSources> {
  const { files, skipped } = await listProjectFiles(settings.projectPath, globs, place);
  const findings = skipped.map((path): Finding => {
    const message = `${path} is not part of the snapshot: it is a symbolic link, a pipe, a socket or a device.`;
    return { rule: "file-skipped", level: "warning", message, file: path };
  });
  return { files, findings };
}

/** The present state of the files of a snapshot, without those that do not exist. A symbolic link counts as missing. */
export function presentFiles(
  { settings }: AnyProject,
  files: readonly SnapshotFile[],
): FileSource[] {
  return files.flatMap(({ path }) => {
    const location = join(settings.projectPath, path);
    const found = pathProblem(path) === null ? statsOf(location) : null;
    if (found?.isFile() !== true) return [];
    return [
      { path, mode: found.mode & 0o777, bytes: found.size, read: async () => read(location) },
    ];
  });
}

function statsOf(location: string): Stats | null {
  return nullIfThrows(() => lstatSync(location));
}

async function read(location: string): Promise<Uint8Array> {
  try {
    return await readFile(location);
  } catch (error) {
    throw unreadable(location, error);
  }
}

/** Where the content of a snapshot is. */
export interface Reading extends Pick<OpenStore, "store" | "codec"> {
  readonly chunks: ReadChunk;
}

/** Proves the files, and returns how to write them. @throws OpsError SNAPSHOT_DAMAGED, FILE_UNWRITABLE; then nothing was changed */
export async function stageFiles(
  { settings: { projectPath } }: AnyProject,
  reading: Reading,
  files: readonly SnapshotFile[],
): Promise<() => Promise<void>> {
  for (const file of files) {
    requireRestorable(projectPath, file.path);
    // Read twice, so that memory does not hold all files at once.
    await fileContent(reading, file, reading.chunks);
  }
  return async () => {
    for (const file of files) {
      await restoreFile(projectPath, file, await fileContent(reading, file, reading.chunks));
    }
  };
}
