/** @module The files of the project that a snapshot reads, and those that a restore writes. */
import { type Stats, lstatSync } from "node:fs";
import { join } from "node:path";
import { nullIfThrows } from "../../files/null-if-throws.ts";
import { listProjectFiles } from "../../files/project-files.ts";
import { pieceReader } from "../../files/read-pieces.ts";
import { removeFile, requireRestorable, restoreFile } from "../../files/restore-file.ts";
import { pathProblem } from "../../files/snapshot-path.ts";
import type { AnyProject } from "../../project/project.ts";
import { hasCode } from "../../report/error.ts";
import type { Finding } from "../../report/report.ts";
import { fileParts, proveFile } from "../../snapshots/verify/file-content.ts";
import type { Manifest, SnapshotFile } from "../../snapshots/store/manifest.ts";
import type { ReadChunk } from "../../snapshots/rows/read-chunk.ts";
import type { Store } from "../../snapshots/store/store.ts";
import type { FileSource } from "../../snapshots/take/take-files.ts";
import type { OpenStore } from "./unlock-store.ts";

export interface ProjectSources {
  readonly files: readonly FileSource[];
  readonly findings: readonly Finding[];
}

/** The files that the patterns choose. @throws OpsError FILES_NONE, INPUT_UNREADABLE */
export async function projectFiles(
  { settings }: AnyProject,
  globs: readonly string[],
  { folder }: Store,
): Promise<ProjectSources> {
  const { files, skipped } = await listProjectFiles(settings.projectPath, globs, folder);
  const findings = skipped.map((path): Finding => {
    const message = `${path} is not part of the snapshot: it is a symbolic link, a pipe, a socket or a device.`;
    return { rule: "file-skipped", level: "warning", message, file: path };
  });
  return { files, findings };
}

/**
 * The present state of what a restore of these files concerns: the files that exist, and others that the patterns match. A symbolic
 * link counts as missing.
 */
export async function presentFiles(
  project: AnyProject,
  { files, globs }: Pick<Manifest, "files" | "globs">,
  store: Store,
): Promise<FileSource[]> {
  const known = new Set(files.map(({ path }) => path));
  const matching = await matchingFiles(project, globs, store);
  return [...existingFiles(project, files), ...matching.filter(({ path }) => !known.has(path))];
}

/** A pattern may match no file any more. */
export async function matchingFiles(
  project: AnyProject,
  globs: readonly string[],
  store: Store,
): Promise<FileSource[]> {
  const excluded = globs.filter((glob) => glob.startsWith("!"));
  const found = new Map<string, FileSource>();
  for (const glob of globs.filter((one) => !one.startsWith("!"))) {
    try {
      const { files } = await projectFiles(project, [glob, ...excluded], store);
      for (const file of files) found.set(file.path, file);
    } catch (error) {
      if (!hasCode(error, "FILES_NONE")) throw error;
    }
  }
  return [...found.values()];
}

/** Those of the files that exist now. */
export function existingFiles(
  { settings }: AnyProject,
  files: readonly Pick<SnapshotFile, "path">[],
): FileSource[] {
  return files.flatMap(({ path }) => {
    const location = join(settings.projectPath, path);
    const found = pathProblem(path) === null ? statsOf(location) : null;
    if (found?.isFile() !== true) return [];
    return [{ path, mode: found.mode & 0o777, bytes: found.size, read: pieceReader(location) }];
  });
}

function statsOf(location: string): Stats | null {
  return nullIfThrows(() => lstatSync(location));
}

/** Where the content of a snapshot is. */
export interface Reading extends Pick<OpenStore, "store" | "codec"> {
  readonly chunks: ReadChunk;
}

export interface FileChanges {
  /** To be written. */
  readonly files: readonly SnapshotFile[];
  /** Paths of files to be removed. */
  readonly removed: readonly string[];
}

/** Called with the path of each file that was written or removed. */
type OnFile = (path: string) => void;

/** Proves the files, and returns how to write them. @throws OpsError SNAPSHOT_DAMAGED, FILE_UNWRITABLE; then nothing was changed */
export async function stageFiles(
  { settings: { projectPath } }: AnyProject,
  reading: Reading,
  { files, removed }: FileChanges,
): Promise<(onFile: OnFile) => Promise<void>> {
  for (const path of removed) requireRestorable(projectPath, path);
  for (const file of files) {
    requireRestorable(projectPath, file.path);
    // Read twice, so that memory does not hold the files.
    await proveFile(reading, file, reading.chunks);
  }
  return async (onFile) => {
    for (const file of files) {
      await restoreFile(projectPath, file, fileParts(reading, file, reading.chunks));
      onFile(file.path);
    }
    for (const path of removed) {
      await removeFile(projectPath, path);
      onFile(path);
    }
  };
}
