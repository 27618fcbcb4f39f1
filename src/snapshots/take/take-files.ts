/** @module Stores the files of a project. */
import { OpsError } from "../../report/error.ts";
import type { ChunkWriter, Prepared } from "./chunk-writer.ts";
import type { Codec } from "../store/codec.ts";
import { FileCutter } from "./file-cutter.ts";
import type { Chunk, SnapshotFile } from "../store/manifest.ts";
import { Pipeline } from "./pipeline.ts";

export interface FileSource extends Pick<SnapshotFile, "path" | "mode"> {
  /** When it was listed. A reading may have more or fewer. */
  readonly bytes: number;
  /**
   * Passes the content on in pieces, whose bytes change after `take` returns. False if the file changed meanwhile: then the pieces may be of
   * different moments. @throws OpsError INPUT_UNREADABLE
   */
  readonly read: (take: (piece: Uint8Array) => Promise<void>) => Promise<boolean>;
}

export interface FilesTake {
  readonly codec: Codec;
  readonly chunks: ChunkWriter;
  /** The files of the previous snapshot. */
  readonly before: readonly SnapshotFile[];
  readonly onBytes: (done: number, total: number) => void;
}

/** How often d1ops reads a file that changes meanwhile. */
const READS = 3;

/** @throws OpsError INPUT_UNREADABLE, also if a file changes whenever d1ops reads it */
export async function takeFiles(
  { codec, chunks, before: previous, onBytes }: FilesTake,
  files: readonly FileSource[],
): Promise<SnapshotFile[]> {
  const before = new Map(previous.map((file) => [file.path, file]));
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const taken: SnapshotFile[] = [];
  let done = 0;
  for (const file of files) {
    const onPiece = (bytes: number): void => onBytes(Math.min(done + bytes, total), total);
    const old = before.get(file.path)?.chunks ?? [];
    const one = await takeFile({ codec, chunks, old, onPiece }, file);
    taken.push(one);
    done += one.bytes;
  }
  return taken;
}

interface FileTake extends Pick<FilesTake, "codec" | "chunks"> {
  /** The chunks of the file in the previous snapshot. */
  readonly old: readonly Chunk[];
  /** Called with the bytes of the file so far. */
  readonly onPiece: (bytes: number) => void;
}

async function takeFile(take: FileTake, file: FileSource): Promise<SnapshotFile> {
  for (let reading = 0; reading < READS; reading += 1) {
    const taken = await takeOnce(take, file);
    if (taken !== null) return taken;
  }
  const { path } = file;
  const reason = `it changed each of the ${READS} times that d1ops read it`;
  const message = `${path} cannot be read: ${reason}.`;
  const hint = `Stop the program that writes it, or exclude it with the glob "!${path}".`;
  throw new OpsError("INPUT_UNREADABLE", { path, reason }, { message, hint });
}

/** Null if the file changed meanwhile. The next reading uses its chunks again. */
async function takeOnce(
  { codec, chunks, old, onPiece }: FileTake,
  { path, mode, read }: FileSource,
): Promise<SnapshotFile | null> {
  const parts: Chunk[] = [];
  const pipeline = new Pipeline<Prepared>(async (prepared) => {
    parts.push(await chunks.store(prepared));
  });
  const predecessorOf = predecessors(old);
  const cutter = new FileCutter(async (part) => {
    await pipeline.add(part.length, chunks.prepare(part, predecessorOf(codec.digest(part))));
  });
  const whole = codec.digester();
  let bytes = 0;
  const isWhole = await read(async (piece) => {
    whole.update(piece);
    await cutter.add(piece);
    onPiece((bytes += piece.length));
  });
  await cutter.end();
  await pipeline.finish();
  return isWhole ? { path, bytes, mode, sha256: whole.digest(), chunks: parts } : null;
}

/** For each chunk in turn, by its id, the old chunk that it probably replaces: the one after the last chunk that both have. */
function predecessors(old: readonly Chunk[]): (id: string) => Chunk | null {
  const places = new Map(old.map(({ id }, place) => [id, place]));
  let next = 0;
  return (id) => {
    const replaced = old[next] ?? old.at(-1) ?? null;
    next = (places.get(id) ?? next) + 1;
    return replaced;
  };
}
