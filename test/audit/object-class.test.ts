import { describe, expect, test } from "vitest";
import { classOf, type ObjectClass } from "../../src/audit/object-class.ts";
import type { ListRow } from "../../src/schema/rows.ts";

describe("the class of an object", () => {
  test.each<[string, ListRow["type"], ObjectClass]>([
    ["users", "table", "application"],
    ["notes", "virtual", "application"],
    ["notes_data", "shadow", "shadow"],
    ["names", "view", "view"],
    ["_cf_KV", "table", "platform"],
    ["_CF_METADATA", "table", "platform"],
    ["sqlite_sequence", "table", "sqlite"],
    ["sqlite_stat1", "table", "sqlite"],
    ["Migrations", "table", "ledger"],
    ["d1_migrations", "table", "ledger"],
    ["d1ops_runs", "table", "ledger"],
    ["__drizzle_migrations", "table", "ledger"],
    ["_prisma_migrations", "table", "ledger"],
    ["d1_migrations_archive", "table", "application"],
  ])("%s, a %s, is %s", (name, type, expected) => {
    expect(classOf({ name, type }, "migrations")).toBe(expected);
  });
});
