import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  d1ops,
  errorOf,
  makeProject,
  type Project,
  reportOf,
  type Run,
  withoutProgress,
} from "../project.ts";
import { objectsOf, takeIn } from "./snapshot-shop.ts";

const SCHEMA = `CREATE TABLE users(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE);
CREATE TABLE orders(id INTEGER PRIMARY KEY, user INTEGER REFERENCES users ON DELETE CASCADE);
CREATE TABLE labels(code TEXT COLLATE NOCASE, n REAL, PRIMARY KEY(code, n)) WITHOUT ROWID;
CREATE TABLE log(text);
CREATE VIRTUAL TABLE notes USING fts5(body);
CREATE VIRTUAL TABLE found USING fts5(name, content=users, content_rowid=id);
CREATE TRIGGER grow AFTER INSERT ON users BEGIN INSERT INTO found(rowid, name) VALUES (new.id, new.name); END;
CREATE TRIGGER shrink AFTER DELETE ON users BEGIN
  INSERT INTO found(found, rowid, name) VALUES ('delete', old.id, old.name); INSERT INTO log VALUES ('deleted ' || old.id);
END;
CREATE VIEW names AS SELECT name FROM users;
`;

const ROWS = `INSERT INTO users(name) VALUES ('Ada'), ('Nia'), ('Zoe');
INSERT INTO orders VALUES (1, 1), (2, 2), (3, 3);
INSERT INTO labels VALUES ('a', 1.0), ('B', -0.0);
INSERT INTO notes VALUES ('red apples'), ('green pears');`;

/** Without the foreign keys of D1, which would delete the orders, too. */
const DAMAGE = `PRAGMA foreign_keys = OFF;
DELETE FROM users WHERE id = 1; UPDATE labels SET n = 2.0 WHERE code = 'a'; DELETE FROM notes;
INSERT INTO orders VALUES (4, 2);`;

async function shop(): Promise<Project> {
  const project = makeProject({ "migrations/0001_core.sql": SCHEMA, "config/app.json": "{}" });
  expect((await d1ops(project, ["migrate", "apply", "--local"])).code).toBe(0);
  change(project, ROWS);
  return project;
}

function change({ open }: Project, sql: string): void {
  const db = open();
  db.exec(sql);
  db.close();
}

const TABLES = ["users", "orders", "labels", "log", "notes", "sqlite_sequence", "d1_migrations"];

type Rows = Readonly<Record<string, readonly string[]>>;

/** Every value with its type, and what the indexes find. */
function rowsOf(db: DatabaseSync): Rows {
  const all = (sql: string): string[] =>
    db
      .prepare(sql)
      .all()
      .map((row) => Object.values(row).join(" "));
  const columns = (table: string): string =>
    all(`SELECT name FROM pragma_table_info('${table}')`)
      .map((name) => `typeof("${name}") || quote("${name}")`)
      .join(", ");
  return {
    ...Object.fromEntries(
      TABLES.map((name) => [name, all(`SELECT ${columns(name)} FROM ${name}`).toSorted()]),
    ),
    red: all("SELECT rowid FROM notes WHERE notes MATCH 'apples'"),
    ada: all("SELECT rowid FROM found WHERE found MATCH 'Ada'"),
    check: all("PRAGMA integrity_check"),
    schema: all("SELECT type || name || ifnull(sql, '') FROM sqlite_schema ORDER BY 1"),
  };
}

function contentOf({ open }: Project): Rows {
  const db = open();
  try {
    return rowsOf(db);
  } finally {
    db.close();
  }
}

async function restore(project: Project, ...args: readonly string[]): Promise<Run> {
  return withoutProgress(await d1ops(project, ["snapshot", "restore", ...args, "--json"]));
}

const CONFIRM = ["--local", "--confirm", "shop-db"];

