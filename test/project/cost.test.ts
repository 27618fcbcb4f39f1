import { expect, test } from "vitest";
import { costText } from "../../src/project/cost.ts";

test.each([
  ["remote", 3000, "$0.0130, 3,000 rows written"],
  ["remote", 1, "$0.0130, 1 row written"],
  ["local", 3000, "3,000 rows written"],
] as const)("costText of a %s database that wrote %i rows is %s", (place, rows, text) => {
  expect(costText({ place }, { read: 1_000_000, written: 12_000 }, rows)).toBe(text);
});
