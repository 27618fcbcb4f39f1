import { randomBytes } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { snapshotCodec } from "../../src/files/snapshot-codec.ts";

const { compress, decompress, digest } = snapshotCodec;

/** Repeats make matches, and the first bytes of a trained dictionary are a special case of zstd. */
const content = fc.oneof(
  fc.uint8Array({ maxLength: 2000 }),
  fc
    .tuple(fc.uint8Array({ maxLength: 40 }), fc.nat(200))
    .map(([part, times]) => new Uint8Array(Buffer.concat(Array<Uint8Array>(times).fill(part)))),
  fc
    .uint8Array({ maxLength: 300 })
    .map((rest) => new Uint8Array([0x37, 0xa4, 0x30, 0xec, ...rest])),
);

const dictionaries = fc.option(content);

function rows(changed: number): Uint8Array {
  const lines = Array.from(
    { length: 256 },
    (_, row) => `(${row},'${row === changed ? "new" : "old"}${(row * 7919) % 10_007}')`,
  );
  return new TextEncoder().encode(lines.join(",\n"));
}

function bytesOf(read: Uint8Array | null): Buffer | null {
  return read === null ? null : Buffer.from(read);
}

describe("the codec of snapshots", () => {
  test("hashes with SHA-256", () => {
    // The test vector of FIPS 180-4.
    expect(digest(new TextEncoder().encode("abc"))).toBe(
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
  });

  test("returns any bytes as they were, with and without a dictionary", async () => {
    await fc.assert(
      fc.asyncProperty(content, dictionaries, async (bytes, dictionary) => {
        const frame = await compress(bytes, dictionary);
        expect(bytesOf(await decompress(frame, dictionary, bytes.length))).toEqual(
          Buffer.from(bytes),
        );
      }),
    );
  });

  test("never returns wrong bytes that have the right digest after any byte of a frame was flipped", async () => {
    await fc.assert(
      fc.asyncProperty(
        content,
        dictionaries,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (...args) => {
          const [bytes, dictionary, at, flip] = args;
          const frame = Buffer.from(await compress(bytes, dictionary));
          const byte = at % frame.length;
          frame.writeUInt8(frame.readUInt8(byte) ^ flip, byte);
          const read = await decompress(frame, dictionary, bytes.length);
          if (read === null || digest(read) !== digest(bytes)) return;
          expect(Buffer.from(read)).toEqual(Buffer.from(bytes));
        },
      ),
    );
  });

  test("makes a changed chunk small with its previous version as the dictionary", async () => {
    expect((await compress(rows(17), rows(-1))).length).toBeLessThan(60);
  });

  test.each([1, 2, 4, 10])(
    "makes a changed chunk of %i MB small with its previous version as the dictionary",
    async (megabytes) => {
      const old = new TextEncoder().encode(randomBytes(megabytes * 500_000).toString("hex"));
      const now = Buffer.concat([old.subarray(0, 1000), Buffer.from("new"), old.subarray(1000)]);
      const frame = await compress(now, old);
      expect(frame.length).toBeLessThan(now.length / 1000);
      expect(bytesOf(await decompress(frame, old, now.length))?.equals(now)).toBe(true);
    },
  );

  test("returns null with a wrong dictionary of the same length", async () => {
    const frame = await compress(rows(17), rows(-1));
    const wrong = rows(99);
    expect(await decompress(frame, wrong, rows(17).length)).toBeNull();
    expect(await decompress(frame, null, rows(17).length)).toBeNull();
  });

  test("returns null for a frame that was cut at any byte", async () => {
    const frame = await compress(rows(17), null);
    for (let length = 0; length < frame.length; length += 1) {
      expect(await decompress(frame.subarray(0, length), null, rows(17).length)).toBeNull();
    }
  });

  test("returns null for bytes that are no frame", async () => {
    expect(await decompress(randomBytes(1000), null, 1_000_000)).toBeNull();
  });

  test.each([
    ["one byte more than the limit", rows(17).length - 1],
    ["any byte where the limit is 0", 0],
  ])("returns null for %s", async (_, limit) => {
    expect(await decompress(await compress(rows(17), null), null, limit)).toBeNull();
  });

  test("returns null for one byte where the limit is 0", async () => {
    expect(await decompress(await compress(new Uint8Array(1), null), null, 0)).toBeNull();
  });

  test.each([0, 1, 255, 256, 65_535, 65_536, 65_791, 65_792, 500_000])(
    "reserves no memory for more than the content, whatever the limit is: %i bytes",
    async (length) => {
      // Its first jobs run in this thread, so the result shows the memory that node reserved.
      vi.resetModules();
      const { snapshotCodec: unused } = await import("../../src/files/snapshot-codec.ts");
      const bytes = new Uint8Array(randomBytes(length));
      const read = await unused.decompress(await compress(bytes, null), null, 1_000_000_000);
      expect(bytesOf(read)?.equals(bytes)).toBe(true);
      expect(read?.buffer.byteLength).toBeLessThanOrEqual(Math.max(length, 2 * 65_536));
    },
  );

  test("does not read a frame of 300 MB into the memory before it finds that the limit is 1 kB", async () => {
    const frame = await compress(new Uint8Array(300_000_000), null);
    const before = process.memoryUsage.rss();
    expect(await decompress(frame, null, 1000)).toBeNull();
    expect(process.memoryUsage.rss() - before).toBeLessThan(150_000_000);
  });
});
