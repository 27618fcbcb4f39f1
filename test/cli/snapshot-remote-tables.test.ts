import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Cloudflare, startCloudflare } from "../../fixtures/cloudflare/fake.ts";
import { makeRemoteProject, type RemoteProject } from "../project/remote.ts";
import { d1ops, errorOf, reportOf, type Run, withoutProgress } from "../project.ts";
import { snapshotOf } from "./snapshot-shop.ts";

/** Restores some tables of a remote database, at a fake Cloudflare. */

let cloudflare: Cloudflare;

beforeAll(async () => {
  cloudflare = await startCloudflare({ timeTravel: "on" });
});
afterAll(() => cloudflare.close());
afterEach(() => {
  cloudflare.onRequest = null;
});

const SCHEMA = `CREATE TABLE users(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE);
  CREATE TABLE orders(id INTEGER PRIMARY KEY, user INTEGER REFERENCES users ON DELETE CASCADE ON UPDATE CASCADE);
  CREATE TABLE lines(id INTEGER PRIMARY KEY, o INTEGER REFERENCES orders ON DELETE SET NULL);
  CREATE TABLE visits(id INTEGER PRIMARY KEY, user INTEGER REFERENCES users);
  CREATE TABLE log(text);
  CREATE VIRTUAL TABLE found USING fts5(name, content=users, content_rowid=id);
  CREATE TRIGGER note AFTER UPDATE ON users BEGIN INSERT INTO log VALUES (old.name || ' was renamed'); END;
  CREATE TRIGGER gone AFTER DELETE ON orders BEGIN INSERT INTO log VALUES ('deleted ' || old.id); END;`;

const ROWS = `WITH RECURSIVE k(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM k WHERE i < 1000)
  INSERT INTO users SELECT i, 'Nia ' || i FROM k;
  INSERT INTO orders SELECT id, id FROM users; INSERT INTO lines SELECT id, id FROM orders; INSERT INTO visits SELECT id, id FROM users;
  INSERT INTO found(found) VALUES ('rebuild');`;

function shop(): RemoteProject {
  const project = makeRemoteProject(cloudflare);
  edit(project, SCHEMA + ROWS);
  return project;
}

function edit({ database }: RemoteProject, sql: string): void {
  const db = database.open();
  db.exec(sql);
  db.close();
}

async function run(project: RemoteProject, ...args: readonly string[]): Promise<Run> {
  const env = { PATH: process.env["PATH"], HOME: "/nonexistent", ...cloudflare.variables() };
  return withoutProgress(await d1ops(project, ["snapshot", ...args, "--json"], { env }));
}

function isRunning({ database }: RemoteProject): boolean {
  const db = database.open();
  const has = (sql: string): boolean => db.prepare(sql).get() !== undefined;
  try {
    return (
      has("SELECT 1 FROM sqlite_schema WHERE name = 'd1ops_runs'") &&
      has("SELECT 1 FROM d1ops_runs WHERE ended_at IS NULL")
    );
  } finally {
    db.close();
  }
}

type Content = Readonly<Record<string, readonly unknown[]>>;

/** Everything but the runs of d1ops. */
function contentOf({ database }: RemoteProject): Content {
  const db = database.open();
  const all = (sql: string): unknown[] => db.prepare(sql).all();
  const rows = (name: string): unknown[] => all(`SELECT rowid, * FROM ${name} ORDER BY rowid`);
  try {
    return {
      check: all("PRAGMA integrity_check"),
      schema: all(
        "SELECT type, name, sql FROM sqlite_schema WHERE tbl_name <> 'd1ops_runs' AND name NOT LIKE 'sqlite_%' ORDER BY 1, 2",
      ),
      ...Object.fromEntries(
        ["users", "orders", "lines", "visits", "log"].map((name) => [name, rows(name)]),
      ),
      found: all("SELECT rowid FROM found WHERE found MATCH '\"Nia 7\"'"),
      sequence: all("SELECT name, seq FROM sqlite_sequence WHERE name = 'users'"),
    };
  } finally {
    db.close();
  }
}

