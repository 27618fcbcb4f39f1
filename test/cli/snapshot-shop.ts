import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { d1ops, makeProject, type Project, reportOf, withoutProgress } from "../project.ts";

const ROWS = 2000;

/** A project with a migrated database of 2,000 users, an FTS5 table, a view, a trigger, values that are hard to copy, and files. */
export async function snapshotShop(): Promise<Project> {
  const project = makeProject({
    "migrations/0001_core.sql": `CREATE TABLE users(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, n);
CREATE INDEX by_name ON users(name);
CREATE TABLE odd(a, b REAL, c TEXT, d BLOB);
CREATE VIRTUAL TABLE notes USING fts5(body);
CREATE VIEW names AS SELECT name FROM users;
CREATE TRIGGER log AFTER DELETE ON users BEGIN INSERT INTO odd(a) VALUES (old.id); END;
`,
    "config/app.json": '{"a":1}\n',
    "config/deep/b.txt": "b\n",
  });
  expect((await d1ops(project, ["migrate", "apply", "--local"])).code).toBe(0);
  const db = project.open();
  db.exec(
    `WITH RECURSIVE k(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM k WHERE i < ${ROWS})
     INSERT INTO users(name, n) SELECT 'Nia '||i, i * 7 FROM k;
     INSERT INTO odd VALUES (9223372036854775807, -0.0, 'a'||char(0)||'b', x'00ff'), (9e999, 1.0, char(10)||'''', NULL), (NULL, NULL, CAST(x'ff61' AS TEXT), zeroblob(3));
     INSERT INTO notes VALUES ('red apples'), ('green pears');`,
  );
  db.close();
  return project;
}

/** Everything in the database, with types and bytes, as SQLite itself reads it. */
export function contentOf(project: Project): unknown {
  const db = project.open();
  try {
    const quoted = (table: string, columns: readonly string[]): unknown =>
      db
        .prepare(
          `SELECT ${columns.map((one) => `typeof(${one}) || hex(CAST(${one} AS BLOB)) || quote(${one})`).join(", ")} FROM ${table} ORDER BY rowid`,
        )
        .all();
    return {
      check: db.prepare("PRAGMA integrity_check").all(),
      schema: db.prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name").all(),
      users: quoted("users", ["id", "name", "n"]),
      odd: quoted("odd", ["rowid", "a", "b", "c", "d"]),
      found: db.prepare("SELECT rowid, body FROM notes WHERE notes MATCH 'apples'").all(),
      ledger: db.prepare("SELECT * FROM d1_migrations").all(),
      sequence: db.prepare("SELECT * FROM sqlite_sequence ORDER BY name").all(),
    };
  } finally {
    db.close();
  }
}

/** Takes a snapshot, and returns its id. */
export async function takeIn(project: Project, ...flags: readonly string[]): Promise<string> {
  const run = await d1ops(project, ["snapshot", "take", ...flags, "--json"]);
  expect(withoutProgress(run)).toMatchObject({ code: 0, stderr: "" });
  return String(snapshotOf(reportOf(run).data)["id"]);
}

export function snapshotOf(data: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return data["snapshot"] as Record<string, unknown>;
}

/** The paths of the objects of the store. */
export function objectsOf(project: Project, folder: "keys" | "packs" | "snapshots"): string[] {
  return readdirSync(join(project.dir, "backups", folder)).map((name) =>
    join(project.dir, "backups", folder, name),
  );
}

/** Changes one bit. */
export function damageByte(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}
