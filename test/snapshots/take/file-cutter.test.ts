import { hash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FileCutter } from "../../../src/snapshots/take/file-cutter.ts";
import { content } from "../whole-file.ts";

/** The chunks of a content that arrives in pieces of this size. */
async function chunksOf(bytes: Uint8Array, piece = bytes.length): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  const cutter = new FileCutter(async (chunk) => void chunks.push(chunk));
  for (let at = 0; at < bytes.length; at += piece) {
    await cutter.add(bytes.subarray(at, at + piece));
  }
  await cutter.end();
  return chunks;
}

const idsOf = (chunks: readonly Uint8Array[]): string[] => chunks.map((one) => hash("sha256", one));

describe("FileCutter", () => {
  test("gives chunks that are the content when they are joined, whatever the pieces", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer(),
        fc.integer({ min: 0, max: 6_000_000 }),
        fc.integer({ min: 50_000, max: 5_000_000 }),
        async (seed, bytes, piece) => {
          const whole = content(seed, bytes);
          const chunks = await chunksOf(whole, piece);
          expect(whole.equals(Buffer.concat(chunks))).toBe(true);
          expect(idsOf(chunks)).toEqual(idsOf(await chunksOf(whole)));
        },
      ),
      { numRuns: 10 },
    );
  });

  test("gives chunks of 256 kB to 4 MB, of about 1 MB on average, and a shorter one at the end", async () => {
    const chunks = await chunksOf(content(1, 40_000_000));
    const sizes = chunks.map(({ length }) => length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(4_000_000);
    expect(Math.min(...sizes.slice(0, -1))).toBeGreaterThan(256_000);
    expect(sizes.length).toBeGreaterThan(20);
    expect(sizes.length).toBeLessThan(80);
  });

  test("gives chunks of 4 MB of a content without variety", async () => {
    const sizes = (await chunksOf(Buffer.alloc(9_000_000))).map(({ length }) => length);
    expect(sizes).toEqual([4_000_000, 4_000_000, 1_000_000]);
  });

  test("gives no chunk of an empty file", async () => {
    expect(await chunksOf(Buffer.alloc(0))).toEqual([]);
  });

  test("moves few boundaries when bytes are inserted, removed or overwritten", async () => {
    const whole = content(2, 12_000_000);
    const before = new Set(idsOf(await chunksOf(whole)));
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 12_000_000 }),
        fc.integer({ min: 0, max: 200_000 }),
        fc.integer({ min: 0, max: 200_000 }),
        fc.integer(),
        async (at, removed, inserted, seed) => {
          const parts = [
            whole.subarray(0, at),
            content(seed, inserted),
            whole.subarray(at + removed),
          ];
          const after = idsOf(await chunksOf(Buffer.concat(parts)));
          expect(after.filter((id) => !before.has(id)).length).toBeLessThanOrEqual(6);
        },
      ),
      { numRuns: 8 },
    );
  });

  test("keeps its boundaries from version to version, or each snapshot would store all files again", async () => {
    const ends = (await chunksOf(content(3, 6_000_000))).map(({ length }) => length);
    expect(ends).toMatchInlineSnapshot(`
      [
        1117786,
        1438750,
        1218205,
        552863,
        1353162,
        319234,
      ]
    `);
  });
});
