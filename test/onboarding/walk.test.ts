import * as fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { STEPS } from "../../src/onboarding/steps.ts";
import { legacyFiles } from "./ground.ts";
import { walk, wishes } from "./walk.ts";

const files = legacyFiles();

afterAll(() => files.remove());

describe("whatever several tenants do, in whatever order, on a database with a past", () => {
  test("each call comes to what the model says, changes nobody else's rows, and leaves true what has to be", async () => {
    const told: string[] = [];
    await fc.assert(
      fc.asyncProperty(wishes, async (list) => {
        told.push(...(await walk(files.open(), list)));
      }),
      { numRuns: 8, seed: 20260301 },
    );
    // There is nothing to be shown by walks in which everything is refused.
    expect(told).toEqual(
      expect.arrayContaining([
        ...STEPS,
        "business: conflict number-taken",
        "complete: not-found",
        "start: forbidden user-of-another-tenant",
      ]),
    );
  });
});
