import { describe, expect, test } from "vitest";
import { snapshotCodec as codec } from "../../../src/files/snapshot-codec.ts";
import { PackWriter } from "../../../src/snapshots/store/pack-writer.ts";
import type { Store } from "../../../src/snapshots/store/store.ts";
import { Clock, MemoryStore } from "../prune/race-store.ts";

const STAMP = "2026-01-01T00:00:00.000Z";

/** Writes frames of these sizes. Returns the size of each pack, and the memory that it had while it was written. */
async function written(...frames: readonly number[]): Promise<[number, number][]> {
  const packs: [number, number][] = [];
  const store: Store = new MemoryStore(new Clock());
  const write = store.write.bind(store);
  store.write = async (folder, name, bytes) => {
    packs.push([bytes.length, bytes.buffer.byteLength]);
    await write(folder, name, bytes);
  };
  const writer = new PackWriter(store, codec, STAMP);
  for (const bytes of frames) await writer.add("id", bytes, new Uint8Array(bytes));
  await writer.finish();
  return packs;
}

describe("PackWriter", () => {
  test("reserves little memory for a small pack", async () => {
    expect(await written(1000)).toEqual([[1000 + STAMP.length, 1000 + STAMP.length]]);
    const [[bytes, memory] = [0, 0]] = await written(...Array<number>(500).fill(100));
    expect(memory).toBeLessThan(2 * bytes);
  });

  test("begins another pack after 8 MB, and gives a larger frame a pack of its own", async () => {
    const packs = await written(5_000_000, 3_000_000, 1, 17_000_000, 5);
    const sizes = packs.map(([bytes]) => bytes - STAMP.length);
    expect(sizes).toEqual([8_000_000, 1, 17_000_000, 5]);
  });
});
