import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openMemory } from "../../src/database/memory.ts";
import type { D1Database } from "../../src/database/port.ts";
import { onlyReads } from "../../src/sql/classify.ts";
import { random } from "./random.ts";
import { script } from "./scripts.ts";

describe("onlyReads", () => {
  test.each([
    "SELECT 1",
    "select * from t",
    " -- a comment\n SELECT 1;",
    "/* INSERT */ SELECT 'INSERT INTO t'",
    "SELECT replace(a, 'x', 'y') FROM t",
    'SELECT "delete" FROM t',
    "VALUES (1), (2)",
    "EXPLAIN DELETE FROM t",
    "EXPLAIN QUERY PLAN UPDATE t SET a = 1",
    "WITH x AS (SELECT 1) SELECT * FROM x",
    "with recursive x(n) as (select 1 union all select n + 1 from x limit 5) select n from x",
    "WITH x AS (SELECT 'DELETE') SELECT [insert], \"update\" FROM x -- replace",
    "WITH x AS (SELECT replace(a, 'x', 'y') AS a FROM t) SELECT * FROM x",
    "PRAGMA table_list",
    "PRAGMA table_info(t)",
    "PRAGMA main.table_xinfo('t')",
    "pragma index_list(t)",
    "PRAGMA foreign_key_check",
    "PRAGMA foreign_key_list(t)",
    "PRAGMA quick_check",
    "PRAGMA foreign_keys",
    "PRAGMA defer_foreign_keys",
    "PRAGMA page_size",
  ])("returns true for a statement that reads: %s", (statement) => {
    expect(onlyReads(statement)).toBe(true);
  });
});

describe("onlyReads of a writing statement", () => {
  test.each([
    "",
    "-- nothing",
    ";",
    "gibberish",
    "(SELECT 1)",
    '"SELECT" 1',
    "INSERT INTO t VALUES (1)",
    "insert into t select 1",
    "UPDATE t SET a = 1",
    "DELETE FROM t",
    "REPLACE INTO t VALUES (1)",
    "WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x",
    "WITH x AS (SELECT 1) UPDATE t SET a = 1",
    "WITH x AS (SELECT 1)/**/delete/**/FROM t",
    "WITH x AS (SELECT 1) REPLACE INTO t SELECT * FROM x",
    "CREATE TABLE x(a)",
    "DROP TABLE t",
    "ALTER TABLE t ADD COLUMN x",
    "CREATE INDEX i ON t(a)",
    "ANALYZE",
    "REINDEX",
    "VACUUM",
    "BEGIN",
    "COMMIT",
    "ATTACH 'x' AS y",
    "PRAGMA optimize",
    "PRAGMA main.optimize(1)",
    "PRAGMA foreign_keys = OFF",
    "PRAGMA foreign_keys=0",
    "PRAGMA foreign_keys(0)",
    "PRAGMA defer_foreign_keys ( 1 )",
    "PRAGMA case_sensitive_like(1)",
    "PRAGMA ignore_check_constraints(1)",
    "PRAGMA legacy_alter_table(1)",
    "PRAGMA recursive_triggers(1)",
    "PRAGMA reverse_unordered_selects(1)",
  ])("returns false for any other statement: %s", (statement) => {
    expect(onlyReads(statement)).toBe(false);
  });

  test.each([
    "PRAGMA ignore_check_constraints/**/(1)",
    "PRAGMA ignore_check_constraints -- x\n(1)",
    'PRAGMA "ignore_check_constraints"(1)',
    "PRAGMA [recursive_triggers](1)",
    "PRAGMA user_version(5)",
  ])("returns false for a PRAGMA that sets a value, however it is written: %s", (statement) => {
    expect(onlyReads(statement)).toBe(false);
  });
});

const WORLD = [
  "CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT)",
  "CREATE TABLE u(a, b UNIQUE)",
  "CREATE VIEW v AS SELECT a, b FROM t",
  "CREATE INDEX i ON u(a)",
  "CREATE TRIGGER g INSTEAD OF INSERT ON v BEGIN INSERT INTO t(b) VALUES (new.b); END",
  "INSERT INTO t(b) VALUES ('x'), ('y')",
  "INSERT INTO u VALUES (1, 2)",
];

const SETTINGS = [
  "case_sensitive_like",
  "defer_foreign_keys",
  "foreign_keys",
  "ignore_check_constraints",
  "legacy_alter_table",
  "recursive_triggers",
  "reverse_unordered_selects",
].filter((name) => name !== "case_sensitive_like"); // SQLite cannot read it.

