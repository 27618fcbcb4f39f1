import { DatabaseSync } from "node:sqlite";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { download } from "../../src/cloudflare/download.ts";
import { remoteRows, dumpFlaws, type Flaw } from "../../src/cloudflare/dump-flaws.ts";
import { type DumpOptions, exportDatabase } from "../../src/cloudflare/export.ts";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { importDatabase } from "../../src/cloudflare/import.ts";
import {
  expectError,
  folder,
  remoteFixture,
  type RemoteFixture,
  outcomeOf,
} from "./remote-fixture.ts";

/** Runs the script in SQLite itself, because no query of D1 could write all of these values. */
async function filled(script: string): Promise<RemoteFixture> {
  const home = await remoteFixture();
  using db = home.database.open();
  db.exec(script);
  return home;
}

async function flawsOf({ remote }: RemoteFixture, options: DumpOptions = {}): Promise<Flaw[]> {
  const flaws = await dumpFlaws(remoteRows(remote), options);
  return flaws.filter(({ kind }) => kind !== "reserved table");
}

const brief = (flaws: readonly Flaw[]): unknown[] =>
  flaws.map(({ kind, table, column, count }) => [kind, table, column, count]);

async function dumpOf({ remote }: RemoteFixture): Promise<string> {
  const into = new PassThrough();
  const [all] = await Promise.all([
    text(into),
    download(remote, await exportDatabase(remote), into),
  ]);
  return all;
}

/** Every value with its type, so that no conversion hides a difference. */
function contentOf(db: DatabaseSync): unknown {
  const rows = db.prepare("SELECT quote(a) AS a, typeof(a) AS type FROM t ORDER BY rowid").all();
  return rows.map(({ a, type }) => `${String(type)} ${String(a)}`);
}

const FINE = [
  "9007199254740992, -9007199254740992, 0, NULL",
  "1.5, -2.25, 1e300, 0.1",
  String.raw`'plain', 'a\nb', 'it''s', 'é😀'`,
  "char(10), 'a' || char(13) || char(10) || 'b', X'00FF', X''",
];

/** The column's type, a value, the flaws found, and whether the file cannot run at all. */
const FLAWED: readonly (readonly [string, string, Flaw["kind"] | null])[] = [
  ["", "9007199254740993", "integer"],
  ["INTEGER", "-9223372036854775807", "integer"],
  ["NUMERIC", "9223372036854775807", "integer"],
  ["TEXT", "9007199254740993", null],
  ["REAL", "9007199254740993", null],
  ["", "9e999", "infinity"],
  ["INTEGER", "-9e999", "infinity"],
  ["REAL", "9e999", "infinity"],
  ["TEXT", String.raw`char(10) || '\n'`, "newline"],
  ["INTEGER", String.raw`'{"a":"\n",' || char(10) || '}'`, "newline"],
  ["", String.raw`char(13) || '\r'`, "newline"],
  ["", String.raw`char(13) || '\n'`, null],
  ["TEXT", "'a' || char(0) || 'b'", "nul"],
  ["BLOB", "1.0", "whole real"],
  ["", "-0.0", "whole real"],
  ["", "1e18", "whole real"],
  ["", "-9223372036854775808.0", null],
  ["", "9223372036854774784.0", "whole real"],
  ["", "9223372036854775808.0", null],
  ["", "1e19", null],
  ["REAL", "1.0", null],
  ["NUMERIC", "1.0", null],
  ["INTEGER", "1.0", null],
  ["TEXT", "1.0", null],
];

