import * as fc from "fast-check";
import { expect, test } from "vitest";
import { nearest } from "../../src/report/nearest.ts";

const KNOWN = ["production", "staging", "preview", "DB"];

test.each([
  ["stagin", "staging"],
  ["stgaing", "staging"],
  ["Staging", "staging"],
  ["stageing", "staging"],
  ["prod", "production"],
  ["pre", "preview"],
  ["db", "DB"],
  ["D", null],
  ["pr", null],
  ["", null],
  ["local", null],
  ["test", null],
])("nearest to %j is %j", (name, expected) => {
  expect(nearest(name, KNOWN)).toBe(expected);
});

test("nearest returns null for a beginning that two names share", () => {
  expect(nearest("eu-", ["eu-west-long", "eu-east-long"])).toBeNull();
});

test("nearest chooses the nearer of two names in any order", () => {
  expect(nearest("staging2", ["staging11", "staging1"])).toBe("staging1");
  expect(nearest("staging2", ["staging1", "staging11"])).toBe("staging1");
});

test("nearest returns only known names, and a known name for itself", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string({ minLength: 1 })), fc.string(), (known, name) => {
      expect([...known, null]).toContain(nearest(name, known));
      const lower = new Set(known.map((it) => it.toLowerCase()));
      if (lower.size < known.length) return;
      for (const it of known) expect(nearest(it, known)).toBe(it);
    }),
  );
});
