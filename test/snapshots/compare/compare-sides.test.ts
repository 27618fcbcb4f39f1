import { describe, expect, onTestFinished, test } from "vitest";
import { openMemory } from "../../../src/database/memory.ts";
import type { D1Database } from "../../../src/database/port.ts";
import { snapshotCodec as codec } from "../../../src/files/snapshot-codec.ts";
import {
  type Comparison,
  compare,
  type ComparisonOptions,
} from "../../../src/snapshots/compare/compare-sides.ts";
import type { Sides, TableComparison } from "../../../src/snapshots/compare/compare-tables.ts";
import type { Manifest } from "../../../src/snapshots/store/manifest.ts";
import { chunkReader } from "../../../src/snapshots/rows/read-chunk.ts";
import { presentSide } from "../../../src/snapshots/compare/present-side.ts";
import { type Side, snapshotSide } from "../../../src/snapshots/rows/side.ts";
import { numbered, storeFolder, take } from "../store-folder.ts";

const ALL: ComparisonOptions = { tables: null, values: true, limit: 1000 };

async function database(...statements: readonly string[]): Promise<D1Database> {
  const { d1, close } = openMemory();
  onTestFinished(close);
  await d1.batch(statements.map((sql) => d1.prepare(sql)));
  return d1;
}

/** A side that records which chunks were read. */
interface Watched extends Side {
  readonly ids: string[];
}

function watched(side: Side): Watched {
  const ids: string[] = [];
  return {
    ...side,
    ids,
    reader(table, planned) {
      const read = side.reader(table, planned);
      return async (chunk) => {
        ids.push(chunk.id);
        return read(chunk);
      };
    },
  };
}

/** A snapshot before the changes, and one after them. */
async function snapshots(
  d1: D1Database,
  ...changes: readonly string[]
): Promise<{ readonly left: Watched; readonly right: Watched }> {
  const { store } = storeFolder();
  const side = ({ manifest }: { readonly manifest: Manifest }): Watched =>
    watched(snapshotSide(manifest, chunkReader(store, codec, manifest)));
  const previous = await take(store, { d1 });
  if (changes.length > 0) await d1.batch(changes.map((sql) => d1.prepare(sql)));
  return { left: side(previous), right: side(await take(store, { d1, previous })) };
}

function tableOf({ database: found }: Comparison, name = "t"): TableComparison {
  const table = found?.tables.find((one) => one.name === name);
  if (table === undefined) throw new Error(`no table ${name}`);
  return table;
}

async function rowsOf(
  sides: Sides,
  options: Partial<ComparisonOptions> = {},
): Promise<TableComparison> {
  return tableOf(await compare(sides, { ...ALL, ...options }));
}

