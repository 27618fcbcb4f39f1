import * as fc from "fast-check";
import { afterAll, test } from "vitest";
import { legacyFiles } from "./ground.ts";
import { walk, wishes } from "./walk.ts";

const files = legacyFiles();

afterAll(() => files.remove());

const SEED = Number(process.env["D1OPS_SEED"] ?? Date.now());
process.stdout.write(`test/onboarding: seed ${SEED}\n`);

test(
  `300 walks of several tenants over a database with a past, seed ${SEED}`,
  { timeout: 1_800_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(wishes, async (list) => {
        await walk(files.open(), list);
      }),
      { numRuns: 300, seed: SEED },
    );
  },
);
