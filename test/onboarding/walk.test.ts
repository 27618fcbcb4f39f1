import * as fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { STEPS } from "../../src/onboarding/steps.ts";
import { legacyFiles } from "./databases.ts";
import { walk, randomCalls } from "./walk.ts";

const files = legacyFiles();

afterAll(() => files.remove());

describe("random calls of several tenants on a database with legacy rows", () => {
  test("return what the model predicts, change no row of another tenant, and break no invariant", async () => {
    const outcomes: string[] = [];
    await fc.assert(
      fc.asyncProperty(randomCalls, async (list) => {
        outcomes.push(...(await walk(files.open(), list)));
      }),
      { numRuns: 8, seed: 20260301 },
    );
    // The test would be worthless if all calls were rejected.
    expect(outcomes).toEqual(
      expect.arrayContaining([
        ...STEPS,
        "business: conflict number-taken",
        "complete: not-found",
        "start: forbidden user-of-another-tenant",
      ]),
    );
  });
});
