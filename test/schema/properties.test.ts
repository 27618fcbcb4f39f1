import { expect, test } from "vitest";
import { oneChange, twoSpellings } from "./properties.ts";

// The same schemas on each run. `properties.long.test.ts` tries thousands of others.
const parameters = { seed: 20_261_122 };

test("compareSchemas finds no difference between two spellings of one schema", async () => {
  await twoSpellings({ ...parameters, numRuns: 60 });
});

test("compareSchemas reports one change as one difference, with its kind and name", async () => {
  const tried = await oneChange({ ...parameters, numRuns: 200 });
  expect(tried.size).toBeGreaterThan(50);
});
