import * as fc from "fast-check";
import { expect, test } from "vitest";
import { openMemory } from "../../../src/database/memory.ts";
import type { D1Database } from "../../../src/database/port.ts";
import { snapshotCodec as codec } from "../../../src/files/snapshot-codec.ts";
import { compare } from "../../../src/snapshots/compare/compare-sides.ts";
import type { TableComparison } from "../../../src/snapshots/compare/compare-tables.ts";
import { chunkReader } from "../../../src/snapshots/rows/read-chunk.ts";
import { listText } from "../../../src/snapshots/rows/row-text.ts";
import { presentSide } from "../../../src/snapshots/compare/present-side.ts";
import { snapshotSide } from "../../../src/snapshots/rows/side.ts";
import { storeFolder, take } from "../store-folder.ts";

interface Design {
  readonly table: string;
  readonly key: readonly string[];
  /** The key of the row number `i`, as expressions. */
  readonly keyOf: (i: string) => string;
}

const DESIGNS: readonly Design[] = [
  { table: "t(n INTEGER PRIMARY KEY, a, b)", key: ["n"], keyOf: (i) => `(${i})*7` },
  { table: "t(n INTEGER PRIMARY KEY, a, b)", key: ["n"], keyOf: (i) => `(${i}<<40)` },
  { table: "t(n UNIQUE, a, b)", key: ["rowid"], keyOf: (i) => i },
  { table: "t(n TEXT PRIMARY KEY, a, b) WITHOUT ROWID", key: ["n"], keyOf: (i) => `'k'''||(${i})` },
  {
    table: "t(n TEXT COLLATE NOCASE PRIMARY KEY, a, b) WITHOUT ROWID",
    key: ["n"],
    keyOf: (i) => `char(65 + ${i} % 26 + 32 * (${i} % 2))||(${i})`,
  },
  {
    table: "t(n, m, a, b, PRIMARY KEY(m, n)) WITHOUT ROWID",
    key: ["m", "n"],
    keyOf: (i) => `(${i})%9, 'x'||(${i})`,
  },
  // Integers, reals, texts and blobs.
  {
    table: "t(n PRIMARY KEY, a, b) WITHOUT ROWID",
    key: ["n"],
    keyOf: (i) =>
      `CASE ${i} % 4 WHEN 0 THEN ${i} WHEN 1 THEN ${i} + 0.5 WHEN 2 THEN 'k'||(${i}) ELSE CAST('b'||(${i}) AS BLOB) END`,
  },
];

const VALUES = [
  "NULL",
  "1",
  "1.0",
  "-0.0 * 1",
  "'it''s),'||char(10)||'(1'",
  "'a'||char(0)||'b'",
  "CAST(X'61ff' AS TEXT)",
  "X'2729'",
  "'x'||coalesce(length(a), 0)",
];

/** Several ranges. */
const ROWS = 1500;

const value = fc.constantFrom(...VALUES);
const number = fc.integer({ min: 1, max: ROWS });

/** Statements after which the table `t` is another one, or the same. */
function edits({ keyOf, key, table }: Design): fc.Arbitrary<string[]> {
  const ordered = `(SELECT ${key.join()}, row_number() OVER (ORDER BY ${key.join()}) AS r FROM t)`;
  const of = (condition: string): string =>
    `(${key.join()}) IN (SELECT ${key.join()} FROM ${ordered} WHERE ${condition})`;
  const some = fc.oneof(
    fc
      .tuple(number, number)
      .map(([from, count]) => of(`r BETWEEN ${from} AND ${from + count / 20}`)),
    fc.tuple(number, number).map(([by, rest]) => of(`r % ${by} = ${rest} % ${by}`)),
  );
  const columns = table.includes("m,") ? "n, m" : "n";
  const names = table.includes("m,") ? "m, n" : columns;
  return fc.array(
    fc.oneof(
      {
        weight: 3,
        arbitrary: fc
          .tuple(some, value, fc.constantFrom("a", "b"))
          .map(([where, v, c]) => `UPDATE t SET ${c} = ${v} WHERE ${where}`),
      },
      { weight: 3, arbitrary: some.map((where) => `DELETE FROM t WHERE ${where}`) },
      {
        weight: 1,
        arbitrary: fc
          .tuple(number, value)
          .map(([from, v]) => insert(names, keyOf, { from: 3000 + from, count: 300 }, v)),
      },
      {
        weight: 1,
        arbitrary: number.map((from) => insert(names, keyOf, { from: -from * 3, count: 20 }, "1")),
      },
      {
        weight: 1,
        arbitrary: fc.constantFrom("DELETE FROM t", "UPDATE t SET a = 'all'"),
      },
    ),
    { maxLength: 4 },
  );
}

