/** @module Verifies a snapshot: reads all of it, as a restore does, and proves every digest. */
import { release } from "../store/bytes.ts";
import { contradictionsOf, type Damage, type ManifestCheck } from "./contradictions.ts";
import { proveFile } from "./file-content.ts";
import { isDamage } from "../errors.ts";
import { Pipeline } from "../take/pipeline.ts";
import { chunkReader, type ReadChunk } from "../rows/read-chunk.ts";
import { readProven } from "../store/read-proven.ts";
import { bytesOf } from "../store/sizes.ts";

export interface VerifyRequest extends ManifestCheck {
  /** Bytes of the content, before compression. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Returns every damage. @throws OpsError of the store */
export async function verifySnapshot(request: VerifyRequest): Promise<Damage[]> {
  const { store, codec, manifest } = request;
  const { database, files } = manifest;
  const tables = database?.tables ?? [];
  const total = [...tables, ...files].reduce((sum, { chunks }) => sum + bytesOf(chunks), 0);
  const readChunk = chunkReader(store, codec, manifest);
  let done = 0;
  const read: ReadChunk = async (chunk) => {
    request.onProgress?.((done += chunk.bytes), total);
    return readChunk(chunk);
  };
  const damages: Damage[] = [];
  const check = async (loses: Damage["loses"], act: () => Promise<void>): Promise<void> => {
    try {
      await act();
    } catch (error) {
      if (!isDamage(error)) throw error;
      damages.push({ loses, error });
    }
  };
  for (const table of tables) {
    const loses = { kind: "table", name: table.name } as const;
    const pipeline = new Pipeline<void>(() => {});
    for (const chunk of table.chunks) {
      await pipeline.add(
        chunk.bytes,
        check(loses, async () => release(await read(chunk))),
      );
    }
    await pipeline.finish();
  }
  for (const file of files) {
    await check({ kind: "file", name: file.path }, async () => proveFile(request, file, read));
  }
  // Finds damage also in bytes that this snapshot does not need.
  for (const pack of manifest.packs) {
    await check(null, async () => release(await readProven(request, "packs", pack)));
  }
  return [...damages, ...contradictionsOf(request)];
}
