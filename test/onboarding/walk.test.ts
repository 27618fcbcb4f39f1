import * as fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
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
      { numRuns: 8 },
    );
    // There is nothing to be shown by walks in which everything is refused.
    for (const step of ["start", "business", "agents", "assistant", "knowledge"]) {
      expect(told).toContain(step);
    }
    expect(told.filter((one) => one === "business: conflict number-taken").length).toBeGreaterThan(
      0,
    );
  });
});
