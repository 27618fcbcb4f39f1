import { expect, test } from "vitest";
import { oneChange, twoSpellings } from "./properties.ts";

// The same ones each time. `properties.long.test.ts` tries thousands of others.
const parameters = { seed: 20_261_122 };

test("two spellings of one schema do not differ", async () => {
  await twoSpellings({ ...parameters, numRuns: 60 });
});

test("one change is one difference, of its kind and name", async () => {
  const tried = await oneChange({ ...parameters, numRuns: 200 });
  expect(tried.size).toBeGreaterThan(50);
});
