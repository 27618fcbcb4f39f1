/** @module Whether a manifest contradicts itself. Its hash proves its bytes, but another program may have written it. */
import type { Codec } from "../store/codec.ts";
import { digestOf, digestOfChunks } from "../take/content-digest.ts";
import type { OpsError } from "../errors.ts";
import type { Manifest, SnapshotFile, SnapshotTable } from "../store/manifest.ts";
import type { Store } from "../store/store.ts";
import { damage } from "../store/unreadable.ts";

/** Something that the snapshot has lost. */
export interface Damage {
  /** Null: no table and no file is affected. */
  readonly loses: { readonly kind: "table" | "file"; readonly name: string } | null;
  readonly error: OpsError<"SNAPSHOT_DAMAGED">;
}

export interface ManifestCheck {
  readonly store: Store;
  readonly codec: Codec;
  readonly manifest: Manifest;
}

/** At most one for each table and file, and one for the whole. Reads nothing. */
export function contradictionsOf({ store, codec, manifest }: ManifestCheck): Damage[] {
  const { database, files, digest } = manifest;
  const found = (loses: Damage["loses"], problem: string | null): Damage[] =>
    problem === null ? [] : [{ loses, error: damage(store, "the manifest", problem) }];
  return [
    ...(database?.tables ?? []).flatMap((table) =>
      found({ kind: "table", name: table.name }, problemOfTable(codec, table)),
    ),
    ...files.flatMap((file) => found({ kind: "file", name: file.path }, problemOfFile(file))),
    ...found(
      null,
      digestOf(codec, database, files) === digest ? null : "contradicts its own digest",
    ),
  ];
}

/** A restore refuses what `verify` reports. @throws OpsError SNAPSHOT_DAMAGED */
export function requireConsistent(check: ManifestCheck): void {
  const [first] = contradictionsOf(check);
  if (first !== undefined) throw first.error;
}

function problemOfTable(
  codec: Codec,
  { name, chunks, digest, rows }: SnapshotTable,
): string | null {
  if (digestOfChunks(codec, chunks) !== digest)
    return `contradicts its own digest of the table ${name}`;
  const sum = chunks.reduce((total, chunk) => total + chunk.rows, 0);
  return sum === rows
    ? null
    : `says that the table ${name} has ${rows} rows, and its chunks ${sum}`;
}

function problemOfFile({ path, bytes, chunks }: SnapshotFile): string | null {
  const sum = chunks.reduce((total, chunk) => total + chunk.bytes, 0);
  if (sum !== bytes) return `says that the file ${path} has ${bytes} bytes, and its chunks ${sum}`;
  return isInside(path) ? null : `has the file ${path}, which is outside of the project`;
}

function isInside(path: string): boolean {
  return !/^(?:[a-z]:|[\\/])/i.test(path) && !path.split(/[\\/]/).includes("..");
}
