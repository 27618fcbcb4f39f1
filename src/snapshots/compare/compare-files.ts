/** @module Compares two lists of files by their hashes. */
import type { SnapshotFile } from "../store/manifest.ts";

export type FileDifference = { readonly path: string } & (
  | { readonly kind: "created"; readonly left: null; readonly right: SnapshotFile }
  | { readonly kind: "deleted"; readonly left: SnapshotFile; readonly right: null }
  /** `modified`: another content, and perhaps another mode. `mode`: only the permission bits differ. */
  | {
      readonly kind: "modified" | "mode";
      readonly left: SnapshotFile;
      readonly right: SnapshotFile;
    }
);

export interface FilesComparison {
  /** Sorted by path. */
  readonly differences: readonly FileDifference[];
  /** Files with the same content and mode on both sides. */
  readonly intact: number;
}

export function compareFiles(
  left: readonly SnapshotFile[],
  right: readonly SnapshotFile[],
): FilesComparison {
  const [before, after] = [byPath(left), byPath(right)];
  const paths = [...new Set([...before.keys(), ...after.keys()])].toSorted();
  const differences = paths.flatMap((path) => difference(path, before.get(path), after.get(path)));
  return { differences, intact: paths.length - differences.length };
}

function difference(
  path: string,
  left: SnapshotFile | undefined,
  right: SnapshotFile | undefined,
): readonly FileDifference[] {
  if (left === undefined)
    return right === undefined ? [] : [{ kind: "created", path, left: null, right }];
  if (right === undefined) return [{ kind: "deleted", path, left, right: null }];
  if (left.sha256 !== right.sha256) return [{ kind: "modified", path, left, right }];
  return left.mode === right.mode ? [] : [{ kind: "mode", path, left, right }];
}

function byPath(files: readonly SnapshotFile[]): Map<string, SnapshotFile> {
  return new Map(files.map((file) => [file.path, file]));
}
