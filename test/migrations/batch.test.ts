import { describe, expect, test } from "vitest";
import { applyMigrations } from "../../src/migrations/apply.ts";
import type { ApplyRequest } from "../../src/migrations/migration-run.ts";
import { readLedger } from "../../src/migrations/ledger.ts";
import type { Migration } from "../../src/migrations/migration.ts";
import { migration } from "./make.ts";
import { database, databaseForEach, request, statuses, TABLE } from "./run-fixture.ts";

/** The statements that the batch of a migration contains in addition to those of the migration. */

databaseForEach();

const ONE = migration("0001_one.sql", "CREATE TABLE one(a);\nINSERT INTO one VALUES (1), (2);");

async function apply(folder: readonly Migration[], over: Partial<ApplyRequest> = {}) {
  return applyMigrations(await request(folder, over));
}

describe("the record of a migration", () => {
  test("replaces that of an earlier run whose row was deleted from wrangler's ledger", async () => {
    await apply([ONE]);
    await database.d1.exec(`DELETE FROM ${TABLE}`);
    await database.d1.exec("DROP TABLE one");
    const edited = migration(ONE.name, "CREATE TABLE one(a);\nINSERT INTO one VALUES (1);");
    expect(statuses(await apply([edited]))).toEqual(["0001 done"]);
    const { results } = await database.d1
      .prepare("SELECT ledger, name, checksum, rows_written FROM d1ops_migrations")
      .all();
    expect(results).toEqual([
      { ledger: TABLE, name: ONE.name, checksum: edited.checksum, rows_written: 1 },
      {
        ledger: `text:${TABLE}`,
        name: ONE.name,
        checksum: edited.textMark(edited.checksum),
        rows_written: null,
      },
    ]);
  });

  test("belongs to one ledger, and a migration of the same name in another ledger has its own", async () => {
    await apply([ONE]);
    const theirs = migration(ONE.name, "CREATE TABLE theirs(a);");
    const other = { table: "other_migrations" };
    const ledger = await readLedger(database.d1, other.table);
    expect(ledger).toEqual([]);
    expect(statuses(await apply([theirs], { ...other, ledger }))).toEqual(["0001 done"]);
    expect(await readLedger(database.d1, TABLE)).toMatchObject([
      { name: ONE.name, record: { checksum: ONE.checksum, rowsWritten: 2 } },
    ]);
    expect(await readLedger(database.d1, other.table)).toMatchObject([
      { name: ONE.name, record: { checksum: theirs.checksum, rowsWritten: 0 } },
    ]);
  });

  test("contains the duration in milliseconds of the database's clock", async () => {
    const hourAgo = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-1 hour')";
    await apply([
      migration("0001_slow.sql", `UPDATE d1ops_migrations SET started_at = ${hourAgo};`),
    ]);
    const [row] = await readLedger(database.d1, TABLE);
    expect(row?.record?.durationMs).toBeGreaterThanOrEqual(3_600_000);
    expect(row?.record?.durationMs).toBeLessThan(7_200_000);
  });
});

test.each([
  "ignore_check_constraints",
  "legacy_alter_table",
  "case_sensitive_like",
  "recursive_triggers",
  "reverse_unordered_selects",
])("migrationBatch resets PRAGMA %s after a migration that sets it", async (pragma) => {
  // SQLite does not report whether LIKE is case-sensitive.
  const read =
    pragma === "case_sensitive_like" ? "SELECT 'a' NOT LIKE 'A' AS v" : `PRAGMA ${pragma}`;
  const values = async (): Promise<unknown[]> =>
    Object.values((await database.d1.prepare(read).first()) ?? {});
  await database.d1.prepare(`PRAGMA ${pragma} = ON`).run();
  expect(await values()).toEqual([1]);
  expect(statuses(await apply([migration("0001_set.sql", `PRAGMA ${pragma} = ON;`)]))).toEqual([
    "0001 done",
  ]);
  expect(await values()).toEqual([0]);
});
