import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareNames } from "../../src/files/order.ts";

describe("compareNames", () => {
  test.each([
    ["numbers by value, whatever their width", ["2_b.sql", "10_a.sql", "0011_c.sql"]],
    ["the same number by the rest of the name", ["0001_a.sql", "0001_b.sql", "1_a.sql"]],
    ["numbers before names", ["9_z.sql", "20261122_a.sql", "A.sql", "_1.sql", "a.sql"]],
    ["by a number that ends at any character", ["1.sql", "2b_x.sql", "3-x.sql", "4 x.sql"]],
    ["by a number with a sign or spaces before it", ["-1_a.sql", " 0_a.sql", "+1_a.sql"]],
    ["other notations as the digits before them", ["0x10.sql", "1e5.sql", "2.sql", "Infinity.sql"]],
    [
      "a number that is too large for a double as a name",
      [`1${"0".repeat(60)}.sql`, `-${"9".repeat(309)}.sql`, `${"9".repeat(309)}.sql`, "A.sql"],
    ],
    ["capitals before small letters before accents", ["B.sql", "a.sql", "z.sql", "é.sql"]],
    ["by UTF-16 code units, not by code points", ["\u{1F600}.sql", "\uFF61.sql"]],
    ["folder by folder", ["1_a/z.sql", "2_a/a.sql", "10_a/a.sql", "x/1.sql", "x/a.sql"]],
    ["files and folders together", ["1.sql", "2/1.sql", "3.sql"]],
    ["a name before what is below it", ["a", "a/b"]],
    ["a dot before a slash does not count, since folders are compared first", ["a/b.sql", "a.sql"]],
  ])("orders %s", (_, expected) => {
    expect(expected.toReversed().sort(compareNames)).toEqual(expected);
    expect(expected.toSorted(compareNames)).toEqual(expected);
  });
});

const segment = fc.oneof(
  fc.string({ minLength: 1 }),
  fc.stringMatching(/^[ +-]?[0-9]{1,3}[_a-c.-]{0,3}$/).filter((it) => it !== ""),
);
const name = fc
  .array(segment, { minLength: 1, maxLength: 3 })
  .map((segments) => segments.map((it) => it.replaceAll("/", "|")).join("/"));

test("compareNames is a total order: antisymmetric, transitive, and 0 only for equal names", () => {
  fc.assert(
    fc.property(name, name, name, (a, b, c) => {
      expect(Math.sign(compareNames(a, b))).toBe(-Math.sign(compareNames(b, a)) + 0);
      expect(compareNames(a, b) === 0).toBe(a === b);
      if (compareNames(a, b) < 0 && compareNames(b, c) < 0) {
        expect(compareNames(a, c)).toBeLessThan(0);
      }
    }),
    { numRuns: 1000 },
  );
});
