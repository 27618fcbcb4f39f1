import { join } from "node:path";
import { assert, asyncProperty, constantFrom, record, string, uniqueArray } from "fast-check";
import { expect, test } from "vitest";
import { makeProject } from "../project.ts";
import { clone, leftInBytes, openFile } from "./clone-shop.ts";

const TABLES = {
  "a table":
    "CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT, j TEXT, b BLOB); CREATE INDEX i ON t(v, j)",
  "a table with a full-text index":
    "CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT, j TEXT, b BLOB); CREATE VIRTUAL TABLE f USING fts5(v, content='t', content_rowid='id')",
  "a table whose key is masked": "CREATE TABLE t(v TEXT PRIMARY KEY, j TEXT, b BLOB) WITHOUT ROWID",
};

const values = uniqueArray(
  string({
    minLength: 8,
    maxLength: 80,
    unit: constantFrom(
      "a",
      "Z",
      "0",
      " ",
      "é",
      "漢",
      "😀",
      "'",
      '"',
      "\\",
      "{",
      "\n",
      "\0",
      "-",
      "@",
      ".",
    ),
  }),
  { minLength: 1, maxLength: 40 },
);

test.each(Object.entries(TABLES))(
  "a clone of random rows of %s has no original in any byte of its files",
  async (_name, table) => {
    const project = makeProject({});
    let run = 0;
    await assert(
      asyncProperty(record({ values, kind: constantFrom("email", "hash") }), async (given) => {
        run += 1;
        const [from, to] = [`from${run}.sqlite`, `to${run}.sqlite`];
        const db = openFile(project, from);
        db.exec(table);
        const insert = db.prepare("INSERT INTO t(v, j, b) VALUES (?, ?, ?)");
        for (const value of given.values) {
          insert.run(value, JSON.stringify({ a: [value], b: 1 }), Buffer.from(value));
        }
        if (table.includes("fts5")) db.exec("INSERT INTO f(f) VALUES ('rebuild')");
        db.close();
        const masks = { t: { v: given.kind, j: { "$.a": "text" }, b: "hash" } };
        project.write("masks.json", JSON.stringify(masks));
        const done = await clone(project, [`file:${from}`, `file:${to}`, "--mask", "masks.json"]);
        expect(done).toMatchObject({ code: 0, stderr: "" });
        const copy = openFile(project, to);
        expect(copy.prepare("PRAGMA integrity_check").all()).toEqual([{ integrity_check: "ok" }]);
        copy.close();
        const inJson = given.values.map((value) => JSON.stringify(value).slice(1, -1));
        expect(leftInBytes(join(project.dir, from), given.values).length).toBeGreaterThan(0);
        expect(leftInBytes(join(project.dir, to), [...given.values, ...inJson])).toEqual([]);
      }),
      { numRuns: 4 },
    );
  },
);
