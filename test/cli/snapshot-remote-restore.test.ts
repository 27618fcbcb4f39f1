import type { DatabaseSync } from "node:sqlite";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Cloudflare, startCloudflare } from "../../fixtures/cloudflare/fake.ts";
import { makeRemoteProject, type RemoteProject } from "../project/remote.ts";
import { d1ops, errorOf, reportOf, type Run, withoutProgress } from "../project.ts";
import { snapshotOf } from "./snapshot-shop.ts";

/** Restores into a remote database, at a fake Cloudflare. */

let cloudflare: Cloudflare;

beforeAll(async () => {
  cloudflare = await startCloudflare({ timeTravel: "on" });
});
afterAll(() => cloudflare.close());
afterEach(() => {
  cloudflare.onRequest = null;
});

const SCHEMA = `CREATE TABLE users(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, n);
  CREATE TABLE orders(id INTEGER PRIMARY KEY, user INTEGER REFERENCES users ON DELETE CASCADE, v);
  CREATE TABLE lines(id INTEGER PRIMARY KEY, o INTEGER NOT NULL REFERENCES orders ON DELETE RESTRICT);
  CREATE INDEX by_user ON orders(user);
  CREATE VIRTUAL TABLE notes USING fts5(body);
  CREATE VIEW names AS SELECT name FROM users;
  CREATE TRIGGER log AFTER DELETE ON orders BEGIN INSERT INTO users(name) VALUES ('deleted ' || old.id); END;`;

const ROWS = `WITH RECURSIVE k(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM k WHERE i < 1000)
  INSERT INTO users SELECT i, 'Nia ' || i, 9007199254740993 + i FROM k;
  INSERT INTO orders SELECT id, id, CASE id % 3 WHEN 0 THEN -0.0 WHEN 1 THEN X'00ff' ELSE 'a' || char(0) END FROM users;
  INSERT INTO lines SELECT id, id FROM orders WHERE id < 100;
  INSERT INTO notes VALUES ('red apples'), ('green pears');`;

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

const DAMAGE = `PRAGMA foreign_keys = ON;
  DELETE FROM lines WHERE id > 50;
  DELETE FROM users WHERE id > 100;
  UPDATE users SET name = 'x' || name WHERE id < 20;
  INSERT INTO users VALUES (5000, 'new', 1);
  DROP INDEX by_user; DROP VIEW names; CREATE INDEX by_n ON users(n);
  CREATE TABLE extra(a); INSERT INTO extra VALUES (1);
  DELETE FROM notes;`;

async function run(project: RemoteProject, ...args: readonly string[]): Promise<Run> {
  const env = { PATH: process.env["PATH"], HOME: "/nonexistent", ...cloudflare.variables() };
  return withoutProgress(await d1ops(project, ["snapshot", ...args, "--json"], { env }));
}

/** Everything but the runs of d1ops, as SQLite itself reads it. */
function contentOf({ database }: RemoteProject): unknown {
  const db = database.open();
  try {
    const all = (sql: string): unknown => db.prepare(sql).all();
    return {
      check: all("PRAGMA integrity_check"),
      schema: all(
        "SELECT type, name, sql FROM sqlite_schema WHERE tbl_name <> 'd1ops_runs' AND name NOT LIKE 'sqlite_%' ORDER BY 1, 2",
      ),
      users: all("SELECT id, quote(name), quote(n) FROM users ORDER BY id"),
      orders: all("SELECT id, user, quote(v), hex(v) FROM orders ORDER BY id"),
      lines: all("SELECT * FROM lines ORDER BY id"),
      found: all("SELECT rowid, body FROM notes WHERE notes MATCH 'apples'"),
      sequence: all("SELECT name, seq FROM sqlite_sequence WHERE name = 'users'"),
    };
  } finally {
    db.close();
  }
}

function runsOf({ database }: RemoteProject): unknown[] {
  const db: DatabaseSync = database.open();
  const rows = db.prepare("SELECT id, command, ending FROM d1ops_runs ORDER BY id").all();
  db.close();
  return rows;
}

/** As the suggested command of wrangler does. */
async function travelTo({ database }: RemoteProject, bookmark: string): Promise<void> {
  const { apiBaseUrl, account, token } = cloudflare;
  const url = `${apiBaseUrl}/accounts/${account}/d1/database/${database.id}/time_travel/restore?bookmark=${bookmark}`;
  const headers = { authorization: `Bearer ${token}` };
  expect((await fetch(url, { method: "POST", headers })).status).toBe(200);
}

async function take(project: RemoteProject): Promise<string> {
  const taken = await run(project, "take", "--remote");
  expect(taken).toMatchObject({ code: 0, stderr: "" });
  return String(snapshotOf(reportOf(taken).data)["id"]);
}

async function restore(
  project: RemoteProject,
  id: string,
  ...flags: readonly string[]
): Promise<Run> {
  return run(project, "restore", id, "--remote", "--confirm", project.database.name, ...flags);
}

