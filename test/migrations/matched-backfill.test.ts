import { describe, expect, test } from "vitest";
import { wouldList } from "../../src/files/list-migrations.ts";
import { isBackfill, matchedBackfill } from "../../src/migrations/matched-backfill.ts";
import { migration } from "./make.ts";

const FILL = "-- d1ops:source users\n-- d1ops:key id\n-- d1ops:write\nUPDATE users SET a = 1;";

describe("a file that migrations_pattern matches", () => {
  test.each([
    ["backfills/0001_fill.sql", FILL, true],
    ["backfills/0001_fill.sql", "CREATE TABLE backfills(id);", false],
    ["backfills/0001_fill.sql", "-- d1ops:require backfill x\nSELECT 1;", false],
    ["backfills/2026/0001_fill.sql", FILL, false],
    ["0001_fill.sql", FILL, false],
  ])("%s with the text %j is a backfill: %s", (name, text, expected) => {
    expect(isBackfill(migration(name, text))).toBe(expected);
  });

  test("gets a pattern that matches the same migrations, and no backfill", async () => {
    const { help = "" } = matchedBackfill(migration("backfills/0001_fill.sql", FILL), false);
    const patterns = Array.from(help.matchAll(/Instead of "(.*?)", write "(.*?)"/g));
    expect(patterns).toHaveLength(2);
    const names = ["0001_a.sql", "shop/0001_b.sql", "shop/2026/0002_c.sql", ".draft/0003_d.sql"];
    for (const [, old = "", better = ""] of patterns) {
      for (const name of names) {
        const listed = await wouldList(name, "migrations", old);
        expect([better, name, await wouldList(name, "migrations", better)]).toEqual([
          better,
          name,
          listed,
        ]);
      }
      expect(await wouldList("backfills/0001_fill.sql", "migrations", old)).toBe(true);
      expect(await wouldList("backfills/0001_fill.sql", "migrations", better)).toBe(false);
    }
  });
});
