import { expect, test } from "vitest";
import { oneChange, twoSpellings } from "./properties.ts";

const MINUTES = 60_000;
const timeout = 9 * MINUTES;
/** New schemas on each run. To repeat a failure: `D1OPS_SEED=… vitest run`. */
const seed = Number(process.env["D1OPS_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const parameters = { seed, numRuns: 4000, interruptAfterTimeLimit: 8 * MINUTES };

test(
  `compareSchemas finds no difference between two spellings of one schema, seed ${seed}`,
  { timeout },
  async () => {
    await twoSpellings(parameters);
  },
);

test(`compareSchemas reports one change as one difference, seed ${seed}`, { timeout }, async () => {
  const tried = await oneChange(parameters);
  const tally = [...tried].sort(([, a], [, b]) => a - b);
  process.stdout.write(`${tally.map(([what, count]) => `${count} ${what}`).join(", ")}\n`);
  expect(tried.size).toBeGreaterThan(70);
});
