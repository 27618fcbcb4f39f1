import { expect, test } from "vitest";
import { oneChange, twoSpellings } from "./properties.ts";

// The same ones each time; others are tried in `properties.slow.test.ts`.
const parameters = { seed: 20_261_122, interruptAfterTimeLimit: 50_000 };

test("two spellings of one schema do not differ", async () => {
  await twoSpellings({ ...parameters, numRuns: 150 });
});

test("one change is one difference, of its kind and name", async () => {
  const tried = await oneChange({ ...parameters, numRuns: 300 });
  expect(tried.size).toBeGreaterThan(50);
});