async function take(project: RemoteProject): Promise<string> {
  const taken = await run(project, "take", "--remote");
  expect(taken).toMatchObject({ code: 0, stderr: "" });
  return String(snapshotOf(reportOf(taken).data)["id"]).slice(0, 8);
}

async function restore(
  project: RemoteProject,
  id: string,
  ...flags: readonly string[]
): Promise<Run> {
  return run(project, "restore", id, "--remote", "--confirm", project.database.name, ...flags);
}

const RENAMED =
  "UPDATE users SET name = 'x' || name WHERE id < 20; DELETE FROM log; INSERT INTO log VALUES ('mine');";

describe("a restore of some tables of a remote database", () => {
  test("writes only their rows, without Time Travel, and keeps what others write to other tables meanwhile", async () => {
    const project = shop();
    const id = await take(project);
    const { users, found } = contentOf(project);
    edit(
      project,
      `${RENAMED} INSERT INTO users VALUES (5000, 'new'); INSERT INTO orders VALUES (5000, 2); INSERT INTO found(found) VALUES ('rebuild'); CREATE INDEX later ON users(name DESC)`,
    );
    const dry = await run(project, "restore", id, "--remote", "--tables", "users", "--dry-run");
    expect(dry).toMatchObject({ code: 0, stderr: "" });
    const { findings } = reportOf(dry);
    expect(findings.map(({ rule }) => rule)).toEqual(["rows-lost", "no-time-travel"]);
    const present = contentOf(project);
    cloudflare.onRequest = () => {
      if (isRunning(project)) {
        cloudflare.onRequest = null;
        edit(project, "INSERT INTO visits VALUES (9000, 1)");
      }
      return null;
    };
    const restored = await restore(project, id, "--tables", "users");
    expect(restored).toMatchObject({ code: 0, stderr: "" });
    expect(reportOf(restored)).toMatchObject({
      outcome: "changed",
      findings: [
        { rule: "restored-by", data: { timeTravel: false } },
        { rule: "way-back" },
        { rule: "way-back", data: { bookmark: expect.any(String) } },
      ],
      data: { chosen: ["users"], orphans: [] },
    });
    const visits = [...(present["visits"] ?? []), { id: 9000, user: 1 }];
    expect(contentOf(project)).toEqual({ ...present, users, found, visits });
    expect(reportOf(await restore(project, id, "--tables", "users")).outcome).toBe("ok");
  });

  test("refuses before it writes what a foreign key would carry to another table, and suggests to name both", async () => {
    const project = shop();
    const id = await take(project);
    const { users, orders } = contentOf(project);
    edit(
      project,
      `${RENAMED} INSERT INTO users VALUES (5000, 'new'); INSERT INTO orders VALUES (5000, 5000)`,
    );
    const present = contentOf(project);
    const dry = await run(project, "restore", id, "--remote", "--tables", "users", "--dry-run");
    expect(errorOf(dry)).toMatchObject({
      code: "SNAPSHOT_INCOMPLETE",
      details: { table: "orders" },
    });
    const refused = await restore(project, id, "--tables", "users");
    expect(refused.code).toBe(3);
    const { code, message, hint } = errorOf(refused);
    expect(code).toBe("SNAPSHOT_INCOMPLETE");
    expect(message).toContain("D1 would delete or change rows of orders");
    expect(contentOf(project)).toEqual(present);
    const [, suggested = ""] = hint.split("\n");
    expect(suggested).toMatch(/--tables users --tables orders$/);
    const both = await run(
      project,
      ...suggested.split(" ").slice(3),
      "--confirm",
      project.database.name,
    );
    expect(both).toMatchObject({ code: 0, stderr: "" });
    const { found } = contentOf(project);
    expect(contentOf(project)).toEqual({ ...present, users, orders, found });
  });

  test("keeps rows of a table without an action, and names them before it asks", async () => {
    const project = shop();
    const id = await take(project);
    const { users } = contentOf(project);
    edit(project, "INSERT INTO users VALUES (5000, 'new'); INSERT INTO visits VALUES (5000, 5000)");
    const present = contentOf(project);
    const dry = await run(project, "restore", id, "--remote", "--tables", "users", "--dry-run");
    expect(reportOf(dry).findings).toContainEqual(
      expect.objectContaining({ rule: "orphans", table: "visits", data: { rows: 1 } }),
    );
    const refused = await run(project, "restore", id, "--remote", "--tables", "users", "--yes");
    expect(errorOf(refused).code).toBe("NOT_CONFIRMED");
    expect(contentOf(project)).toEqual(present);
    const restored = await restore(project, id, "--tables", "users", "--without-backup");
    expect(restored).toMatchObject({ code: 0, stderr: "" });
    // The number of the sequence does not go back: the next user must not get the visits of user 5000.
    expect(contentOf(project)).toEqual({ ...present, users });
  });

  const KEYS = `CREATE TABLE people(id TEXT PRIMARY KEY, name TEXT UNIQUE);
    CREATE TABLE pets(owner TEXT REFERENCES people ON DELETE RESTRICT ON UPDATE CASCADE);
    CREATE TABLE toys(owner TEXT REFERENCES people ON DELETE CASCADE);`;

  test("keeps rows that follow a key which belongs to another row in the snapshot", async () => {
    const project = shop();
    edit(project, `${KEYS} INSERT INTO people(rowid, id, name) VALUES (1, 'old', 'Ada')`);
    const id = await take(project);
    edit(project, "UPDATE people SET id = 'new'; INSERT INTO pets VALUES ('new')");
    const restored = await restore(project, id, "--tables", "people");
    expect(restored).toMatchObject({ code: 0, stderr: "" });
    const db = project.database.open();
    expect(db.prepare("SELECT id, owner FROM people, pets").all()).toEqual([
      { id: "old", owner: "new" },
    ]);
    db.close();
    expect(reportOf(restored).data["orphans"]).toEqual([{ table: "pets", rows: 1 }]);
  });

  test("refuses to exchange unique values if D1 would delete rows that stay, and updates all others in place", async () => {
    const project = shop();
    edit(
      project,
      `${KEYS} INSERT INTO people VALUES ('a', 'Ada'), ('b', 'Nia'), ('c', 'Zoe'); INSERT INTO toys VALUES ('a'), ('b'), ('c')`,
    );
    const id = await take(project);
    edit(project, "UPDATE people SET name = name || '!'");
    expect((await restore(project, id, "--tables", "people")).code).toBe(0);
    edit(
      project,
      "UPDATE people SET name = '' WHERE id = 'a'; UPDATE people SET name = 'Ada' WHERE id = 'b'; UPDATE people SET name = 'Nia' WHERE id = 'a'",
    );
    const refused = await restore(project, id, "--tables", "people");
    expect(errorOf(refused)).toMatchObject({
      code: "SNAPSHOT_INCOMPLETE",
      details: { table: "toys" },
    });
    const db = project.database.open();
    expect(db.prepare("SELECT count(*) AS n FROM toys").get()).toEqual({ n: 3 });
    db.close();
    expect((await restore(project, id, "--tables", "people,toys")).code).toBe(0);
  });

  test("creates a table that was dropped, with its triggers, and restores the table that refers to it", async () => {
    const project = shop();
    const id = await take(project);
    const before = contentOf(project);
    edit(project, "PRAGMA foreign_keys = OFF; DROP TABLE lines; DROP TABLE orders");
    const restored = await restore(project, id, "--tables", "lines,orders");
    expect(restored).toMatchObject({ code: 0, stderr: "" });
    expect(contentOf(project)).toEqual(before);
  });

  test("stops at an index without content before it writes", async () => {
    const project = shop();
    edit(
      project,
      "CREATE VIRTUAL TABLE bare USING fts5(body, content='', contentless_delete=1); INSERT INTO bare(rowid, body) VALUES (1, 'red')",
    );
    const id = await take(project);
    edit(project, "DELETE FROM bare WHERE rowid = 1");
    const refused = await restore(project, id, "--tables", "bare");
    expect(errorOf(refused)).toMatchObject({
      code: "SNAPSHOT_INCOMPLETE",
      details: { table: "bare" },
    });
  });
});