describe("dumpFlaws", () => {
  test.each(FINE.map((values) => [values]))(
    "finds no flaw in values that an export keeps: %s",
    async (values) => {
      const rows = values.split(", ").map((value) => `(${value})`);
      const home = await filled(`CREATE TABLE t(a); INSERT INTO t VALUES ${rows.join(", ")}`);
      expect(await flawsOf(home)).toEqual([]);
      using db = new DatabaseSync(":memory:");
      db.exec(await dumpOf(home));
      using before = home.database.open();
      expect(contentOf(db)).toEqual(contentOf(before));
    },
  );

  test.each(FLAWED)(
    "finds the flaw in a column of type '%s' with %s: %s",
    async (type, value, kind) => {
      const home = await filled(
        `CREATE TABLE t(a ${type}); INSERT INTO t VALUES (${value}), (NULL)`,
      );
      const flaws = await flawsOf(home);
      expect(brief(flaws)).toEqual(kind === null ? [] : [[kind, "t", "a", 1]]);
      // The flaws that were found also occur in a real dump.
      using db = new DatabaseSync(":memory:");
      const dumped = await dumpOf(home);
      const run = (): unknown => {
        db.exec(dumped);
        return contentOf(db);
      };
      using before = home.database.open();
      if (flaws[0]?.effect === "unreadable") expect(run).toThrow();
      else if (kind === null) expect(run()).toEqual(contentOf(before));
      else if (value === "-0.0") expect(run()).toEqual(["integer 0", "null NULL"]);
      else expect(run()).not.toEqual(contentOf(before));
    },
  );

  test("finds the flaws of a STRICT table, whose types are enforced", async () => {
    const home = await filled(`CREATE TABLE t(a ANY, i INT, r REAL, x TEXT, b BLOB) STRICT;
      INSERT INTO t VALUES(1.0, 1, 1.0, 'x', X'00'), (9007199254740993, 9007199254740993, 9e999, char(10) || '\\n', NULL)`);
    expect(brief(await flawsOf(home))).toEqual([
      ["integer", "t", "a", 1],
      ["whole real", "t", "a", 1],
      ["integer", "t", "i", 1],
      ["infinity", "t", "r", 1],
      ["newline", "t", "x", 1],
    ]);
  });

  test("finds rows that are too long for an import", async () => {
    const home = await filled(`CREATE TABLE t(a, b); INSERT INTO t VALUES
      (zeroblob(45000), 'x'), (NULL, zeroblob(49990)), ('${"y".repeat(60_000)}', '${"y".repeat(60_000)}')`);
    expect(brief(await flawsOf(home))).toEqual([["long", "t", null, 2]]);
    const into = await remoteFixture();
    const path = join(folder(), "dump.sql");
    writeFileSync(path, await dumpOf(home));
    expectError(await outcomeOf(importDatabase(into.remote, path)), "TRANSFER_FAILED", /too long/);
  });

  test("finds flaws in tables with quoted names and generated columns", async () => {
    const home = await filled(`CREATE TABLE "a ""b'c"("x ""y" BLOB, g AS ("x ""y" + 1.0));
      INSERT INTO "a ""b'c" VALUES(1.0)`);
    expect(brief(await flawsOf(home))).toEqual([["whole real", "a \"b'c", 'x "y', 1]]);
  });

  test("examines a table of a hundred columns with two queries", async () => {
    const names = Array.from({ length: 100 }, (_, i) => `c${i}`);
    const home = await filled(`CREATE TABLE t(${names.join(", ")});
      INSERT INTO t(c0, c99) VALUES(9007199254740993, 9e999)`);
    expect(brief(await flawsOf(home))).toEqual([
      ["integer", "t", "c0", 1],
      ["infinity", "t", "c99", 1],
    ]);
    expect(home.cloudflare.operations()).toEqual(Array(3).fill("d1.raw"));
  });
});

const FAMILY = `CREATE TABLE Child(id INTEGER PRIMARY KEY, p REFERENCES PARENT(id), q, r,
    FOREIGN KEY(q, r) REFERENCES pair(a, b));
  CREATE TABLE parent(id INTEGER PRIMARY KEY AUTOINCREMENT);
  CREATE TABLE pair(a, b, UNIQUE(a, b));
  CREATE TABLE last(p REFERENCES parent(id));
  CREATE INDEX by_p ON child(p);
  CREATE TRIGGER looks AFTER INSERT ON child BEGIN SELECT 1; END;`;

