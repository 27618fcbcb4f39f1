/** @module Stores the files of a project. */
import type { ChunkWriter, Prepared } from "./chunk-writer.ts";
import type { Codec } from "./codec.ts";
import type { Chunk, SnapshotFile } from "./manifest.ts";
import { Pipeline } from "./pipeline.ts";

export interface FileSource extends Pick<SnapshotFile, "path" | "mode"> {
  readonly bytes: number;
  readonly read: () => Promise<Uint8Array>;
}

export interface FilesTake {
  readonly codec: Codec;
  readonly chunks: ChunkWriter;
  /** The files of the previous snapshot. */
  readonly before: readonly SnapshotFile[];
  readonly onBytes: (done: number, total: number) => void;
}

/** Bytes of the chunks of a file. */
const FILE_CHUNK = 4_000_000;

export async function takeFiles(
  { codec, chunks, before: previous, onBytes }: FilesTake,
  files: readonly FileSource[],
): Promise<SnapshotFile[]> {
  const before = new Map(previous.map((file) => [file.path, file]));
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const taken: SnapshotFile[] = [];
  let done = 0;
  for (const { path, mode, read } of files) {
    const content = await read();
    const old = before.get(path)?.chunks ?? [];
    const parts: Chunk[] = [];
    const pipeline = new Pipeline<Prepared>(async (prepared) => {
      parts.push(await chunks.store(prepared));
    });
    for (let at = 0; at < content.length; at += FILE_CHUNK) {
      const part = content.subarray(at, at + FILE_CHUNK);
      await pipeline.add(part.length, chunks.prepare(part, old[at / FILE_CHUNK] ?? null));
    }
    await pipeline.finish();
    taken.push({ path, bytes: content.length, mode, sha256: codec.digest(content), chunks: parts });
    onBytes((done += content.length), total);
  }
  return taken;
}