describe("the rows of two snapshots", () => {
  test("are not read if the tables are equal", async () => {
    const { left, right } = await snapshots(await numbered(2000));
    expect(await rowsOf({ left, right })).toEqual({
      name: "t",
      kind: "both",
      key: ["id"],
      addedColumns: [],
      removedColumns: [],
      left: 2000,
      right: 2000,
      added: 0,
      removed: 0,
      changed: 0,
      intact: 2000,
      examples: [],
    });
    expect([...left.ids, ...right.ids]).toEqual([]);
  });

  test("are read only where they differ, and matched by their key", async () => {
    const { left, right } = await snapshots(
      await numbered(20_000),
      "UPDATE t SET v = 'it''s),(1' || char(10) WHERE id = 7000",
      "DELETE FROM t WHERE id = 7001",
      "INSERT INTO t VALUES (-5, NULL)",
    );
    const found = await rowsOf({ left, right });
    expect(found).toMatchObject({ added: 1, removed: 1, changed: 1, intact: 19_998 });
    expect(found.examples).toEqual([
      {
        kind: "added",
        key: ["-5"],
        values: [
          { column: "id", left: null, right: "-5" },
          { column: "v", left: null, right: "NULL" },
        ],
      },
      {
        kind: "changed",
        key: ["7000"],
        values: [{ column: "v", left: expect.stringContaining("'value "), right: "'it''s),(1\n'" }],
      },
      {
        kind: "removed",
        key: ["7001"],
        values: [
          { column: "id", left: "7001", right: null },
          { column: "v", left: expect.stringContaining("'value "), right: null },
        ],
      },
    ]);
    expect(left.ids.length).toBeLessThanOrEqual(3);
    expect(right.ids.length).toBeLessThanOrEqual(3);
  });

  test("have examples up to the limit, without values unless they are wanted", async () => {
    const sides = await snapshots(await numbered(2000), "UPDATE t SET v = 'new'");
    const found = await rowsOf(sides, { limit: 2, values: false });
    expect(found).toMatchObject({ changed: 2000, intact: 0 });
    expect(found.examples).toEqual([
      { kind: "changed", key: ["1"], values: null },
      { kind: "changed", key: ["2"], values: null },
    ]);
  });

  test("are counted for a dropped or created table without reading more than the examples need", async () => {
    const { left, right } = await snapshots(
      await numbered(20_000),
      "CREATE TABLE u AS SELECT * FROM t",
      "DROP TABLE t",
    );
    const found = await compare({ left, right }, { ...ALL, limit: 3 });
    expect(tableOf(found)).toMatchObject({
      kind: "removed",
      removed: 20_000,
      left: 20_000,
      right: 0,
      intact: 0,
    });
    expect(tableOf(found, "u")).toMatchObject({
      kind: "added",
      added: 20_000,
      left: 0,
      right: 20_000,
      key: ["rowid"],
    });
    expect(tableOf(found, "u").examples).toHaveLength(3);
    expect([left.ids.length, right.ids.length]).toEqual([1, 1]);
  });

  test("are compared in the common columns if a column was added or dropped", async () => {
    const sides = await snapshots(
      await database(
        "CREATE TABLE t(id TEXT PRIMARY KEY COLLATE NOCASE, a, b) WITHOUT ROWID",
        "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 3000) INSERT INTO t SELECT 'Key-'||i, i, i FROM c",
      ),
      "ALTER TABLE t ADD COLUMN c DEFAULT 1",
      "ALTER TABLE t DROP COLUMN a",
      "UPDATE t SET b = 'new' WHERE id = 'key-77'",
    );
    const found = await rowsOf(sides);
    expect(found).toMatchObject({
      addedColumns: ["c"],
      removedColumns: ["a"],
      added: 0,
      removed: 0,
      changed: 1,
      intact: 2999,
    });
    expect(found.examples).toEqual([
      { kind: "changed", key: ["'Key-77'"], values: [{ column: "b", left: "77", right: "'new'" }] },
    ]);
  });

  test("stay matched if a table was created again with its columns in another order and another case", async () => {
    const sides = await snapshots(
      await numbered(1000),
      "CREATE TABLE other(V TEXT, ID INTEGER PRIMARY KEY)",
      "INSERT INTO other SELECT v, id FROM t",
      "DROP TABLE t",
      "ALTER TABLE other RENAME TO T",
    );
    const found = await compare(sides, ALL);
    expect(found.database?.tables).toMatchObject([
      { name: "t", added: 0, removed: 0, changed: 0, intact: 1000, addedColumns: [] },
    ]);
    expect(found.database?.schema).toMatchObject([{ kind: "changed", type: "table", name: "t" }]);
  });

  test.each([250, 500, 750, 1000, 3000])(
    "stay matched if the collation of the key has changed, and with it the order of %i rows",
    async (rows) => {
      const insert = `WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ${rows}) INSERT INTO t SELECT char(65 + i % 26 + 32 * (i % 2))||i, i FROM c`;
      const sides = await snapshots(
        await database("CREATE TABLE t(id TEXT PRIMARY KEY, v) WITHOUT ROWID", insert),
        "DROP TABLE t",
        "CREATE TABLE t(id TEXT COLLATE NOCASE PRIMARY KEY, v) WITHOUT ROWID",
        insert,
      );
      expect(await rowsOf(sides)).toMatchObject({ added: 0, removed: 0, changed: 0, intact: rows });
    },
  );

  test("are compared as a whole if the table has another key now", async () => {
    const sides = await snapshots(
      await database(
        "CREATE TABLE t(a TEXT, b)",
        "INSERT INTO t VALUES ('x', 1), ('x', 1), ('y', 2)",
      ),
      "DROP TABLE t",
      "CREATE TABLE t(a TEXT, b, id INTEGER PRIMARY KEY)",
      "INSERT INTO t(a, b) VALUES ('x', 1), ('z', 3), ('y', 2)",
    );
    const found = await rowsOf(sides);
    expect(found).toMatchObject({
      key: [],
      added: 1,
      removed: 1,
      changed: 0,
      intact: 2,
      addedColumns: ["id"],
      removedColumns: ["rowid"],
    });
  });

  test("are matched without a key as often as both sides have them", async () => {
    const sides = await snapshots(
      await database(
        "CREATE TABLE t(rowid, _rowid_, oid)",
        "INSERT INTO t VALUES (1, 2, 3), (1, 2, 3), (4, 5, 6)",
      ),
      "INSERT INTO t VALUES (1, 2, 3), (NULL, NULL, NULL)",
      "DELETE FROM t WHERE oid = 6",
    );
    const found = await rowsOf(sides);
    expect(found).toMatchObject({ key: [], added: 2, removed: 1, changed: 0, intact: 2 });
    expect((await rowsOf(sides, { values: false })).examples).toEqual([]);
  });
});