function insert(
  names: string,
  keyOf: Design["keyOf"],
  { from, count }: { readonly from: number; readonly count: number },
  v: string,
): string {
  return (
    `WITH RECURSIVE c(i) AS (SELECT ${from} UNION ALL SELECT i + 1 FROM c WHERE i < ${from + count - 1}) ` +
    `INSERT OR IGNORE INTO t(${names}, a, b) SELECT ${keyOf("i")}, ${v}, 'row '||i FROM c`
  );
}

interface Expected {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

/** What differs between `t` and its copy `before`, in plain SQL. A key is the text of its literals. */
async function expectedOf(
  d1: D1Database,
  key: readonly string[],
  columns: readonly string[],
): Promise<Expected> {
  const keys = (table: string): string => `SELECT ${listText(key)} AS k FROM ${table}`;
  const rows = (table: string): string =>
    `SELECT ${listText(key)} AS k, ${columns.map((one) => listText([one])).join()} FROM ${table}`;
  const read = async (sql: string): Promise<string[]> =>
    (await d1.prepare(`SELECT k FROM (${sql}) ORDER BY k`).raw<[string]>()).map(([k]) => k);
  return {
    added: await read(`${keys("t")} EXCEPT ${keys("before")}`),
    removed: await read(`${keys("before")} EXCEPT ${keys("t")}`),
    changed: await read(
      `SELECT k FROM (${rows("t")} EXCEPT ${rows("before")}) WHERE k IN (${keys("before")})`,
    ),
  };
}

function foundIn({ examples }: TableComparison): Expected {
  const keys = (kind: string): string[] =>
    examples
      .filter((one) => one.kind === kind)
      .map((one) => one.key.join(","))
      .toSorted(byBytes);
  return { added: keys("added"), removed: keys("removed"), changed: keys("changed") };
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

async function check(
  design: Design,
  rows: number,
  statements: readonly string[],
  column: string,
): Promise<Expected> {
  const { table, key, keyOf } = design;
  const { d1, close } = openMemory();
  try {
    const { store } = storeFolder();
    const names = table.includes("m,") ? "m, n" : "n";
    await d1.batch([
      d1.prepare(`CREATE TABLE ${table}`),
      d1.prepare(insert(names, keyOf, { from: 1, count: rows }, "i % 5")),
    ]);
    const first = await take(store, { d1 });
    const copied = [...new Set([...key, "n", "a", "b"])].join();
    await d1
      .prepare(
        `CREATE TABLE before AS SELECT ${copied.replace("rowid", 'rowid AS "rowid"')} FROM t`,
      )
      .run();
    for (const sql of statements) await d1.prepare(sql).run();
    const columns = ["n", "a", "b"];
    if (column === "added") await d1.prepare("ALTER TABLE t ADD COLUMN c DEFAULT 'new'").run();
    if (column === "dropped") {
      await d1.prepare("ALTER TABLE t DROP COLUMN b").run();
      columns.pop();
    }
    const expected = await expectedOf(d1, key, columns);
    await d1.prepare("DROP TABLE before").run();
    const second = await take(store, { d1, previous: first });
    const { manifest: measured } = await take({ ...store, write: async () => {} }, { d1 });
    const [left, right] = [first, second].map(({ manifest }) =>
      snapshotSide(manifest, chunkReader(store, codec, manifest)),
    );
    if (left === undefined || right === undefined) throw new Error("no sides");
    for (const other of [right, await presentSide({ d1, codec, measured })]) {
      const options = { tables: ["t"], values: true, limit: 1_000_000 };
      const [found] = (await compare({ left, right: other }, options)).database?.tables ?? [];
      if (found === undefined) throw new Error("no table");
      expect(foundIn(found)).toEqual(expected);
      expect(found.intact).toBe(found.left - expected.removed.length - expected.changed.length);
      expect(found.addedColumns).toEqual(column === "added" ? ["c"] : []);
      expect(found.removedColumns).toEqual(column === "dropped" ? ["b"] : []);
      const [reversed] =
        (await compare({ left: other, right: left }, options)).database?.tables ?? [];
      expect(reversed && foundIn(reversed)).toEqual({
        added: expected.removed,
        removed: expected.added,
        changed: expected.changed,
      });
    }
    return expected;
  } finally {
    close();
  }
}

test.each(DESIGNS)(
  "the difference of two snapshots of $table with the key $key equals what SQL's EXCEPT finds",
  async (design) => {
    const tried = { added: 0, removed: 0, changed: 0 };
    const property = fc.asyncProperty(
      fc.constantFrom(0, 30, ROWS, ROWS),
      edits(design),
      fc.constantFrom("same", "same", "added", "dropped"),
      async (rows, statements, column) => {
        const { added, removed, changed } = await check(design, rows, statements, column);
        tried.added += added.length;
        tried.removed += removed.length;
        tried.changed += changed.length;
      },
    );
    await fc.assert(property, { numRuns: 10, seed: 5 });
    expect(Math.min(tried.added, tried.removed, tried.changed)).toBeGreaterThan(0);
  },
);
