import { afterAll, beforeAll, expect, test } from "vitest";
import { type Cloudflare, startCloudflare } from "../../../fixtures/cloudflare/fake.ts";
import { snapshotRestore } from "../../../src/commands/snapshot/restore.ts";
import { snapshotTake } from "../../../src/commands/snapshot/take.ts";
import { OpsError } from "../../../src/report/error.ts";
import type { Report } from "../../../src/report/report.ts";
import { impatientClock, makeRemoteProject, type RemoteProject } from "../../project/remote.ts";

let cloudflare: Cloudflare;
const clock = impatientClock();

beforeAll(async () => {
  cloudflare = await startCloudflare({ timeTravel: "bookmarks only" });
});
afterAll(() => cloudflare.close());

const SNAPSHOT = `CREATE TABLE users(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE);
  CREATE TABLE orders(id INTEGER PRIMARY KEY, user INTEGER REFERENCES users ON DELETE CASCADE);
  CREATE TABLE prices(id INTEGER PRIMARY KEY, n);
  CREATE INDEX by_n ON prices(n);
  CREATE VIRTUAL TABLE found USING fts5(name, content=users, content_rowid=id);
  CREATE TRIGGER renamed AFTER UPDATE ON users BEGIN INSERT INTO orders(user) VALUES (old.id); END;
  CREATE TRIGGER priced AFTER INSERT ON prices BEGIN DELETE FROM orders; END;
  WITH RECURSIVE k(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM k WHERE i < 3000) INSERT INTO users SELECT i, 'Nia ' || i FROM k;
  INSERT INTO prices VALUES (1, 2.5); INSERT INTO orders SELECT id, id FROM users;
  INSERT INTO found(found) VALUES ('rebuild')`;

/** A table is missing, users have other names, and other tables have moved on. The migration of a later day added an index. */
const PRESENT = [
  SNAPSHOT,
  "DROP TABLE prices; DROP TRIGGER renamed",
  "UPDATE users SET name = 'x' || name; DELETE FROM orders WHERE id > 2000",
  "CREATE TRIGGER renamed AFTER UPDATE ON users BEGIN INSERT INTO orders(user) VALUES (old.id); END",
  "INSERT INTO users VALUES (9000, 'other'); CREATE INDEX later ON users(name DESC)",
].join(";\n");

test("a restore of some tables is completed by the same command, whichever request the network fails at, and other tables stay as they are", async () => {
  const project = makeRemoteProject(cloudflare);
  edit(project, SNAPSHOT);
  const { data } = await snapshotTake(options(project));
  const { id } = data["snapshot"] as { id: string };
  const begin = (): void => {
    cloudflare.onRequest = null;
    project.renew();
    edit(project, PRESENT);
  };
  begin();
  const orders = contentOf(project)["orders"];
  const first = cloudflare.log.length;
  expect((await restore(project, id)).exitCode).toBe(0);
  const requests = cloudflare.log.length - first;
  const expected = contentOf(project);
  expect(expected["orders"]).toEqual(orders);
  expect(requests).toBeGreaterThan(20);
  for (let at = 1; at <= requests; at += 1) {
    begin();
    const when = at % 2 === 0 ? "before" : "after";
    const before = cloudflare.log.length;
    cloudflare.onRequest = (_, n) => (n >= before + at ? { kind: "cut", when } : null);
    const story = `the network is down from request ${at} on, ${when} it is executed`;
    const broken = await restore(project, id).catch((error: unknown) => error);
    if (broken instanceof Error) expect(broken, story).toBeInstanceOf(OpsError);
    cloudflare.onRequest = null;
    expect(contentOf(project), story).toMatchObject({ orders, check: [{ integrity_check: "ok" }] });
    expect(missingTriggers(project), story).toEqual([]);
    expire(project);
    expect((await restore(project, id)).exitCode, story).toBe(0);
    expect(contentOf(project), story).toEqual(expected);
  }
});

function options(project: RemoteProject) {
  return {
    cwd: project.dir,
    place: "remote",
    variables: cloudflare.variables(),
    clock,
  } as const;
}

async function restore(project: RemoteProject, id: string): Promise<Report> {
  return snapshotRestore({
    ...options(project),
    id,
    tables: ["users", "prices"],
    withoutBackup: true,
    confirm: project.database.name,
    lockTimeout: 0,
  });
}

function edit({ database }: RemoteProject, sql: string): void {
  const db = database.open();
  db.exec(sql);
  db.close();
}

/** Of the tables that exist. */
function missingTriggers(project: RemoteProject): string[] {
  const db = project.database.open();
  const names = db.prepare("SELECT name FROM sqlite_schema ORDER BY name").all();
  db.close();
  const has = (name: string): boolean => names.some((one) => one["name"] === name);
  return [
    ...(has("renamed") ? [] : ["renamed"]),
    ...(has("prices") && !has("priced") ? ["priced"] : []),
    ...names.map(({ name }) => String(name)).filter((name) => name.startsWith("d1ops_guard")),
  ];
}

/** The lease of a run that could not end it. */
function expire(project: RemoteProject): void {
  const db = project.database.open();
  if (db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'd1ops_runs'").get() !== undefined)
    db.exec("UPDATE d1ops_runs SET expires_at = '2020-01-01T00:00:00.000Z' WHERE ended_at IS NULL");
  db.close();
}

function contentOf({ database }: RemoteProject): Readonly<Record<string, unknown>> {
  const db = database.open();
  try {
    const all = (sql: string): unknown => db.prepare(sql).all();
    return {
      schema: all(
        "SELECT type, name, sql FROM sqlite_schema WHERE tbl_name <> 'd1ops_runs' AND name NOT LIKE 'sqlite_%' ORDER BY 1, 2",
      ),
      check: all("PRAGMA integrity_check"),
      users: all("SELECT * FROM users ORDER BY id"),
      orders: all("SELECT * FROM orders ORDER BY id"),
      sequence: all("SELECT name, seq FROM sqlite_sequence WHERE name = 'users'"),
      found: all("SELECT count(*) AS n FROM found WHERE found MATCH 'nia'"),
      prices: all("SELECT name FROM sqlite_schema WHERE tbl_name = 'prices' ORDER BY 1"),
    };
  } finally {
    db.close();
  }
}
