import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, onTestFinished, test } from "vitest";
import { openLocal } from "../../src/database/local.ts";
import { openMemory } from "../../src/database/memory.ts";
import type { D1Database } from "../../src/database/port.ts";
import type { Column, Schema, Table } from "../../src/schema/model.ts";
import { readSchema } from "../../src/schema/introspect.ts";
import { schemaOf } from "./database.ts";
import { EXAMPLES } from "./examples.ts";

/** Returns the schema of a database file that `make` fills without D1's rules. */
async function schemaOfFile(
  make: (db: DatabaseSync) => void,
  ignore?: readonly string[],
): Promise<Schema> {
  const folder = mkdtempSync(join(tmpdir(), "schema-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "d1.sqlite");
  const db = new DatabaseSync(path, { enableDoubleQuotedStringLiterals: true, defensive: false });
  make(db);
  db.close();
  const local = openLocal(
    path,
    { place: "local", database: "d", id: "d", env: null },
    { mode: "read" },
  );
  onTestFinished(() => local.close());
  return await readSchema(local.d1, ignore);
}

async function example(name: string): Promise<Schema> {
  return await schemaOf(EXAMPLES[name] ?? []);
}

function table(schema: Schema, name: string): Table {
  const found = schema.tables.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no table ${name}`);
  return found;
}

function names(things: readonly { readonly name: string }[]): string[] {
  return things.map(({ name }) => name);
}

const plain: Omit<Column, "name"> = {
  type: "",
  notNull: false,
  notNullConflict: null,
  default: null,
  collation: "BINARY",
  generated: null,
  hidden: false,
};
const term = { expression: null, collation: "BINARY", inherited: true, descending: false };

test("readSchema returns an empty schema for an empty database", async () => {
  expect(await schemaOf([])).toEqual({ tables: [], indexes: [], triggers: [], views: [] });
});

test("reads a table without types", async () => {
  expect((await example("a table without types")).tables).toEqual([
    {
      kind: "table",
      name: "t",
      strict: false,
      withoutRowid: false,
      autoincrement: false,
      columns: [
        { ...plain, name: "a" },
        { ...plain, name: "b" },
      ],
      primaryKey: null,
      uniques: [],
      checks: [],
      foreignKeys: [],
      unknown: [],
    },
  ]);
});

test("reads all kinds of columns", async () => {
  const t = table(await example("all kinds of columns"), "t");
  expect(t.columns).toEqual([
    { ...plain, name: "id", type: "INTEGER", notNull: true },
    { ...plain, name: "a", type: "VARCHAR(20)", default: "'x'", collation: "NOCASE" },
    {
      ...plain,
      name: "b",
      type: "DECIMAL(10,2)",
      notNull: true,
      notNullConflict: "REPLACE",
      default: "1 + 2",
    },
    { ...plain, name: "c", type: "UNSIGNED BIG INT", default: "-5" },
    { ...plain, name: "d", type: "TEXT", default: "CURRENT_TIMESTAMP" },
    { ...plain, name: "e", type: "BLOB", default: "X'AB'" },
    { ...plain, name: "f", generated: { kind: "stored", expression: "a || 'x'" } },
    { ...plain, name: "g", type: "INTEGER", generated: { kind: "virtual", expression: "id + 1" } },
  ]);
  expect(t.autoincrement).toBe(true);
  expect(t.primaryKey).toEqual({ terms: [{ ...term, column: "id" }], rowid: true, conflict: null });
  expect(t.checks).toEqual([{ name: null, expression: "d != 'it''s, (no)'" }]);
});

test("reads unusual names", async () => {
  const schema = await example("odd names");
  expect(names(schema.tables)).toEqual(["order items", "ta'ble"]);
  const items = table(schema, "order items");
  expect(names(items.columns)).toEqual(["select", "a b", 'c"d', "e'f", "größe", "😀", "x.y"]);
  expect(items.uniques).toEqual([
    {
      terms: [
        { ...term, column: "a b" },
        { ...term, column: "größe" },
      ],
      conflict: null,
    },
  ]);
  expect(schema.indexes).toMatchObject([
    {
      name: 'an "index"',
      table: "order items",
      terms: [{ column: "select", descending: true }, { column: "😀" }],
    },
  ]);
  expect(table(schema, "ta'ble").checks).toEqual([{ name: null, expression: "key > 0" }]);
  expect(schema.views).toEqual([
    {
      name: "vi]ew",
      columns: ["select", "the point"],
      declared: null,
      select: 'SELECT "select", "order items"."x.y" AS "the point" FROM "order items"',
    },
  ]);
  expect(schema.triggers).toEqual([
    {
      name: "on [x]",
      table: "order items",
      timing: "AFTER",
      event: "UPDATE OF a b",
      when: null,
      body: 'UPDATE "order items" SET größe = 1;',
    },
  ]);
});

test("reads a word in double quotes as a string, unless it names something", async () => {
  const schema = await example("a string in double quotes");
  const t = table(schema, "t");
  expect(t.checks).toEqual([{ name: null, expression: "a IN ('new', 'done') AND a != ''" }]);
  expect(t.columns[1]?.default).toBe("'text'");
  expect(t.columns[2]?.generated?.expression).toBe("a || 'suffix'");
  expect(schema.indexes[0]?.where).toBe("a = 'new'");
  // Only a comparison of both schemas decides whether the word is a name or a string.
  expect(schema.views[0]?.select).toBe('SELECT a, "constant" AS k FROM t WHERE a != "new"');
  expect(schema.triggers[0]).toMatchObject({
    when: 'new.a = "new"',
    body: 'UPDATE t SET b = "seen" WHERE a = new.a;',
  });
});

test("reads keys and references", async () => {
  const schema = await example("keys and references");
  expect(table(schema, "p")).toMatchObject({
    withoutRowid: true,
    primaryKey: {
      terms: [
        { column: "b", descending: true, collation: "BINARY", inherited: true },
        { column: "a", descending: false, collation: "NOCASE", inherited: false },
      ],
      rowid: false,
      conflict: "IGNORE",
    },
    uniques: [{ terms: [{ column: "c" }] }],
  });
  expect(table(schema, "p").columns.map(({ notNull }) => notNull)).toEqual([true, true, false]);
  expect(table(schema, "c").foreignKeys).toEqual([
    {
      columns: ["parent"],
      table: "c",
      to: null,
      onDelete: "CASCADE",
      onUpdate: "SET NULL",
      deferred: false,
    },
    {
      columns: ["z"],
      table: "p",
      to: ["c"],
      onDelete: "NO ACTION",
      onUpdate: "NO ACTION",
      deferred: true,
    },
    {
      columns: ["x", "y"],
      table: "p",
      to: null,
      onDelete: "SET DEFAULT",
      onUpdate: "NO ACTION",
      deferred: false,
    },
  ]);
});

test("reads a strict table", async () => {
  const s = table(await example("a strict table"), "s");
  expect(s).toMatchObject({ strict: true, withoutRowid: true, checks: [{ expression: "c > 0" }] });
  expect(s.columns.map(({ type, notNull }) => [type, notNull])).toEqual([
    ["TEXT", true],
    ["ANY", false],
    ["INT", false],
  ]);
});

test("reads all kinds of indexes", async () => {
  const { indexes } = await example("indexes of all kinds");
  expect(indexes).toEqual([
    {
      name: "i1",
      table: "t",
      unique: true,
      terms: [
        { ...term, column: "a", collation: "NOCASE" },
        { ...term, column: "b", descending: true },
      ],
      where: null,
    },
    {
      name: "i2",
      table: "t",
      unique: false,
      terms: [
        { ...term, column: "a", inherited: false },
        {
          column: null,
          expression: "lower(b)",
          collation: "RTRIM",
          inherited: false,
          descending: true,
        },
        { ...term, column: "b" },
        { ...term, column: null, expression: "b + c" },
      ],
      where: null,
    },
    {
      name: "i3",
      table: "t",
      unique: false,
      terms: [{ ...term, column: "c" }],
      where: "b IS NOT NULL AND (a LIKE 'x%')",
    },
  ]);
});

test("reads all kinds of triggers", async () => {
  expect((await example("triggers of all kinds")).triggers).toEqual([
    {
      name: "t1",
      table: "t",
      timing: "BEFORE",
      event: "UPDATE OF a, b",
      when: "new.begin > 1",
      body: "SELECT CASE WHEN new.a THEN raise(abort, 'no; END') end; DELETE FROM t;",
    },
    {
      name: "t2",
      table: "v",
      timing: "INSTEAD OF",
      event: "DELETE",
      when: null,
      body: "DELETE FROM t WHERE a = old.a;",
    },
  ]);
});

test("reads all kinds of views", async () => {
  const { views } = await example("views of all kinds");
  expect(views.map(({ columns, declared }) => [columns, declared])).toEqual([
    [
      ["x", "y z"],
      ["x", "y z"],
    ],
    [["i", "a", "b"], null],
    [["how many"], null],
  ]);
  expect(views[1]?.select).toContain("n LEFT JOIN t AS l ON l.a = i");
  expect(views[2]?.select).toMatch(/AS "how many" .* HAVING "how many" > 1$/);
});

test("reads the other objects if a view or trigger is broken", async () => {
  const schema = await example("a broken view and a broken trigger");
  expect(schema.views.map(({ name, columns }) => [name, columns])).toEqual([
    ["bad", null],
    ["good", ["a"]],
    ["worse", null],
  ]);
  expect(names(schema.triggers)).toEqual(["tr"]);
  expect(names(table(schema, "search").columns)).toEqual(["a", "search", "rank"]);
});

test("reads a virtual table whose module SQLite has not loaded", async () => {
  const schema = await schemaOfFile((db) => {
    db.exec("CREATE TABLE t(a); PRAGMA writable_schema = ON");
    db.exec(
      "INSERT INTO sqlite_master VALUES('table', 'far', 'far', 0, 'CREATE VIRTUAL TABLE far USING away(a, \"b\")')",
    );
  });
  expect(names(schema.tables)).toEqual(["far", "t"]);
  expect(table(schema, "far")).toMatchObject({
    kind: "virtual",
    module: "away",
    args: ["a", "b"],
    columns: [],
  });
  expect(names(table(schema, "t").columns)).toEqual(["a"]);
});

test("excludes shadow tables", async () => {
  const search = await example("full text search");
  expect(names(search.tables)).toEqual(["docs", "search", "search_log"]);
  expect(table(search, "search")).toMatchObject({
    kind: "virtual",
    module: "fts5",
    args: ["title", "body", "content=docs", "content_rowid=id", "tokenize='porter unicode61'"],
  });
  const boxes = await example("an R*Tree");
  expect(names(boxes.tables)).toEqual(["boxes", "boxes_old"]);
  expect(table(boxes, "boxes")).toMatchObject({
    module: "rtree",
    args: ["id", "x0", "x1", "+ note text"],
  });
});

test("excludes SQLite's own tables", async () => {
  const schema = await example("SQLite's own tables");
  expect(names(schema.tables)).toEqual(["t"]);
  expect(names(schema.indexes)).toEqual(["i"]);
});

test("excludes Cloudflare's own tables, but not one with a similar name", async () => {
  const schema = await schemaOfFile((db) => {
    db.exec(
      "CREATE TABLE _cf_METADATA(key INTEGER PRIMARY KEY, value BLOB); CREATE INDEX harmless ON _cf_METADATA(value); CREATE TRIGGER tr AFTER INSERT ON _cf_METADATA BEGIN SELECT 1; END",
    );
    db.exec(
      "CREATE TABLE _cf_KV(key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID; CREATE TABLE xcf_mine(_cf_column); CREATE TABLE d1_cf_x(a)",
    );
  });
  expect(names(schema.tables)).toEqual(["d1_cf_x", "xcf_mine"]);
  expect(schema).toMatchObject({ indexes: [], triggers: [] });
});

test("excludes ignored tables in any case of letters, with their indexes and triggers", async () => {
  const schema = await schemaOf(
    [
      "CREATE TABLE D1_Migrations(id INTEGER PRIMARY KEY, name TEXT UNIQUE)",
      "CREATE INDEX by_name ON D1_Migrations(name)",
      "CREATE TRIGGER tr AFTER INSERT ON D1_Migrations BEGIN SELECT 1; END",
      "CREATE TABLE t(a)",
      "CREATE VIEW v AS SELECT 1",
    ],
    ["d1_migrations", "V"],
  );
  expect(schema).toMatchObject({ tables: [{ name: "t" }], indexes: [], triggers: [], views: [] });
});

test("reads tables after ALTER TABLE", async () => {
  const schema = await example("what ALTER TABLE leaves");
  expect(names(table(schema, "members").columns)).toEqual(["id", "email", "age"]);
  expect(table(schema, "posts").foreignKeys).toMatchObject([
    { table: "members", to: ["id"], onDelete: "CASCADE" },
  ]);
  expect(schema.indexes).toMatchObject([
    { table: "members", terms: [{ column: "email" }], where: "email != 'x'" },
  ]);
  expect(schema.views).toMatchObject([{ columns: ["email"], select: "SELECT email FROM members" }]);
  expect(schema.triggers).toMatchObject([{ table: "members", event: "UPDATE OF email" }]);
});

test("reads a table created from a query", async () => {
  expect(
    table(await example("a table that comes of a query"), "b").columns.map(({ name, type }) => [
      name,
      type,
    ]),
  ).toEqual([
    ["x", "INT"],
    ["y z", ""],
  ]);
});

describe("readSchema", () => {
  function counting(d1: D1Database): { d1: D1Database; requests: string[] } {
    const requests: string[] = [];
    return {
      requests,
      d1: {
        prepare: (query) => d1.prepare(query),
        exec: (query) => d1.exec(query),
        async batch(statements) {
          requests.push(`batch of ${statements.length}`);
          return await d1.batch(statements);
        },
      },
    };
  }

  test("sends one request", async () => {
    const memory = openMemory();
    onTestFinished(() => memory.close());
    for (const statement of EXAMPLES["full text search"] ?? [])
      await memory.d1.prepare(statement).run();
    const { d1, requests } = counting(memory.d1);
    await readSchema(d1);
    expect(requests).toEqual(["batch of 5"]);
  });

  test("throws an error that no broken object caused", async () => {
    const d1: D1Database = {
      prepare: (query) => openMemory().d1.prepare(query),
      exec: () => Promise.reject(new Error("no")),
      batch: () => Promise.reject(new Error("no network")),
    };
    await expect(readSchema(d1)).rejects.toThrow("no network");
  });
});
