import * as fc from "fast-check";
import { afterAll, test } from "vitest";
import { legacyFiles } from "./databases.ts";
import { walk, randomCalls } from "./walk.ts";

const files = legacyFiles();

afterAll(() => files.remove());

const SEED = Number(process.env["D1OPS_SEED"] ?? Date.now());
process.stdout.write(`test/onboarding: seed ${SEED}\n`);

test(
  `300 lists of random calls of several tenants on a database with legacy rows match the model, seed ${SEED}`,
  { timeout: 1_800_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(randomCalls, async (list) => {
        await walk(files.open(), list);
      }),
      { numRuns: 300, seed: SEED },
    );
  },
);
