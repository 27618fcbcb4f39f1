import { assert, constantFrom, property, string, tuple } from "fast-check";
import { describe, expect, test } from "vitest";
import { maskMac } from "../../src/files/mask-mac.ts";
import { maskerOf, type Replacing } from "../../src/clones/mask-value.ts";

const masker = maskerOf(maskMac("a key for tests only"));
const KINDS: readonly Replacing[] = ["email", "phone", "name", "text", "hash"];

const SHAPES: Readonly<Record<Replacing, RegExp>> = {
  email: /^[a-z2-9]{26}@example\.com$/i,
  phone: /^\+?999\d{12}$/,
  name: /^[a-z]{10,14}(?: [a-z]{10})?$/i,
  text: /^[a-z. ]+$/i,
  hash: /^[0-9a-f]{32}$/,
};

describe("a masked value", () => {
  test("has the form of its kind, whatever the original is", () => {
    assert(
      property(
        tuple(constantFrom(...KINDS), string({ minLength: 1, unit: "grapheme" })),
        ([kind, text]) => {
          expect(masker.text(kind, text)).toMatch(SHAPES[kind]);
        },
      ),
    );
  });

  test.each(KINDS)(
    "depends on the text and the key alone under %s, and an empty text stays empty",
    (kind) => {
      const original = "Ada Byron, ada@corp.example";
      expect(maskerOf(maskMac("a key for tests only")).text(kind, original)).toBe(
        masker.text(kind, original),
      );
      expect(maskerOf(maskMac("another key for tests")).text(kind, original)).not.toBe(
        masker.text(kind, original),
      );
      expect(masker.text(kind, "")).toBe("");
    },
  );

  test.each(["email", "hash"] as const)("differs for each of 20,000 texts under %s", (kind) => {
    const masked = new Set(Array.from({ length: 20_000 }, (_, i) => masker.text(kind, `${i}`)));
    expect(masked.size).toBe(20_000);
  });

  test("differs in case only if e-mail addresses do, so that NOCASE joins and unique columns survive", () => {
    const originals = [
      "ada@corp.example",
      "ADA@CORP.EXAMPLE",
      "Ada@Corp.Example",
      "aDA@corp.example",
    ];
    const masked = originals.map((one) => masker.text("email", one));
    expect(new Set(masked.map((one) => one.toLowerCase())).size).toBe(1);
    expect(new Set(masked).size).toBe(4);
  });

  test.each([
    ["Ada Byron", /^[A-Z][a-z]{9} [A-Z][a-z]{9}$/],
    ["ada", /^[a-z]{14}$/],
    ["ADA  BYRON", /^[A-Z]{10} [A-Z]{10}$/],
    ["Łucja", /^[A-Z][a-z]{13}$/],
  ])("keeps the words and the case of the name %s", (original, form) => {
    expect(masker.text("name", original)).toMatch(form);
  });

  test("has the length of a text, up to a megabyte", () => {
    for (const length of [1, 2, 6, 100, 1_000_000]) {
      expect(masker.text("text", "x".repeat(length))).toHaveLength(length);
    }
    expect(masker.text("text", "Some words.")).toMatch(/^[A-Z]/);
  });

  test.each([
    ["phone", "33199001234", /^999\d{12}$/],
    ["hash", "-9223372036854775808", /^\d{1,16}$/],
    ["email", "1.5", /^\d{1,16}\.0$/],
  ] as const)("stays a number under %s", (kind, original, form) => {
    expect(masker.number(kind, original)).toMatch(form);
  });

  test("stays a blob, of 16 bytes, and an empty one stays empty", () => {
    expect(masker.blob("00FF")).toMatch(/^[0-9A-F]{32}$/);
    expect(masker.blob("")).toBe("");
  });
});
