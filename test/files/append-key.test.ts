import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  appendKeyText,
  parseAppendKey,
  privateKey,
  seal,
  unseal,
} from "../../src/files/append-key.ts";
import { appendingCodec, appendKeyOf, encryptedCodec } from "../../src/files/encrypted-codec.ts";

const KEY = Buffer.alloc(32, 7);
const owner = encryptedCodec(KEY);
const append = appendKeyOf(KEY);
const contents = fc.uint8Array({ maxLength: 2000 });

describe("the codec of the append-only key", () => {
  test("writes frames that the key of the store reads, with and without a dictionary", async () => {
    await fc.assert(
      fc.asyncProperty(contents, fc.option(contents), async (bytes, dictionary) => {
        const frame = await appendingCodec(append).compress(bytes, dictionary);
        const read = await owner.decompress(frame, dictionary, bytes.length);
        expect(read && Buffer.from(read)).toEqual(Buffer.from(bytes));
      }),
      { numRuns: 50 },
    );
  });

  test("gives the same ids as the key of the store", () => {
    const bytes = Buffer.from("a content");
    expect(appendingCodec(append).digest(bytes)).toBe(owner.digest(bytes));
  });

  test("reads nothing: neither what the key of the store wrote, nor what it wrote itself", async () => {
    const codec = appendingCodec(append);
    const own = await codec.compress(Buffer.from("own"), null);
    const foreign = await owner.compress(Buffer.from("foreign"), null);
    for (const frame of [own, foreign]) expect(await codec.decompress(frame, null, 100)).toBeNull();
    // Nor with the keys that it has, taken for the key of a store.
    for (const key of [append.ids, append.recipient]) {
      const guess = encryptedCodec(key);
      for (const frame of [own, foreign]) {
        expect(await guess.decompress(frame, null, 100)).toBeNull();
      }
    }
  });

  test("marks its frames, and those of the key of the store have no mark", async () => {
    const codec = appendingCodec(append);
    const bytes = Buffer.from("text");
    expect(owner.isAppended(await codec.compress(bytes, null))).toBe(true);
    expect(owner.isAppended(await owner.compress(bytes, null))).toBe(false);
    expect([codec.appends, owner.appends]).toEqual([true, false]);
  });

  test("has a new key for each take: equal contents have other bytes, and equal ids", async () => {
    const bytes = Buffer.from("the same");
    const [one, two] = [appendingCodec(append), appendingCodec(append)];
    expect(await one.compress(bytes, null)).not.toEqual(await two.compress(bytes, null));
    expect(await one.compress(bytes, null)).toEqual(await one.compress(bytes, null));
  });

  test("writes frames of which no byte can change without notice", async () => {
    const frame = await appendingCodec(append).compress(Buffer.from("a text of some length"), null);
    for (let at = 0; at < frame.length; at += 1) {
      const damaged = Buffer.from(frame);
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      expect(await owner.decompress(damaged, null, 100)).toBeNull();
    }
  });

  test("writes nothing that the key of another store reads", async () => {
    const frame = await appendingCodec(append).compress(Buffer.from("text"), null);
    expect(await encryptedCodec(Buffer.alloc(32, 8)).decompress(frame, null, 100)).toBeNull();
  });
});

describe("sealing", () => {
  test("refuses a point that gives everyone the same secret", () => {
    const key = privateKey(Buffer.alloc(32, 1));
    expect(unseal(key, new Uint8Array(32), "scope")).toBeNull();
    expect(unseal(key, new Uint8Array(3), "scope")).toBeNull();
  });

  test("gives both sides the same secret, and another one in another scope", () => {
    const { ephemeral, secret } = seal(append.recipient, "scope");
    expect(secret).toHaveLength(32);
    expect(seal(append.recipient, "scope").secret).not.toEqual(secret);
    expect(ephemeral).not.toEqual(append.recipient);
  });
});

describe("the text of an append-only key", () => {
  test("comes back, also with white space around it", () => {
    const text = appendKeyText(append);
    expect(text).toMatch(/^d1ops-append-1-[\w-]{91}$/);
    for (const typed of [text, ` ${text}\n`]) {
      const read = parseAppendKey(typed);
      expect(read && Buffer.from(read.ids)).toEqual(Buffer.from(append.ids));
      expect(read && Buffer.from(read.recipient)).toEqual(Buffer.from(append.recipient));
    }
  });

  test("is no key after any character is lost or changed", () => {
    const text = appendKeyText(append);
    for (let at = 0; at < text.length; at += 1) {
      expect(parseAppendKey(text.slice(0, at) + text.slice(at + 1))).toBeNull();
      const other = text[at] === "A" ? "B" : "A";
      expect(parseAppendKey(text.slice(0, at) + other + text.slice(at + 1))).toBeNull();
    }
    expect(parseAppendKey("")).toBeNull();
    expect(parseAppendKey("AGE-SECRET-KEY-1ABC")).toBeNull();
  });
});