/** Reads the schema, all rows and the settings of a database. */
async function dump(d1: D1Database): Promise<unknown> {
  const schema = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY 1, 2";
  const { results } = await d1.prepare(schema).all<{ type: string; name: string }>();
  const tables = results.filter(({ type }) => type === "table").map(({ name }) => name);
  const texts = [
    ...tables.map((name) => `SELECT * FROM "${name.replaceAll('"', '""')}"`),
    ...SETTINGS.map((name) => `PRAGMA ${name}`),
  ];
  const answers = await d1.batch(texts.map((sql) => d1.prepare(sql)));
  return [results, answers.map((answer) => answer.results)];
}

async function filledDatabase(): Promise<D1Database & { close(): void }> {
  const { d1, close } = openMemory();
  await d1.batch(WORLD.map((sql) => d1.prepare(sql)));
  return { ...d1, close };
}

describe("a statement for which onlyReads returns true", () => {
  const words = fc.constantFrom(
    ..."SELECT VALUES WITH EXPLAIN PRAGMA INSERT UPDATE DELETE REPLACE CREATE DROP TABLE INTO FROM SET".split(
      " ",
    ),
    ..."t u v a b * 1 'x' = , ( ) (1) x AS (SELECT 1) WHERE RETURNING UNION ALL".split(" "),
    ..."foreign_keys optimize table_info ignore_check_constraints recursive_triggers".split(" "),
  );
  const whole = fc.constantFrom(
    "SELECT * FROM t",
    "VALUES (1)",
    "INSERT INTO u VALUES (7, 8)",
    "INSERT INTO v(b) VALUES ('z')",
    "UPDATE t SET b = 'z'",
    "DELETE FROM t",
    "REPLACE INTO t VALUES (1, 'z')",
    "SELECT replace(b, 'x', 'z') FROM t",
    "DROP TABLE u",
    "CREATE TABLE w(a)",
    "ALTER TABLE u ADD COLUMN c",
    "PRAGMA optimize",
    "ANALYZE",
    "REINDEX",
  );
  const before = fc.constantFrom(
    "",
    "EXPLAIN ",
    "EXPLAIN QUERY PLAN ",
    "WITH x AS (SELECT 1) ",
    "WITH x(a) AS (VALUES (1)), y AS (SELECT 2) ",
    "-- c\n",
    "/**/",
    "WITH x AS (SELECT 1) /* ; */ ",
  );
  const pragmas = fc
    .tuple(
      fc.constantFrom(...SETTINGS, "table_info", "optimize", "page_size", "user_version"),
      fc.constantFrom("", " = ", "=", "(", " (", "/**/(", "\n(", "--\n("),
      fc.constantFrom("1", "0", "ON", "t", "'on'"),
      fc.constantFrom('"', "", "main.", "["),
    )
    .map(([name, sign, value, quote]) => {
      const quoted = quote === '"' ? `"${name}"` : quote === "[" ? `[${name}]` : `${quote}${name}`;
      const end = sign === "" ? "" : `${sign}${value}${sign.endsWith("(") ? ")" : ""}`;
      return `PRAGMA ${quoted}${end}`;
    });
  const statements = fc.oneof(
    fc.tuple(before, whole).map((parts) => parts.join("")),
    pragmas,
    fc.array(words, { minLength: 1, maxLength: 8 }).map((parts) => parts.join(" ")),
    fc.nat().map((seed) => script(random(seed), 1).sql),
  );

  test("changes no row, no schema and no setting", async () => {
    const db = await filledDatabase();
    let read = 0;
    await fc.assert(
      fc.asyncProperty(statements, async (sql) => {
        if (!onlyReads(sql)) return;
        const earlier = await dump(db);
        const ran = await db
          .prepare(sql)
          .run()
          .then(
            () => true,
            () => false,
          );
        if (ran) read += 1;
        expect(await dump(db)).toEqual(earlier);
      }),
      { numRuns: 1500, seed: 12 },
    );
    db.close();
    expect(read).toBeGreaterThan(200);
  });
});

test("onlyReads returns false for an INSERT into a view with an INSTEAD OF trigger", async () => {
  const db = await filledDatabase();
  await db.prepare("INSERT INTO v(b) VALUES ('z')").run();
  expect(await db.prepare("SELECT count(*) AS n FROM t").first("n")).toBe(3);
  expect(onlyReads("INSERT INTO v(b) VALUES ('z')")).toBe(false);
  db.close();
});
