import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { folderStore } from "../../../src/files/folder-store.ts";
import { release } from "../../../src/snapshots/store/bytes.ts";
import { withReadAhead } from "../../../src/snapshots/store/read-ahead.ts";
import type { Store } from "../../../src/snapshots/store/store.ts";
import { folder } from "../../files/temporary-folder.ts";
import { sample } from "../store-contract.ts";

/** The store, and the number of its reads so far. */
function counted(store: Store): { readonly store: Store; readonly reads: () => number } {
  let reads = 0;
  return {
    reads: () => reads,
    store: {
      ...store,
      async read(...part) {
        reads += 1;
        return store.read(...part);
      },
    },
  };
}

const NONE = Buffer.from("no such object");

describe("reading ahead", () => {
  test("returns the same parts as the store, wherever they begin and end", async () => {
    using root = folder();
    const store = folderStore(root.path);
    const { name, bytes } = sample(2_500_000);
    await store.write("packs", name, bytes);
    const ahead = withReadAhead(store);
    const position = fc.oneof(fc.nat(2_600_000), fc.constantFrom(0, 1_000_000, 2_500_000));
    const length = fc.oneof(fc.nat(2_000), fc.constantFrom(0, 1, 999_999, 1_000_000, 1_000_001));
    await fc.assert(
      fc.asyncProperty(position, length, async (at, size) => {
        const part = { at, bytes: size };
        const read = await ahead.read("packs", name, part);
        const wanted = await store.read("packs", name, part);
        // `toEqual` compares a million bytes one by one.
        expect(Buffer.compare(read ?? NONE, wanted ?? NONE)).toBe(0);
      }),
      { numRuns: 200 },
    );
    expect(await ahead.read("packs", sample().name, { at: 5, bytes: 5 })).toBeNull();
  });

  test("requests each block once for many parts, also at the same time", async () => {
    using root = folder();
    const { store, reads } = counted(folderStore(root.path));
    const { name, bytes } = sample(2_500_000);
    await store.write("packs", name, bytes);
    const ahead = withReadAhead(store);
    const parts = Array.from({ length: 250 }, (_, at) => ({ at: at * 10_000, bytes: 10_000 }));
    await Promise.all(parts.map(async (part) => ahead.read("packs", name, part)));
    for (const part of parts) await ahead.read("packs", name, part);
    expect(reads()).toBe(3);
  });

  test("returns a part that fills a block again after its reader has freed it", async () => {
    using root = folder();
    const store = folderStore(root.path);
    const { name, bytes } = sample(1_000_000);
    await store.write("packs", name, bytes);
    const ahead = withReadAhead(store);
    const read = async (): Promise<Uint8Array | null> =>
      ahead.read("packs", name, { at: 0, bytes: bytes.length });
    const first = await read();
    if (first !== null) release(first);
    expect(await read()).toEqual(new Uint8Array(bytes));
  });

  test("keeps at most 40 blocks, and forgets the one that was not used for the longest time", async () => {
    using root = folder();
    const { store, reads } = counted(folderStore(root.path));
    const { name, bytes } = sample(50_000_000);
    await store.write("packs", name, bytes);
    const ahead = withReadAhead(store);
    const read = async (block: number): Promise<unknown> =>
      ahead.read("packs", name, { at: block * 1_000_000, bytes: 1 });
    for (let block = 0; block < 40; block += 1) await read(block);
    await read(0);
    await read(40);
    expect(reads()).toBe(41);
    await read(0);
    expect(reads()).toBe(41);
    await read(1);
    expect(reads()).toBe(42);
  });

  test("requests a block again after an error, and after a write", async () => {
    using root = folder();
    const { name, bytes } = sample(1000);
    const inner = folderStore(root.path);
    await inner.write("packs", name, bytes);
    let fails = true;
    const { store, reads } = counted({
      ...inner,
      async read(...part) {
        if (fails) throw new Error("cut");
        return inner.read(...part);
      },
    });
    const ahead = withReadAhead(store);
    const part = { at: 10, bytes: 10 };
    await expect(ahead.read("packs", name, part)).rejects.toThrow("cut");
    fails = false;
    expect(await ahead.read("packs", name, part)).toEqual(new Uint8Array(bytes.subarray(10, 20)));
    await ahead.write("packs", name, bytes);
    await ahead.read("packs", name, part);
    expect(reads()).toBe(3);
  });

  test("requests a block again that was read while its pack was written again", async () => {
    using root = folder();
    const { name, bytes } = sample(1000);
    const inner = folderStore(root.path);
    await inner.write("packs", name, bytes.subarray(0, 500));
    const part = { at: 600, bytes: 10 };
    const ahead = withReadAhead({
      ...inner,
      async write(...object) {
        expect(await ahead.read("packs", name, part)).toEqual(new Uint8Array());
        await inner.write(...object);
      },
    });
    await ahead.write("packs", name, bytes);
    expect(await ahead.read("packs", name, part)).toEqual(new Uint8Array(bytes.subarray(600, 610)));
  });
});
