import { expect, test } from "vitest";
import { roundTrip } from "./round-trip/round-trip.ts";

const MINUTE = 60_000;
/** New databases on each run. To repeat a failure: `D1OPS_SEED=… vitest run`. */
const seed = Number(process.env["D1OPS_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

test(
  `a rebuilt snapshot has the schema, the rowids, the types and the bytes of any database, seed ${seed}`,
  { timeout: 9 * MINUTE },
  async () => {
    const tried = await roundTrip({
      seed,
      numRuns: 4000,
      interruptAfterTimeLimit: MINUTE,
    });
    const tally = [...tried].sort(([, a], [, b]) => a - b);
    process.stdout.write(`${tally.map(([what, count]) => `${count} ${what}`).join(", ")}\n`);
    expect(tried.size).toBeGreaterThan(30);
  },
);
