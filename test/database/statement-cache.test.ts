import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import * as fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { openLocal } from "../../src/database/local.ts";
import { openMemory } from "../../src/database/memory.ts";
import type { D1Database } from "../../src/database/port.ts";
import { type Compiled, statementCache } from "../../src/database/statement-cache.ts";

/** A cached statement returns the same as a newly compiled one, whatever changed in the schema in between. */

const TARGET = { place: "local", database: "db", id: "db", env: null } as const;

async function said(d1: D1Database, sql: string, ...values: unknown[]): Promise<unknown> {
  try {
    const { results, meta } = await d1
      .prepare(sql)
      .bind(...values)
      .all();
    return { results, changes: meta.changes };
  } catch (error) {
    return String(error);
  }
}

function compiled(sql: string): Compiled {
  const statement = new DatabaseSync(":memory:").prepare(sql);
  return { statement, columns: () => [], list: { count: 0, names: new Map() }, writes: false };
}

describe("statementCache()", () => {
  test("keeps a statement from the second compilation of its text on", () => {
    const cache = statementCache();
    const [first, second] = [compiled("SELECT 1"), compiled("SELECT 1")];
    cache.add("SELECT 1", first);
    expect(cache.find("SELECT 1")).toBeUndefined();
    cache.add("SELECT 1", second);
    expect(cache.find("SELECT 1")).toBe(second);
  });

  test("keeps a repeated statement while many texts are compiled once", () => {
    const cache = statementCache();
    const repeated = compiled("SELECT 1");
    cache.add("SELECT 1", repeated);
    cache.add("SELECT 1", repeated);
    for (let n = 0; n < 1000; n += 1) cache.add(`SELECT 1 + ${n}`, repeated);
    expect(cache.find("SELECT 1")).toBe(repeated);
    expect(cache.find("SELECT 1 + 999")).toBeUndefined();
  });
});

