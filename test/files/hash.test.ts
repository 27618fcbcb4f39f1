import { expect, test } from "vitest";
import { sha256 } from "../../src/files/hash.ts";

test.each([
  ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
  ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
  ["é", "4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c"],
])("sha256 of %j is a known digest", (text, expected) => {
  expect(sha256(text)).toBe(expected);
});

test.each([1, 1000, 99_999, 100_000, 250_000])(
  "sha256 of parts of %d characters equals that of the whole text",
  (size) => {
    const parts = ["é".repeat(size), "", "b", "c".repeat(size)];
    expect(sha256(parts)).toBe(sha256(parts.join("")));
  },
);
