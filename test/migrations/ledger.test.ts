import { describe, expect, test } from "vitest";
import { applyMigrations } from "../../src/migrations/apply.ts";
import { acceptedLedger, NO_FILE, readLedger } from "../../src/migrations/ledger.ts";
import { migration } from "./make.ts";
import { database, databaseForEach, request, statuses, TABLE } from "./run-fixture.ts";

databaseForEach();

const ONE = migration("0001_one.sql", "CREATE TABLE one(a);");

async function run(...statements: readonly string[]): Promise<void> {
  for (const statement of statements) await database.d1.prepare(statement).run();
}

const WRANGLERS = `CREATE TABLE ${TABLE}(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)`;
const BY_WRANGLER = `INSERT INTO ${TABLE}(name, applied_at) VALUES ('${ONE.name}', '2026-01-02 03:04:05')`;

describe("readLedger", () => {
  test("returns an empty history without a ledger", async () => {
    expect(await readLedger(database.d1, TABLE)).toEqual([]);
  });

  test("returns an empty history if only d1ops's table exists", async () => {
    await applyMigrations(await request([ONE]));
    await run(`DROP TABLE ${TABLE}`);
    expect(await readLedger(database.d1, TABLE)).toEqual([]);
  });

  test("returns names and times without records if only wrangler's table exists", async () => {
    await run(WRANGLERS, BY_WRANGLER);
    expect(await readLedger(database.d1, TABLE)).toEqual([
      { id: 1, name: ONE.name, appliedAt: "2026-01-02 03:04:05", record: null },
    ]);
  });

  test("returns records for the migrations that d1ops applied after wrangler's", async () => {
    await run(WRANGLERS, BY_WRANGLER);
    const two = migration("0002_two.sql");
    expect(statuses(await applyMigrations(await request([ONE, two])))).toEqual(["0002 done"]);
    expect(await readLedger(database.d1, TABLE)).toMatchObject([
      { id: 1, name: ONE.name, record: null },
      { id: 2, name: two.name, record: { checksum: two.checksum } },
    ]);
  });

  test("returns all columns of d1ops's record", async () => {
    await applyMigrations(await request([ONE]));
    await run(
      "UPDATE d1ops_migrations SET started_at = 'then', duration_ms = NULL, rows_written = 7, applied_by = 'zoe', git_commit = 'abc'",
    );
    expect(await readLedger(database.d1, TABLE)).toEqual([
      {
        id: 1,
        name: ONE.name,
        appliedAt: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
        record: {
          checksum: ONE.checksum,
          textMark: ONE.textMark(ONE.checksum),
          startedAt: "then",
          durationMs: null,
          rowsWritten: 7,
          appliedBy: "zoe",
          commit: "abc",
        },
      },
    ]);
  });

  test("separates records from acceptances", async () => {
    await applyMigrations(await request([ONE]));
    await run(
      `INSERT INTO d1ops_migrations(ledger, name, checksum, started_at, tool) VALUES ('${acceptedLedger(TABLE)}', '${ONE.name}', '${NO_FILE}', 'later', 't')`,
    );
    expect(await readLedger(database.d1, TABLE)).toMatchObject([
      {
        record: { checksum: ONE.checksum },
        accepted: { checksum: "", at: "later", by: null },
      },
    ]);
  });

  test("throws LEDGER_INVALID if the table belongs to another tool", async () => {
    await run(`CREATE TABLE ${TABLE}(version INTEGER, hash TEXT)`);
    await expect(readLedger(database.d1, TABLE)).rejects.toMatchObject({
      code: "LEDGER_INVALID",
      details: { table: TABLE, columns: ["version", "hash"] },
      message: expect.stringContaining("this table has version, hash."),
    });
  });

  test("throws any other error of the database", async () => {
    const failure = new Error("D1_ERROR: disk I/O error");
    const d1 = { ...database.d1, batch: async () => Promise.reject(failure) };
    await expect(
      readLedger({ ...d1, prepare: (sql) => database.d1.prepare(sql) }, TABLE),
    ).rejects.toBe(failure);
  });
});
