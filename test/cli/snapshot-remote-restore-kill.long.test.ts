import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type Cloudflare,
  type RemoteDatabase,
  startCloudflare,
} from "../../fixtures/cloudflare/fake.ts";
import { makeRemoteProject, type RemoteProject } from "../project/remote.ts";
import { d1ops, reportOf, type Run } from "../project.ts";
import { expire, killAfter } from "./remote-kill.ts";
import { snapshotOf } from "./snapshot-shop.ts";

const KILLS = Number(process.env["D1OPS_TEST_KILLS"] ?? 8);

let cloudflare: Cloudflare;

beforeAll(async () => {
  cloudflare = await startCloudflare({ timeTravel: "bookmarks only" });
});
afterAll(() => cloudflare.close());

const SCHEMA = `CREATE TABLE users(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE);
  CREATE TABLE orders(id INTEGER PRIMARY KEY, user INTEGER REFERENCES users ON DELETE CASCADE);
  CREATE INDEX by_user ON orders(user);
  CREATE VIRTUAL TABLE notes USING fts5(body);
  CREATE TRIGGER log AFTER DELETE ON orders BEGIN INSERT INTO users(name) VALUES ('deleted ' || old.id); END;`;

const ROWS = `WITH RECURSIVE k(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM k WHERE i < 6000) INSERT INTO users SELECT i, 'Nia ' || i FROM k;
  INSERT INTO orders SELECT id, id FROM users;
  INSERT INTO notes SELECT name FROM users WHERE id < 500;`;

const SNAPSHOT = `${SCHEMA}${ROWS}`;

const ROWS_LOST = `DELETE FROM users WHERE id BETWEEN 1000 AND 5500;
  DELETE FROM notes WHERE rowid % 2;`;

const PRESENT = `${SNAPSHOT}
  DROP TRIGGER log; DROP INDEX by_user; CREATE TABLE extra(a);
  INSERT INTO users VALUES (9000, 'other'); UPDATE orders SET user = 9000 WHERE id < 5000;
  ${ROWS_LOST}`;

test(
  `each of ${KILLS} killed restores is completed by the same command`,
  { timeout: 600_000 },
  async () => {
    const project = makeRemoteProject(cloudflare);
    edit(project.database, SNAPSHOT);
    const taken = await run(project, "take", "--remote");
    const id = String(snapshotOf(reportOf(taken).data)["id"]);
    const expected = contentOf(project.database);
    const begin = (): void => edit(project.renew(), PRESENT);
    begin();
    const first = cloudflare.log.length;
    expect((await restore(project, id)).code).toBe(0);
    const requests = cloudflare.log.length - first;
    expect(contentOf(project.database)).toEqual(expected);
    let landed = 0;
    let halves = 0;
    for (let n = 0; n < KILLS; n += 1) {
      begin();
      const before = contentOf(project.database);
      // The reads of the plan come first. Each kill is a little later.
      const at = Math.floor(requests * (0.25 + (0.75 * n) / KILLS));
      const args = ["snapshot", "restore", id, ...flagsOf(project)];
      const kill = { project, args, env: environment(), requests: at };
      landed += (await killAfter(cloudflare, kill)) ? 1 : 0;
      const now = JSON.stringify(contentOf(project.database));
      halves += [before, expected].some((one) => JSON.stringify(one) === now) ? 0 : 1;
      expire(project.database);
      expect((await restore(project, id)).code, `killed after ${at} requests`).toBe(0);
      expect(contentOf(project.database), `killed after ${at} requests`).toEqual(expected);
    }
    expect(landed).toBeGreaterThan(KILLS / 2);
    // Kills before the first write, or after the last one, would check too little.
    expect(halves).toBeGreaterThan(0);
  },
);

function environment(): NodeJS.ProcessEnv {
  return { PATH: process.env["PATH"], HOME: "/nonexistent", ...cloudflare.variables() };
}

async function run(project: RemoteProject, ...args: readonly string[]): Promise<Run> {
  return d1ops(project, ["snapshot", ...args, "--json"], { env: environment() });
}

function flagsOf({ database }: RemoteProject): string[] {
  return ["--remote", "--confirm", database.name, "--without-backup"];
}

async function restore(project: RemoteProject, id: string): Promise<Run> {
  return run(project, "restore", id, ...flagsOf(project));
}

function edit({ open }: RemoteDatabase, sql: string): void {
  const db = open();
  db.exec(sql);
  db.close();
}

function contentOf({ open }: RemoteDatabase): unknown {
  const db = open();
  const all = (sql: string): unknown => db.prepare(sql).all();
  const has = (name: string): boolean =>
    db.prepare("SELECT 1 FROM sqlite_schema WHERE name = ?").get(name) !== undefined;
  try {
    return {
      check: all("PRAGMA integrity_check"),
      schema: all(
        "SELECT type, name, sql FROM sqlite_schema WHERE tbl_name <> 'd1ops_runs' AND name NOT LIKE 'sqlite_%' ORDER BY 1, 2",
      ),
      rows: ["users", "orders", "notes"].map((name) =>
        has(name) ? all(`SELECT rowid, * FROM ${name} ORDER BY rowid`) : null,
      ),
      sequence: all("SELECT name, seq FROM sqlite_sequence WHERE name = 'users'"),
    };
  } finally {
    db.close();
  }
}
