import { createDecipheriv, createHmac, hkdfSync, randomBytes } from "node:crypto";
import { zstdDecompressSync } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encryptedCodec } from "../../src/files/encrypted-codec.ts";
import { snapshotCodec } from "../../src/files/snapshot-codec.ts";

const KEY = Buffer.alloc(32, 7);
const codec = encryptedCodec(KEY);
const other = encryptedCodec(Buffer.alloc(32, 8));

const contents = fc.oneof(
  fc.uint8Array({ maxLength: 2000 }),
  fc
    .tuple(fc.uint8Array({ maxLength: 40 }), fc.nat(200))
    .map(([part, times]) => new Uint8Array(Buffer.concat(Array<Uint8Array>(times).fill(part)))),
);
const dictionaries = fc.option(contents);

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

describe("the codec of encrypted snapshots", () => {
  test("returns any bytes as they were, with and without a dictionary", async () => {
    await fc.assert(
      fc.asyncProperty(contents, dictionaries, async (bytes, dictionary) => {
        const frame = await codec.compress(bytes, dictionary);
        const read = await codec.decompress(frame, dictionary, bytes.length);
        expect(read && Buffer.from(read)).toEqual(Buffer.from(bytes));
      }),
    );
  });

  test("returns null after any byte of a frame was flipped", async () => {
    await fc.assert(
      fc.asyncProperty(
        contents,
        dictionaries,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (...args) => {
          const [bytes, dictionary, at, flip] = args;
          const frame = Buffer.from(await codec.compress(bytes, dictionary));
          const byte = at % frame.length;
          frame.writeUInt8(frame.readUInt8(byte) ^ flip, byte);
          expect(await codec.decompress(frame, dictionary, bytes.length)).toBeNull();
        },
      ),
    );
  });

  test("returns null for every frame that was cut", async () => {
    const frame = await codec.compress(text("a text of some length"), null);
    for (let length = 0; length < frame.length; length += 1) {
      expect(await codec.decompress(frame.subarray(0, length), null, 1000)).toBeNull();
    }
  });

  test("returns null for a frame of another key, and for one that is not encrypted", async () => {
    const bytes = text("value");
    expect(await codec.decompress(await other.compress(bytes, null), null, 5)).toBeNull();
    expect(await codec.decompress(await snapshotCodec.compress(bytes, null), null, 5)).toBeNull();
  });

  test("returns null where the content has more bytes than the limit", async () => {
    expect(await codec.decompress(await codec.compress(text("value"), null), null, 4)).toBeNull();
  });

  test("gives equal frames for equal contents, and different nonces for different ones", async () => {
    const frames = await Promise.all(
      ["one", "one", "two", "three"].map(async (value) => codec.compress(text(value), null)),
    );
    const [first, second, ...rest] = frames.map((frame) => Buffer.from(frame));
    expect(first).toEqual(second);
    const nonces = [first, ...rest].map((frame) => frame?.toString("hex", 0, 12));
    expect(new Set(nonces).size).toBe(3);
  });

  test("uses another nonce if only the dictionary differs", async () => {
    const bytes = text("value ".repeat(50));
    const [one, two] = await Promise.all(
      [null, text("value ".repeat(40))].map(async (dictionary) =>
        codec.compress(bytes, dictionary),
      ),
    );
    expect(Buffer.from(one ?? []).toString("hex", 0, 12)).not.toBe(
      Buffer.from(two ?? []).toString("hex", 0, 12),
    );
  });

  test("gives digests that depend on the key, and are not the SHA-256 of the content", () => {
    const bytes = text("value");
    const digests = [codec, other, snapshotCodec].map(({ digest }) => digest(bytes));
    expect(new Set(digests).size).toBe(3);
    for (const digest of digests) expect(digest).toMatch(/^[\da-f]{64}$/);
  });

  test("can be read by another program that follows the page of the format", async () => {
    const key = randomBytes(32);
    const derived = (use: string): Buffer =>
      Buffer.from(hkdfSync("sha256", key, "", `d1ops snapshot encryption 1 ${use}`, 32));
    const content = text("(1,'a'),\n(2,NULL)");
    const written = encryptedCodec(key);
    const frame = Buffer.from(await written.compress(content, null));
    const cipher = createDecipheriv("aes-256-gcm", derived("content"), frame.subarray(0, 12));
    cipher.setAAD(Buffer.from("d1ops snapshot encryption 1"));
    cipher.setAuthTag(frame.subarray(-16));
    const compressed = Buffer.concat([cipher.update(frame.subarray(12, -16)), cipher.final()]);
    expect(zstdDecompressSync(compressed)).toEqual(Buffer.from(content));
    expect(
      createHmac("sha256", derived("nonces")).update(compressed).digest().subarray(0, 12),
    ).toEqual(frame.subarray(0, 12));
    expect(written.digest(content)).toBe(
      createHmac("sha256", derived("ids")).update(content).digest("hex"),
    );
  });
});
