import * as fc from "fast-check";
import { afterAll, test } from "vitest";
import { legacyFiles } from "./ground.ts";
import { walk, wishes } from "./walk.ts";

const files = legacyFiles();

afterAll(() => files.remove());

test("four hundred walks of several tenants over a database with a past", async () => {
  const seed = Number(process.env["D1OPS_SEED"] ?? Date.now());
  console.log(`D1OPS_SEED=${seed}`);
  await fc.assert(
    fc.asyncProperty(wishes, async (list) => {
      await walk(files.open(), list);
    }),
    { numRuns: 400, seed },
  );
}, 1_800_000);
