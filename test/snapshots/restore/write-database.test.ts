import { expect, test } from "vitest";
import { writeAny } from "./written-databases.ts";

test("makes any database equal to any other one, as far as D1 accepts it", async () => {
  const tried = await writeAny({ seed: 20_261_130, numRuns: 60 });
  for (const feature of ["changed", "empty", "other", "fts5", "rtree", "WITHOUT ROWID"])
    expect(tried.get(feature), feature).toBeGreaterThan(0);
});
