import { DatabaseSync } from "node:sqlite";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { bytesOfHex, hexOf } from "../../../src/snapshots/store/bytes.ts";
import {
  hexIn,
  literalOf,
  literalOfText,
  textOfLiteral,
} from "../../../src/snapshots/rows/literal.ts";

const TEXT = fc.string({ unit: "binary" });

test("a literal of a text is read as the same text, by d1ops and by SQLite", () => {
  using database = new DatabaseSync(":memory:");
  fc.assert(
    fc.property(TEXT, (text) => {
      const literal = literalOfText(text);
      expect(textOfLiteral(literal)).toBe(text);
      const row = database
        .prepare(`SELECT hex(${literal}) AS hex, typeof(${literal}) AS type`)
        .get();
      expect(row).toEqual({ hex: hexOf(Buffer.from(text)).toUpperCase(), type: "text" });
    }),
  );
});

test("the digits of a blob, and of a text that is not UTF-8, are those of its bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const hex = hexOf(bytes).toUpperCase();
      expect(bytesOfHex(hex)).toEqual(bytes);
      expect(hexIn(literalOf({ type: "blob", hex }))).toBe(hex);
      const text = literalOf({ type: "text", hex: `FF${hex}` });
      expect([hexIn(text), textOfLiteral(text)]).toEqual([`FF${hex}`, null]);
    }),
  );
});

test.each(["NULL", "17", "-0.0", "'X''00'''", "9.0e+999"])(
  "%s has no digits of bytes",
  (literal) => {
    expect(hexIn(literal)).toBeNull();
  },
);
