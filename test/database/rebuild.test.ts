import { mkdtempSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, onTestFinished, test } from "vitest";
import { examineFile } from "../../src/database/examine-file.ts";
import { rebuild, type RebuildOptions } from "../../src/database/rebuild.ts";
import type { SchemaObject } from "../../src/snapshots/store/manifest.ts";
import { roundTrip } from "./round-trip/round-trip.ts";

// The same databases on each run. `rebuild.long.test.ts` tries thousands of others.
test("a rebuilt snapshot has the schema, the rowids, the types and the bytes of any database", async () => {
  const tried = await roundTrip({ seed: 20_261_130, numRuns: 40 });
  expect(tried.size).toBeGreaterThan(28);
});

interface TableOf {
  readonly name: string;
  readonly columns: readonly string[];
  /** The texts of its chunks, one row per line. */
  readonly texts: readonly string[];
}

/** Rebuilds a database and returns the path of its file. */
async function rebuilt(
  schema: readonly SchemaObject[],
  tables: readonly TableOf[],
  options?: RebuildOptions,
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "rebuilt-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "copy.sqlite");
  const stored = { bytes: 0, pack: 0, at: 0, stored: 0, base: null, from: null };
  const snapshot = tables.map(({ name, columns, texts }) => {
    const chunks = texts.map((id) => ({ ...stored, id, rows: id.split("\n").length }));
    const rows = chunks.reduce((sum, chunk) => sum + chunk.rows, 0);
    return { name, columns, rows, chunks };
  });
  await rebuild({ schema, tables: snapshot }, async ({ id }) => id, path, options);
  return path;
}

function table(name: string, sql: string): SchemaObject {
  return { type: "table", name, table: name, sql };
}

function rowsIn(path: string, sql: string): unknown[] {
  using db = new DatabaseSync(path);
  return db.prepare(sql).all();
}

const T = table("t", "CREATE TABLE t(a UNIQUE ON CONFLICT REPLACE)");

describe("rebuild", () => {
  test("reports the rows that it has written", async () => {
    const progress: (readonly number[])[] = [];
    const texts = ["(1),\n(2)", "(3)"];
    await rebuilt([T], [{ name: "t", columns: ["a"], texts }], {
      onRows: (rows, total) => progress.push([rows, total]),
    });
    expect(progress).toEqual([
      [2, 3],
      [3, 3],
    ]);
  });

  test("stops at rows that exclude one another, even if the table would replace them", async () => {
    const built = rebuilt([T], [{ name: "t", columns: ["a"], texts: ["(1),\n(1)"] }]);
    await expect(built).rejects.toMatchObject({
      code: "SNAPSHOT_INCOMPLETE",
      details: { table: "t", reason: "UNIQUE constraint failed: t.a" },
    });
  });

  test("stops at a chunk that has fewer rows than the manifest says", async () => {
    const built = rebuilt([T], [{ name: "t", columns: ["a"], texts: ["(1)\n"] }]);
    await expect(built).rejects.toMatchObject({
      code: "SNAPSHOT_INCOMPLETE",
      details: { table: "t", reason: "1 rows instead of 2" },
    });
  });

  test("names the table whose text this SQLite rejects", async () => {
    const built = rebuilt([table("new", "CREATE TABLE new(a) FUTURE")], []);
    await expect(built).rejects.toMatchObject({
      code: "SNAPSHOT_INCOMPLETE",
      details: { table: "new", reason: expect.stringContaining("FUTURE") },
    });
  });

  test("names the virtual table whose module is missing, and what to do", async () => {
    const built = rebuilt([T, table("v", "CREATE VIRTUAL TABLE v USING vec0(a float[3])")], []);
    await expect(built).rejects.toMatchObject({
      code: "SNAPSHOT_INCOMPLETE",
      details: { table: "v", reason: expect.stringContaining("VEC0") },
      hint: expect.stringContaining("Drop v, and take another snapshot"),
    });
  });

  test("passes an error of the store on, also if the next chunk fails, too", async () => {
    const texts = ["(1)", "(2)"];
    const chunks = texts.map((id) => ({ id, rows: 1, bytes: 0, pack: 0, at: 0, stored: 0 }));
    const broken = rebuild(
      {
        schema: [T],
        tables: [
          {
            name: "t",
            columns: ["a"],
            rows: 2,
            chunks: chunks.map((chunk) => ({ ...chunk, base: null, from: null })),
          },
        ],
      },
      async ({ id }) => {
        throw new Error(`no chunk ${id}`);
      },
      ":memory:",
    );
    await expect(broken).rejects.toThrow("no chunk (1)");
  });

  test("stops when it is interrupted", async () => {
    const built = rebuilt([T], [{ name: "t", columns: ["a"], texts: ["(1)"] }], {
      signal: AbortSignal.abort(),
    });
    await expect(built).rejects.toMatchObject({ code: "INTERRUPTED" });
  });

  test("restores the counters of AUTOINCREMENT, also of a table without rows", async () => {
    const path = await rebuilt(
      [table("t", "CREATE TABLE t(a INTEGER PRIMARY KEY AUTOINCREMENT)")],
      [
        { name: "t", columns: ["a"], texts: ["(5)"] },
        { name: "sqlite_sequence", columns: ["rowid", "name", "seq"], texts: ["(3,'t',90)"] },
      ],
    );
    expect(rowsIn(path, "INSERT INTO t VALUES (NULL) RETURNING a")).toEqual([{ a: 91 }]);
    expect(rowsIn(path, "SELECT rowid, name, seq FROM sqlite_sequence")).toEqual([
      { rowid: 3, name: "t", seq: 91 },
    ]);
  });
});

describe("examineFile", () => {
  test("finds no problem in a rebuilt database, and rows whose parent row is missing", async () => {
    const path = await rebuilt(
      [T, table("child", "CREATE TABLE child(a REFERENCES t(a), b CHECK(b > 0))")],
      [{ name: "child", columns: ["rowid", "a", "b"], texts: ["(1,7,-1),\n(2,NULL,1)"] }],
    );
    expect(examineFile(path)).toEqual({ problems: [], orphans: [{ table: "child", rows: 1 }] });
  });

  test("reports an index that misses a row", async () => {
    const index = {
      type: "index",
      name: "i",
      table: "t",
      sql: "CREATE INDEX i ON t(a) WHERE a < 0",
    } as const;
    const path = await rebuilt(
      [table("t", "CREATE TABLE t(a)"), index],
      [{ name: "t", columns: ["rowid", "a"], texts: ["(1,'x')"] }],
    );
    using db = new DatabaseSync(path, { defensive: false });
    db.exec(
      "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE INDEX i ON t(a)' WHERE name = 'i'",
    );
    db.close();
    expect(examineFile(path).problems).toContain("row 1 missing from index i");
  });

  test("reports a file that SQLite cannot read to its end", async () => {
    const path = await rebuilt([T], [{ name: "t", columns: ["a"], texts: ["(zeroblob(100000))"] }]);
    truncateSync(path, 50_000);
    expect(examineFile(path)).toEqual({
      problems: ["database disk image is malformed"],
      orphans: null,
    });
  });
});