describe("a restore of a remote database", () => {
  test("uses Time Travel if the snapshot is of this database, and keeps the runs", async () => {
    const project = shop();
    const id = await take(project);
    const before = contentOf(project);
    edit(project, DAMAGE);
    const restored = await restore(project, id);
    expect(restored).toMatchObject({ code: 0, stderr: "" });
    const report = reportOf(restored);
    expect(report).toMatchObject({ outcome: "changed", target: { place: "remote" } });
    expect(report.findings).toMatchObject([
      { rule: "restored-by", data: { timeTravel: true, batches: 0 } },
      { rule: "way-back", data: { snapshot: expect.any(String) } },
      { rule: "way-back", data: { bookmark: expect.any(String) } },
    ]);
    expect(contentOf(project)).toEqual(before);
    expect(runsOf(project)).toEqual([{ id: 1, command: "snapshot restore", ending: "done" }]);
    expect(reportOf(await restore(project, id)).outcome).toBe("ok");
  });

  test("writes in batches a snapshot of another database", async () => {
    const project = shop();
    const id = await take(project);
    const before = contentOf(project);
    project.renew();
    edit(project, `${SCHEMA}${ROWS}${DAMAGE}`);
    const dry = await run(project, "restore", id, "--remote", "--dry-run");
    expect(dry).toMatchObject({ code: 0, stderr: "" });
    expect(reportOf(dry).findings.map(({ rule }) => rule)).toEqual([
      "other-database",
      "rows-lost",
      "schema-lost",
    ]);
    const damaged = contentOf(project);
    const refused = await run(project, "restore", id, "--remote", "--yes");
    expect(errorOf(refused).code).toBe("NOT_CONFIRMED");
    expect(contentOf(project)).toEqual(damaged);
    const restored = await restore(project, id);
    expect(restored).toMatchObject({ code: 0, stderr: "" });
    expect(reportOf(restored).findings[0]).toMatchObject({
      rule: "restored-by",
      data: { timeTravel: false },
    });
    expect(contentOf(project)).toEqual(before);
    expect(reportOf(await restore(project, id)).outcome).toBe("ok");
    const undo = reportOf(restored).data["backup"];
    expect((await restore(project, undo as string)).code).toBe(0);
    expect(contentOf(project)).toEqual(damaged);
  });

  test("tells the bookmark of the state before if it stops after its first write", async () => {
    const project = shop();
    const id = await take(project);
    project.renew();
    edit(project, `${SCHEMA}${ROWS}${DAMAGE}`);
    const damaged = contentOf(project);
    cloudflare.onRequest = ({ sql }) =>
      sql?.some((one) => /INSERT .*INTO "?orders/.test(one)) === true
        ? { kind: "status", status: 403 }
        : null;
    const stopped = await restore(project, id);
    cloudflare.onRequest = null;
    expect(stopped.code).toBe(4);
    expect(contentOf(project)).not.toEqual(damaged);
    const { findings, next } = reportOf(stopped);
    const bookmark = JSON.stringify(findings.at(-1)?.data?.["bookmark"]).slice(1, -1);
    expect(next.at(-1)).toMatch(new RegExp(`time-travel restore .* --bookmark=${bookmark}$`));
    await travelTo(project, bookmark);
    expect(contentOf(project)).toEqual(damaged);
  });

  const INDEX =
    "CREATE VIRTUAL TABLE found USING fts5(body, content='', contentless_delete=1); INSERT INTO found(rowid, body) VALUES (1, 'red apples');";
  const HITS = "SELECT rowid FROM found WHERE found MATCH 'apples'";

  test("restores an index without content by Time Travel", async () => {
    const project = shop();
    edit(project, INDEX);
    const id = await take(project);
    edit(project, "DELETE FROM found WHERE rowid = 1");
    const restored = await restore(project, id);
    expect(restored).toMatchObject({ code: 0, stderr: "" });
    expect(reportOf(restored).findings[0]).toMatchObject({ data: { timeTravel: true } });
    const db = project.database.open();
    expect(db.prepare(HITS).all()).toEqual([{ rowid: 1 }]);
    db.close();
    expect(reportOf(await restore(project, id)).outcome).toBe("ok");
  });

  test("stops at an index without content before it writes, if Time Travel does not reach the snapshot", async () => {
    const project = shop();
    edit(project, INDEX);
    const id = await take(project);
    project.renew();
    edit(project, `${SCHEMA}${ROWS}${DAMAGE}`);
    const damaged = contentOf(project);
    const refused = await restore(project, id);
    expect(refused.code).toBe(3);
    expect(errorOf(refused)).toMatchObject({
      code: "SNAPSHOT_INCOMPLETE",
      details: { table: "found" },
    });
    expect(contentOf(project)).toEqual(damaged);
  });
});
