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
])("%j is near to %j", (name, expected) => {
  expect(nearest(name, KNOWN)).toBe(expected);
});

test("a beginning that two names share is no guess", () => {
  expect(nearest("eu-", ["eu-west-long", "eu-east-long"])).toBeNull();
});

test("the nearer of two wins, whatever the order", () => {
  expect(nearest("staging2", ["staging11", "staging1"])).toBe("staging1");
  expect(nearest("staging2", ["staging1", "staging11"])).toBe("staging1");
});

test("a known name is nearest to itself, and nothing comes out that is not known", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string({ minLength: 1 })), fc.string(), (known, name) => {
      expect([...known, null]).toContain(nearest(name, known));
      const lower = new Set(known.map((it) => it.toLowerCase()));
      if (lower.size < known.length) return;
      for (const it of known) expect(nearest(it, known)).toBe(it);
    }),
  );
});