describe("dumpFlaws of whole tables", () => {
  test("finds children that come before their parents", async () => {
    const home =
      await filled(`${FAMILY} INSERT INTO parent VALUES(1); INSERT INTO pair VALUES(1, 2);
      INSERT INTO child VALUES(1, 1, 1, NULL), (2, NULL, 1, 2), (3, 1, NULL, NULL); INSERT INTO last VALUES(1)`);
    expect(brief(await flawsOf(home))).toEqual([
      ["order", "Child", "q, r", 3],
      ["order", "Child", "p", 3],
    ]);
    // If the tables exist already, only a row that has a parent matters.
    expect(brief(await flawsOf(home, { schema: false }))).toEqual([
      ["order", "Child", "q, r", 1],
      ["order", "Child", "p", 2],
    ]);
    expect(await flawsOf(home, { data: false })).toEqual([]);
    expect(await flawsOf(await filled(FAMILY))).toEqual([]);
  });

  test.each(["1", "NULL"])(
    "suggests an export that can be imported, for children of %s",
    async (parent) => {
      const rows = Array.from({ length: 150 }, () => `(NULL, ${parent})`).join(", ");
      const home =
        await filled(`CREATE TABLE child(id INTEGER PRIMARY KEY, p REFERENCES parent(id));
      CREATE TABLE parent(id INTEGER PRIMARY KEY);
      INSERT INTO parent VALUES(1); INSERT INTO child VALUES ${rows}`);
      const [flaw] = await flawsOf(home);
      expect(flaw).toMatchObject({
        kind: "order",
        count: 150,
        wayOut: /^Put PRAGMA foreign_keys=OFF;/,
      });
      const path = join(folder(), "dump.sql");
      const dumped = await dumpOf(home);
      const into = await remoteFixture();
      writeFileSync(path, dumped);
      expectError(
        await outcomeOf(importDatabase(into.remote, path)),
        "TRANSFER_FAILED",
        /no such table: main.parent/,
      );
      writeFileSync(path, `PRAGMA foreign_keys=OFF;\n${dumped}`);
      expect(await importDatabase(into.remote, path)).toMatchObject({ uploaded: true });
      expect(into.count("SELECT count(*) FROM child")).toBe(150);
    },
  );

  test("finds the indexes, triggers and counters that an export of named tables leaves out", async () => {
    const home = await filled(FAMILY);
    expect(await flawsOf(home, { tables: ["Child", "parent", "last"] })).toMatchObject([
      {
        kind: "lost with its table",
        table: "Child",
        count: 2,
        what: expect.stringContaining("by_p, looks"),
      },
      {
        kind: "lost with its table",
        table: "parent",
        count: 1,
        what: expect.stringContaining("sqlite_sequence"),
      },
    ]);
    const tables = ["Child", "parent", "by_p", "looks", "sqlite_sequence"];
    expect(await flawsOf(home, { tables })).toEqual([]);
    expect(await flawsOf(home, { tables: ["Child"], schema: false })).toEqual([]);
  });

  test("finds virtual tables, which prevent an export unless all other tables are named", async () => {
    const home = await filled("CREATE VIRTUAL TABLE f USING fts5(a); CREATE TABLE t(a)");
    expect(brief(await flawsOf(home))).toEqual([["virtual table", "f", null, 1]]);
    expectError(await outcomeOf(exportDatabase(home.remote)), "TRANSFER_FAILED", /Virtual/);
    expect(await flawsOf(home, { tables: ["t"] })).toEqual([]);
    await exportDatabase(home.remote, { tables: ["t"] });
  });

  test.each([
    ["from 1 without a gap", "t(a)", "INSERT INTO t VALUES (1), (2), (NULL)", []],
    [
      "with a gap",
      "t(a)",
      "INSERT INTO t(rowid, a) VALUES (1, 1), (3, 3)",
      [["rowid", "t", null, 2]],
    ],
    ["that begin at 2", "t(a)", "INSERT INTO t(rowid, a) VALUES (2, 1)", [["rowid", "t", null, 1]]],
    [
      "behind a column of the name",
      "t(rowid)",
      "INSERT INTO t(oid) VALUES (7)",
      [["rowid", "t", null, 1]],
    ],
    ["that are the key", "t(a INTEGER PRIMARY KEY)", "INSERT INTO t VALUES (7)", []],
    ["of a table without them", "t(a PRIMARY KEY) WITHOUT ROWID", "INSERT INTO t VALUES (7)", []],
    ["that no name reaches", "t(rowid, oid, _rowid_)", "INSERT INTO t VALUES (1, 2, 3)", []],
  ])("finds rowids that an export does not keep: %s", async (_, table, fill, flaws) => {
    const home = await filled(`CREATE TABLE ${table}; ${fill}`);
    expect(brief(await flawsOf(home))).toEqual(flaws);
  });

  test("finds a NUL in the text that a virtual table stores", async () => {
    const home = await filled(
      "CREATE VIRTUAL TABLE f USING fts5(a); INSERT INTO f VALUES ('a'||char(0)||'b')",
    );
    expect(brief(await flawsOf(home))).toContainEqual(["nul", "f_content", "c0", 1]);
  });

  test("reports Cloudflare's own table without reading it", async () => {
    const home = await remoteFixture();
    const flaws = await dumpFlaws(remoteRows(home.remote));
    expect(brief(flaws)).toEqual([["reserved table", "_cf_KV", null, 1]]);
  });

  test("makes three requests for ten tables, and fails with an OpsError", async () => {
    const home = await filled(
      Array.from({ length: 10 }, (_, i) => `CREATE TABLE t${i}(a);`).join(""),
    );
    expect(await flawsOf(home)).toEqual([]);
    expect(home.cloudflare.operations()).toEqual(Array(3).fill("d1.raw"));
    home.cloudflare.order({ kind: "refusal" });
    expectError(await outcomeOf(flawsOf(home)), "API_REFUSED");
  });
});