describe("the statement cache in one connection", () => {
  test("uses the new schema after a column was added, and after a table was dropped and created again", async () => {
    const { d1 } = openMemory();
    const ask = async (): Promise<unknown> => said(d1, "SELECT * FROM t");
    const missing = "Error: D1_ERROR: no such table: t: SQLITE_ERROR";
    expect(await ask()).toBe(missing);
    await d1.prepare("CREATE TABLE t(a)").run();
    await d1.prepare("INSERT INTO t VALUES (1)").run();
    expect(await ask()).toMatchObject({ results: [{ a: 1 }] });
    expect(await ask()).toMatchObject({ results: [{ a: 1 }] });
    await d1.prepare("ALTER TABLE t ADD COLUMN b DEFAULT 2").run();
    expect(await ask()).toMatchObject({ results: [{ a: 1, b: 2 }] });
    const column = "SELECT b FROM t";
    expect(await said(d1, column)).toMatchObject({ results: [{ b: 2 }] });
    await d1.prepare("ALTER TABLE t DROP COLUMN b").run();
    expect(await said(d1, column)).toBe(
      "Error: D1_ERROR: no such column: b at offset 7: SQLITE_ERROR",
    );
    await d1.prepare("DROP TABLE t").run();
    expect(await ask()).toBe(missing);
    await d1.prepare("CREATE TABLE t(c)").run();
    expect(await ask()).toMatchObject({ results: [] });
  });

  test("uses the changes of a batch, and none of a batch that is rolled back", async () => {
    const { d1 } = openMemory();
    await d1.prepare("CREATE TABLE t(a)").run();
    await d1.prepare("INSERT INTO t VALUES (1)").run();
    const select = "SELECT * FROM t";
    await said(d1, select);
    await said(d1, select);
    const broken = d1.batch([
      d1.prepare(select),
      d1.prepare("ALTER TABLE t ADD COLUMN b DEFAULT 2"),
      d1.prepare(select),
      d1.prepare("INSERT INTO t(a, b) VALUES (3, 4)"),
      d1.prepare("SELECT json('no')"),
    ]);
    await expect(broken).rejects.toThrow("malformed JSON");
    expect(await said(d1, select)).toMatchObject({ results: [{ a: 1 }] });
    expect(await said(d1, "INSERT INTO t(a, b) VALUES (3, 4)")).toMatch(
      "table t has no column named b",
    );
  });

  test("reports the place of an error in a write that was valid for an earlier schema", async () => {
    const { d1 } = openMemory();
    const update = "UPDATE t SET b = b + 1";
    await d1.prepare("CREATE TABLE t(a, b)").run();
    for (const _ of [1, 2, 3]) await said(d1, update);
    await d1.prepare("ALTER TABLE t DROP COLUMN b").run();
    for (const _ of [1, 2]) {
      expect(await said(d1, update)).toMatch("no such column: b at offset 17: SQLITE_ERROR");
    }
    await d1.prepare("ALTER TABLE t ADD COLUMN b").run();
    expect(await said(d1, update)).toMatchObject({ changes: 0 });
  });

  test("rewrites a write with LIMIT again after its table has another key", async () => {
    const { d1 } = openMemory();
    const remove = "DELETE FROM t WHERE a = 1 LIMIT 1";
    await d1.prepare("CREATE TABLE t(a)").run();
    for (const _ of [1, 2, 3]) await said(d1, remove);
    await d1.batch([
      d1.prepare("DROP TABLE t"),
      d1.prepare("CREATE TABLE t(a, rowid)"),
      d1.prepare("INSERT INTO t VALUES (1, 7), (1, 7)"),
    ]);
    expect(await said(d1, remove)).toMatchObject({ changes: 1 });
  });

  test("allows a table that D1's SQLite has not, whether or not another statement was compiled in between", async () => {
    const { d1 } = openMemory();
    const insert = "INSERT INTO dbstat VALUES (1)";
    await d1.prepare("CREATE TABLE dbstat(a)").run();
    for (const _ of [1, 2, 3]) expect(await said(d1, insert)).toMatchObject({ changes: 1 });
    await d1.prepare("CREATE TABLE other(a)").run();
    expect(await said(d1, insert)).toMatchObject({ changes: 1 });
  });

  test("explains a statement with the schema of now", async () => {
    const { d1 } = openMemory();
    const explain = "EXPLAIN QUERY PLAN SELECT * FROM t WHERE a = 1";
    await d1.prepare("CREATE TABLE t(a)").run();
    for (const _ of [1, 2, 3]) {
      expect(await said(d1, explain)).toMatchObject({ results: [{ detail: "SCAN t" }] });
    }
    await d1.prepare("CREATE INDEX i ON t(a)").run();
    expect(await said(d1, explain)).toMatchObject({
      results: [{ detail: "SEARCH t USING COVERING INDEX i (a=?)" }],
    });
    await d1.prepare("DROP TABLE t").run();
    expect(await said(d1, explain)).toBe("Error: D1_ERROR: no such table: t: SQLITE_ERROR");
  });

  test.each([
    ["TABLE", "CREATE TABLE t(a)"],
    ["INDEX", "CREATE INDEX t ON other(a)"],
  ])(
    "knows that DROP %s IF EXISTS writes, although it did nothing several times before",
    async (type, create) => {
      const { d1 } = openMemory();
      const drop = `DROP ${type} IF EXISTS t`;
      await d1.prepare("CREATE TABLE other(a)").run();
      for (const _ of [1, 2, 3]) await d1.prepare(drop).run();
      await d1.prepare(create).run();
      expect((await d1.prepare(drop).run()).meta.changed_db).toBe(true);
    },
  );

  test("rejects a statement each time with the same message", async () => {
    const { d1 } = openMemory();
    await d1.prepare("CREATE TABLE t(a INTEGER PRIMARY KEY)").run();
    const insert = "INSERT INTO t VALUES (?)";
    expect(await said(d1, insert, 1)).toMatchObject({ changes: 1 });
    const twice = await said(d1, insert, 1);
    expect(twice).toMatch("UNIQUE constraint failed");
    expect(await said(d1, insert, 1)).toBe(twice);
    expect(await said(d1, insert)).toMatch("Wrong number of parameter bindings");
    expect(await said(d1, insert, 1, 2)).toMatch("Wrong number of parameter bindings");
    expect(await said(d1, insert, 2)).toMatchObject({ changes: 1 });
  });

  test("returns correct results for more texts than the cache holds", async () => {
    const { d1 } = openMemory();
    for (const round of [1, 2, 3]) {
      for (let n = 0; n < 250; n += 1) {
        expect(await said(d1, `SELECT ${n} AS n, ? AS round`, round)).toMatchObject({
          results: [{ n, round }],
        });
      }
    }
  });

  test("obeys a pragma that changes how statements are interpreted", async () => {
    const { d1 } = openMemory();
    const like = "SELECT 'a' LIKE 'A' AS same";
    for (const _ of [1, 2]) {
      expect(await said(d1, like)).toMatchObject({ results: [{ same: 1 }] });
    }
    await d1.prepare("PRAGMA case_sensitive_like = ON").run();
    expect(await said(d1, like)).toMatchObject({ results: [{ same: 0 }] });
  });
});

