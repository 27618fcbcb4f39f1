import { describe, expect, test } from "vitest";
import { murmur3, textMark } from "../../src/files/text-mark.ts";

/** The digests are those of another implementation: murmurhash3js-revisited 3.0.0, `x86.hash128` of the UTF-8 bytes. */
describe("murmur3 returns the digest of the reference for", () => {
  test.each([
    ["an empty text", "", "00000000000000000000000000000000"],
    ["a few bytes", "abc", "75cdc6d1a2b006a5a2b006a5a2b006a5"],
    ["one byte less than a block", "0123456789abcde", "3c76c46d4d0818c0add433daa78673fa"],
    ["a block", "0123456789abcdef", "fb7d440936aed30a48ad1d9b572b3bfd"],
    ["one byte more than a block", "0123456789abcdefg", "7f1f9836516b3876ac29c030f9d6f374"],
    [
      "a sentence",
      "The quick brown fox jumps over the lazy dog",
      "2f1583c3ecee2c675d7bf66ce5e91d2c",
    ],
    ["two bytes of UTF-8", "é", "b2013c81e6cec69ce6cec69ce6cec69c"],
    ["a surrogate pair", "🚲", "91c8a9ff1168883c1168883c1168883c"],
    [
      "as many bytes as its memory, less one",
      "a".repeat(16_383),
      "8f25d7e42209be9f177c76890964c1e1",
    ],
    ["as many bytes as its memory", "a".repeat(16_384), "6e8f649a181411d87dc66e74f6dd455c"],
    ["one byte more than its memory", "a".repeat(16_385), "319cd9cdbbac735a14700e587e1826d8"],
    ["a long text", "é".repeat(40_000), "cf3617327362103178f800eb264a4bb8"],
    [
      "a letter across the end of its memory",
      `a${"é".repeat(20_000)}`,
      "014568a222dcdb3417fde2efde6c260d",
    ],
  ])("%s", (_, text, digest) => {
    expect(murmur3(text)).toBe(digest);
    expect(murmur3(text)).toBe(digest);
  });
});

test("textMark contains the hash of the text and the beginning of the checksum", () => {
  const checksum = "0123456789abcdef".repeat(4);
  expect(textMark(checksum, "abc")).toBe(
    "murmur3:75cdc6d1a2b006a5a2b006a5a2b006a5:0123456789abcdef",
  );
});
