import { expect, test } from "vitest";
import { writeAnyTables } from "./written-tables.ts";

test("gives some tables of any database the rows of a snapshot, and keeps all others, locally and in batches", async () => {
  const tried = await writeAnyTables({ seed: 20_261_130, numRuns: 40 });
  for (const feature of ["local", "remote", "fts5", "rtree", "WITHOUT ROWID"])
    expect(tried.get(feature), feature).toBeGreaterThan(0);
});