describe("a snapshot and the present", () => {
  test("are compared without storing anything", async () => {
    const { store, objects } = storeFolder();
    const d1 = await numbered(5000);
    const { manifest } = await take(store, { d1 });
    const before = objects();
    await d1.batch([
      d1.prepare("DELETE FROM t WHERE id BETWEEN 100 AND 400"),
      d1.prepare("UPDATE t SET v = 'new' WHERE id = 5000"),
    ]);
    const { manifest: measured } = await take({ ...store, write: async () => {} }, { d1 });
    const left = snapshotSide(manifest, chunkReader(store, codec, manifest));
    const right = await presentSide({ d1, codec, measured });
    const found = await rowsOf({ left, right });
    expect(found).toMatchObject({ removed: 301, changed: 1, added: 0, intact: 4698 });
    expect(await rowsOf({ left: right, right: left })).toMatchObject({
      added: 301,
      changed: 1,
      removed: 0,
    });
    expect(objects()).toEqual(before);
  });

  test("are compared with few requests, even if every chunk differs", async () => {
    const { store } = storeFolder();
    const d1 = await numbered(20_000);
    const { manifest } = await take(store, { d1 });
    await d1.prepare("UPDATE t SET v = 'new'").run();
    const { manifest: measured } = await take({ ...store, write: async () => {} }, { d1 });
    expect(measured.database?.tables[0]?.chunks.length).toBeGreaterThan(50);
    let requests = 0;
    const counting: D1Database = {
      prepare: (sql) => d1.prepare(sql),
      exec: async (sql) => d1.exec(sql),
      async batch(statements) {
        requests += 1;
        return d1.batch(statements);
      },
    };
    const left = snapshotSide(manifest, chunkReader(store, codec, manifest));
    const right = await presentSide({ d1: counting, codec, measured });
    expect(await rowsOf({ left, right })).toMatchObject({ changed: 20_000 });
    expect(requests).toBeLessThan(5);
  });

  test("fail if the present changes while it is compared", async () => {
    const { store } = storeFolder();
    const d1 = await numbered(500);
    const { manifest } = await take(store, { d1 });
    await d1.prepare("UPDATE t SET v = 'new'").run();
    const { manifest: measured } = await take({ ...store, write: async () => {} }, { d1 });
    await d1.prepare("UPDATE t SET v = 'newer'").run();
    const left = snapshotSide(manifest, chunkReader(store, codec, manifest));
    const right = await presentSide({ d1, codec, measured });
    await expect(rowsOf({ left, right })).rejects.toMatchObject({
      code: "SNAPSHOT_INCOMPLETE",
      details: { table: "t" },
    });
  });
});