describe("snapshot restore --tables", () => {
  test("restores the rows of the named tables with their FTS5 indexes, and nothing else", async () => {
    const project = await shop();
    const before = contentOf(project);
    await takeIn(project, "--files", "config/**");
    project.write("config/app.json", "edited");
    change(project, DAMAGE);
    const damaged = contentOf(project);
    const run = await restore(project, "latest", "--tables", "users,labels", ...CONFIRM);
    expect(run).toMatchObject({ code: 0, stderr: "" });
    const { users, labels, ada } = before;
    expect(contentOf(project)).toEqual({ ...damaged, users, labels, ada });
    const { data, next, steps } = reportOf(run);
    expect(data).toMatchObject({ chosen: ["users", "labels"], files: [], schema: [], orphans: [] });
    expect(data["tables"]).toContainEqual(
      expect.objectContaining({ name: "users", change: "changed", rowsNow: 2, rowsThen: 3 }),
    );
    expect(steps.map(({ name }) => name)).not.toContain("orders");
    const again = await restore(project, "latest", "--tables", "labels", "users", ...CONFIRM);
    expect(reportOf(again)).toMatchObject({
      outcome: "ok",
      summary: expect.stringContaining("the rows of labels, users are as in the snapshot"),
    });
    const [undo = ""] = next;
    expect(undo).toMatch(/restore [0-9a-f]{8} --local --tables users --tables labels$/);
    const undone = await restore(project, ...undo.split(" ").slice(4), "--confirm", "shop-db");
    expect(undone).toMatchObject({ code: 0, stderr: "" });
    expect(contentOf(project)).toEqual(damaged);
  });

  test("restores a virtual table with its inner tables", async () => {
    const project = await shop();
    const { notes, red } = contentOf(project);
    await takeIn(project);
    change(project, DAMAGE);
    const damaged = contentOf(project);
    expect((await restore(project, "latest", "--tables", "Notes", ...CONFIRM)).code).toBe(0);
    expect(contentOf(project)).toEqual({ ...damaged, notes, red });
  });

  test("keeps rows that refer to a lost row, names them before it asks, and gives no new row the lost id", async () => {
    const project = await shop();
    const { users } = contentOf(project);
    await takeIn(project);
    change(project, "INSERT INTO users(name) VALUES ('new'); INSERT INTO orders VALUES (4, 4)");
    const present = contentOf(project);
    for (const flags of [[], ["--without-backup"]]) {
      const dry = await restore(
        project,
        "latest",
        "--local",
        "--tables",
        "users",
        "--dry-run",
        ...flags,
      );
      expect(reportOf(dry)).toMatchObject({
        findings: [
          { rule: "rows-lost", data: { tables: expect.arrayContaining(["users"]) } },
          { rule: "orphans", table: "orders", data: { rows: 1 } },
        ],
        next: [expect.stringMatching(/restore [0-9a-f]{8} --local --tables users/)],
      });
    }
    const refused = await restore(project, "latest", "--local", "--tables", "users", "--yes");
    expect(errorOf(refused).code).toBe("NOT_CONFIRMED");
    expect(contentOf(project)).toEqual(present);
    expect((await restore(project, "latest", "--tables", "users", ...CONFIRM)).code).toBe(0);
    expect(contentOf(project)).toEqual({ ...present, users });
    change(project, "INSERT INTO users(name) VALUES ('later')");
    expect(contentOf(project)["users"]).toContainEqual(expect.stringMatching(/^integer5 /));
  });

  test("creates a table that was dropped, with its indexes and triggers, and its undo restores the whole database", async () => {
    const project = await shop();
    change(project, "CREATE INDEX by_name ON users(name COLLATE NOCASE)");
    const before = contentOf(project);
    await takeIn(project);
    change(
      project,
      "PRAGMA foreign_keys = OFF; DROP TABLE users; DROP TABLE found; DROP TABLE notes",
    );
    const run = await restore(project, "latest", "--tables", "users", "notes", ...CONFIRM);
    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(contentOf(project)).toEqual(before);
    expect(reportOf(run).next).toEqual([expect.stringMatching(/restore [0-9a-f]{8} --local$/)]);
  });

  test("keeps indexes and triggers that were added or dropped since the snapshot", async () => {
    const project = await shop();
    await takeIn(project);
    change(
      project,
      `${DAMAGE} DROP TRIGGER shrink; CREATE INDEX later ON users(name DESC); CREATE TRIGGER also AFTER DELETE ON users BEGIN SELECT RAISE(ABORT, 'fired'); END`,
    );
    const { schema } = contentOf(project);
    expect((await restore(project, "latest", "--tables", "users", ...CONFIRM)).code).toBe(0);
    expect(contentOf(project)).toMatchObject({ schema, check: ["ok"] });
  });

  test("stops before it asks if an index that was added later excludes rows of the snapshot", async () => {
    const project = await shop();
    await takeIn(project);
    change(
      project,
      "DELETE FROM labels; INSERT INTO labels VALUES ('c', 3); CREATE UNIQUE INDEX one ON labels(n > 5)",
    );
    const present = contentOf(project);
    const run = await restore(project, "latest", "--local", "--tables", "labels", "--dry-run");
    expect(errorOf(run)).toMatchObject({
      code: "SNAPSHOT_INCOMPLETE",
      message: expect.stringContaining("UNIQUE constraint failed"),
    });
    expect(contentOf(project)).toEqual(present);
  });

  test("restores into a new file only the named tables, and into an existing one beside the others", async () => {
    const project = await shop();
    await takeIn(project);
    const to = ["--to", "file:out.sqlite"];
    const run = await restore(project, "latest", ...to, "--tables", "orders");
    expect(run).toMatchObject({ code: 0, stderr: "" });
    const file = (): DatabaseSync => new DatabaseSync(join(project.dir, "out.sqlite"));
    const names = (): unknown[] => {
      using db = file();
      return db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1").all();
    };
    expect(names()).toEqual([{ name: "orders" }]);
    expect((await restore(project, "latest", ...to, "--tables", "labels")).code).toBe(0);
    expect(names()).toEqual([{ name: "labels" }, { name: "orders" }]);
    using db = file();
    db.exec("PRAGMA foreign_keys = OFF; DELETE FROM labels; UPDATE orders SET user = 9");
    const confirm = ["--confirm", "out.sqlite"];
    const again = await restore(project, "latest", ...to, "--tables", "labels", ...confirm);
    expect(again).toMatchObject({ code: 0, stderr: "" });
    expect(db.prepare("SELECT count(*) AS n FROM labels").get()).toEqual({ n: 2 });
    expect(db.prepare("SELECT DISTINCT user FROM orders").all()).toEqual([{ user: 9 }]);
  });

  test.each([
    [["usres"], "Did you mean users?", "has no table usres"],
    [["nothing"], "labels, log, notes, orders, users", "has no table nothing"],
    [["names"], "Name the tables whose rows it shows", "names is a view"],
    [["found"], "Name users instead", "found is an index of the rows of users"],
    [["notes_data"], "Name notes instead", "notes_data is an inner table of notes"],
    [["d1_migrations"], "leave --tables out", "it records the migrations"],
    [["d1ops_migrations"], "leave --tables out", "it records the migrations"],
    [["sqlite_sequence"], "leave --tables out", "SQLite keeps it"],
    [["_cf_KV"], "leave --tables out", "belongs to Cloudflare's platform"],
    [[","], "Name at least one table", "names no table"],
    [["users", "--files-only"], "", "--files-only"],
  ])("rejects %j with the hint %j", async (names, hint, message) => {
    const project = await shop();
    await takeIn(project);
    const run = await restore(project, "latest", "--local", "--tables", ...names);
    expect(run.code).toBe(2);
    expect(errorOf(run)).toMatchObject({
      code: "USAGE",
      message: expect.stringContaining(message),
      hint: expect.stringContaining(hint),
    });
  });

  test.each([
    ["users", "ALTER TABLE users ADD COLUMN n", "its definition in the snapshot is another one"],
    [
      "orders",
      "DROP TABLE orders; CREATE VIEW orders AS SELECT 1 AS id",
      "a view with the name of its table orders",
    ],
    [
      "labels",
      "CREATE VIRTUAL TABLE codes USING fts5(code, content=labels)",
      "codes cannot be restored",
    ],
    [
      "users",
      "CREATE VIRTUAL TABLE shown USING fts5(name, content=names)",
      "it is an index of the view names",
    ],
  ])("stops if %s does not fit the present after %s", async (name, sql, message) => {
    const project = await shop();
    await takeIn(project);
    change(project, sql);
    change(project, "INSERT INTO log VALUES ('kept')");
    const schemaOf = (): unknown => {
      const db = project.open();
      const schema = db.prepare("SELECT * FROM sqlite_schema").all();
      db.close();
      return schema;
    };
    const schema = schemaOf();
    const run = await restore(project, "latest", "--tables", name, ...CONFIRM);
    expect(run.code).toBe(3);
    expect(errorOf(run)).toMatchObject({
      code: "SNAPSHOT_INCOMPLETE",
      message: expect.stringContaining(message),
      hint: expect.stringContaining("--to file:restored.sqlite"),
    });
    expect(schemaOf()).toEqual(schema);
    expect(objectsOf(project, "snapshots")).toHaveLength(1);
    const [, hint = ""] = errorOf(run).hint.split("\n");
    const into = await restore(project, ...hint.split(" ").slice(4));
    expect(into).toMatchObject({ code: 0, stderr: "" });
    expect(existsSync(join(project.dir, "restored.sqlite"))).toBe(true);
  });
});