describe("the statement cache of a file", () => {
  test("uses schema changes of other connections", async () => {
    const folder = mkdtempSync(join(tmpdir(), "d1ops-test-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, "db.sqlite");
    const { d1, close } = openLocal(path, TARGET, { mode: "write" });
    await d1.prepare("CREATE TABLE t(a)").run();
    const select = "SELECT * FROM t";
    const insert = "INSERT INTO t VALUES (1)";
    for (const n of [1, 2]) {
      await said(d1, insert);
      expect(await said(d1, select)).toMatchObject({ changes: 0, results: { length: n } });
    }
    const other = new DatabaseSync(path);
    other.exec("DROP TABLE t; CREATE TABLE t(b, c DEFAULT 5)");
    expect(await said(d1, select)).toMatchObject({ results: [] });
    expect(await said(d1, insert)).toMatch(
      "table t has 2 columns but 1 values were supplied: SQLITE_ERROR",
    );
    for (const _ of [1, 2]) {
      expect(await said(d1, "SELECT c FROM t")).toMatchObject({ results: [] });
    }
    other.exec("ALTER TABLE t DROP COLUMN c");
    expect(await said(d1, "SELECT c FROM t")).toMatch("no such column: c at offset 7");
    other.exec("DROP TABLE t");
    expect(await said(d1, select)).toBe("Error: D1_ERROR: no such table: t: SQLITE_ERROR");
    other.close();
    close();
  });
});

test("any sequence of statements returns the same as without the cache", async () => {
  const texts = [
    "SELECT * FROM t",
    "INSERT INTO t(a) VALUES (1)",
    "UPDATE t SET a = a + 1",
    "DELETE FROM t WHERE a > 3",
    "CREATE TABLE t(a)",
    "CREATE TABLE IF NOT EXISTS t(a, b)",
    "DROP TABLE t",
    "ALTER TABLE t ADD COLUMN c DEFAULT 7",
    "CREATE UNIQUE INDEX i ON t(a)",
    "SELECT json('no')",
    "CREATE TRIGGER g AFTER INSERT ON t BEGIN UPDATE t SET a = a + 10; END",
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.constantFrom(...texts), { minLength: 1, maxLength: 4 }), {
        maxLength: 12,
      }),
      async (batches) => {
        const answers = async (space: string): Promise<unknown[]> => {
          const { d1, close } = openMemory();
          const all: unknown[] = [];
          for (const [n, batch] of batches.entries()) {
            // A leading space makes a text new, so that it is compiled.
            const own = batch.map((text, i) => d1.prepare(text + space.repeat(n * 4 + i)));
            const answer = await d1.batch(own).catch((error: unknown) => String(error));
            all.push(
              Array.isArray(answer)
                ? answer.map(({ results, meta }) => [results, meta.changes, meta.last_row_id])
                : answer,
            );
          }
          close();
          return all;
        };
        expect(await answers("")).toEqual(await answers(" "));
      },
    ),
    { numRuns: 200 },
  );
});