describe("the schemas of two snapshots", () => {
  test("differ in the objects that were added, removed or changed, and not in white space and comments", async () => {
    const sides = await snapshots(
      await database(
        "CREATE TABLE t(a, b)",
        "CREATE INDEX i ON t(a)",
        "CREATE INDEX j ON t(b)",
        "CREATE VIEW v AS SELECT a FROM t",
        "CREATE VIEW w AS SELECT b FROM t",
      ),
      "DROP INDEX i",
      "DROP INDEX j",
      "DROP VIEW v",
      "DROP VIEW w",
      "CREATE INDEX j ON t(b, a)",
      "CREATE VIEW v AS\n  SELECT a -- the first\n FROM t",
      "CREATE TABLE u(x)",
    );
    const found = (await compare(sides, ALL)).database?.schema;
    expect(found).toEqual([
      {
        kind: "removed",
        type: "index",
        name: "i",
        table: "t",
        left: "CREATE INDEX i ON t(a)",
        right: null,
      },
      {
        kind: "changed",
        type: "index",
        name: "j",
        table: "t",
        left: "CREATE INDEX j ON t(b)",
        right: "CREATE INDEX j ON t(b, a)",
      },
      {
        kind: "removed",
        type: "view",
        name: "w",
        table: "w",
        left: "CREATE VIEW w AS SELECT b FROM t",
        right: null,
      },
      {
        kind: "added",
        type: "table",
        name: "u",
        table: "u",
        left: null,
        right: "CREATE TABLE u(x)",
      },
    ]);
    const some = await compare(sides, { ...ALL, tables: ["U"] });
    expect(some.database?.schema).toMatchObject([{ name: "u" }]);
    expect(some.database?.tables).toMatchObject([{ name: "u" }]);
  });
});

describe("the files of two snapshots", () => {
  test("are created, deleted or modified, and the intact ones are counted", async () => {
    const { store } = storeFolder();
    const side = ({ manifest }: { readonly manifest: Manifest }): Side =>
      snapshotSide(manifest, chunkReader(store, codec, manifest));
    const left = side(
      await take(store, { files: { "a.ts": "1", "b.ts": "2", "c.ts": "3", "d.ts": "4" } }),
    );
    const taken = side(
      await take(store, { files: { "a.ts": "1", "b.ts": "new", "e.ts": "3", "d.ts": "4" } }),
    );
    const right = {
      ...taken,
      files: (taken.files ?? []).map((file) =>
        file.path === "d.ts" ? { ...file, mode: 0o755 } : file,
      ),
    };
    const { files, database: none } = await compare({ left, right }, ALL);
    expect(none).toBeNull();
    expect(files?.intact).toBe(1);
    expect(files?.differences.map(({ path, kind }) => `${kind} ${path}`)).toEqual([
      "modified b.ts",
      "deleted c.ts",
      "mode d.ts",
      "created e.ts",
    ]);
  });

  test("are not compared if a side has no files, or if only tables are wanted", async () => {
    const { store } = storeFolder();
    const side = ({ manifest }: { readonly manifest: Manifest }): Side =>
      snapshotSide(manifest, chunkReader(store, codec, manifest));
    const left = side(await take(store, { files: { "a.ts": "1" } }));
    const none = side(await take(store, {}));
    expect((await compare({ left, right: none }, ALL)).files).toBeNull();
    expect((await compare({ left, right: left }, { ...ALL, tables: ["t"] })).files).toBeNull();
  });
});
