import { spawnSync } from "node:child_process";
import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { type Replacement, replaceTables } from "../../src/database/replace-tables.ts";
import { WrittenMeanwhile } from "../../src/database/watch-file.ts";
import { until } from "../until.ts";
import { source, startChild } from "./child.ts";
import { folderForEach } from "./folder.ts";

const folder = folderForEach();

const USERS =
  "CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT UNIQUE, length AS (length(name)))";
const LOG =
  "CREATE TRIGGER log AFTER DELETE ON users BEGIN INSERT INTO other VALUES ('fired'); END";

/** A file whose only table has this number of users. */
function rowsIn(name: string, count: number): Replacement {
  const from = join(folder.path, name);
  const db = new DatabaseSync(from);
  db.exec(
    `PRAGMA synchronous = OFF; ${USERS}; WITH RECURSIVE k(i) AS (SELECT 1 WHERE ${count} > 0 UNION ALL SELECT i + 1 FROM k WHERE i < ${count}) INSERT INTO users(id, name) SELECT i, hex(randomblob(50)) || i FROM k`,
  );
  db.close();
  const schema = [{ type: "table", name: "users", table: "users", sql: USERS }] as const;
  return { from, schema, created: [], tables: [{ name: "users", columns: ["id", "name"] }] };
}

function live(): DatabaseSync {
  const db = new DatabaseSync(folder.file, { enableForeignKeyConstraints: false });
  db.exec(
    `PRAGMA journal_mode = WAL; ${USERS}; CREATE TABLE orders(user INTEGER REFERENCES users ON DELETE CASCADE); CREATE TABLE other(a); ${LOG};
     INSERT INTO users(id, name) VALUES (7, 'Nia'); INSERT INTO orders VALUES (7)`,
  );
  return db;
}

function stateOf(db: DatabaseSync): Readonly<Record<string, unknown>> {
  const all = (sql: string): unknown[] => db.prepare(sql).all();
  return {
    check: all("PRAGMA integrity_check"),
    users: all("SELECT count(*) AS n FROM users"),
    orders: all("SELECT * FROM orders"),
    other: all("SELECT * FROM other"),
    triggers: all("SELECT name FROM sqlite_schema WHERE type = 'trigger'"),
  };
}

describe("replaceTables", () => {
  test("shows the new rows to a process that has the file open, and no trigger or foreign key acts", () => {
    using db = live();
    const count = db.prepare("SELECT count(*) AS n FROM users");
    const before = stateOf(db);
    replaceTables(folder.file, rowsIn("rows.sqlite", 3));
    expect(count.get()).toEqual({ n: 3 });
    expect(stateOf(db)).toEqual({ ...before, users: [{ n: 3 }] });
    db.exec("DELETE FROM users WHERE id = 1");
    expect(db.prepare("SELECT * FROM other").all()).toEqual([{ a: "fired" }]);
  });

  test("keeps what another process wrote to another table after the plan", () => {
    using db = live();
    const rows = rowsIn("rows.sqlite", 3);
    db.exec("INSERT INTO other VALUES ('late')");
    replaceTables(folder.file, rows);
    expect(stateOf(db)).toMatchObject({ other: [{ a: "late" }], users: [{ n: 3 }] });
  });

  test("changes nothing if the caller finds a write under the lock, and releases the lock", () => {
    using db = live();
    const before = stateOf(db);
    const requireUnchanged = (): void => {
      throw new WrittenMeanwhile();
    };
    const rows = rowsIn("rows.sqlite", 3);
    expect(() => replaceTables(folder.file, rows, { requireUnchanged })).toThrow(WrittenMeanwhile);
    expect(stateOf(db)).toEqual(before);
    db.exec("INSERT INTO other VALUES ('unlocked')");
  });

  test.each([
    ["a table has changed", "ALTER TABLE users ADD COLUMN late", []],
    ["a table was dropped, whose indexes and triggers the plan lacks", "DROP TABLE users", []],
    ["another program created a table", "SELECT 1", ["users"]],
  ])("changes nothing if %s since the plan", (_, sql, created) => {
    using db = live();
    db.exec(sql);
    const schema = db.prepare("SELECT * FROM sqlite_schema");
    const before = schema.all();
    const rows = { ...rowsIn("rows.sqlite", 3), created };
    expect(() => replaceTables(folder.file, rows)).toThrow("changed, created or dropped it");
    expect(schema.all()).toEqual(before);
    expect(db.prepare("SELECT * FROM orders").all()).toEqual([{ user: 7 }]);
  });

  test("waits for a lock, and then reports who holds it", () => {
    using db = live();
    db.exec("BEGIN IMMEDIATE");
    const rows = rowsIn("rows.sqlite", 3);
    expect(() => replaceTables(folder.file, rows, { busyTimeoutMs: 20 })).toThrow(folder.file);
    db.exec("ROLLBACK");
    expect(stateOf(db)).toMatchObject({ users: [{ n: 1 }] });
  });

  test.skipIf(spawnSync("unshare", ["-rm", "true"]).status !== 0)(
    "reports a full disk as DATABASE_FULL, changes nothing, and gives back the space",
    () => {
      const rows = { ...rowsIn("rows.sqlite", 20_000), created: ["users"] };
      const room = join(folder.path, "room");
      mkdirSync(room);
      const script = `
        import { DatabaseSync } from "node:sqlite";
        import { statSync } from "node:fs";
        const { replaceTables } = await import(${source("database/replace-tables.ts")});
        const live = new DatabaseSync("live.sqlite");
        live.exec("PRAGMA journal_mode = WAL; CREATE TABLE t(a)");
        try { replaceTables("live.sqlite", ${JSON.stringify(rows)}); } catch ({ code }) { console.log(code); }
        console.log(JSON.stringify(live.prepare("SELECT name FROM sqlite_schema").all()));
        console.log(statSync("live.sqlite-wal").size);`;
      const shell = `mount -t tmpfs -o size=1m tmpfs "$0" && cd "$0" && exec "$@"`;
      const node = [process.execPath, "--input-type=module", "--eval", script];
      const { stdout, stderr } = spawnSync("unshare", ["-rm", "sh", "-c", shell, room, ...node], {
        encoding: "utf8",
      });
      expect(stdout.split("\n").slice(0, 3), stderr).toEqual([
        "DATABASE_FULL",
        '[{"name":"t"}]',
        "0",
      ]);
    },
  );

  test("leaves the old or the new rows when it is killed, and the next run replaces them", async () => {
    const [few, many] = [rowsIn("few.sqlite", 3000), rowsIn("many.sqlite", 9000)];
    live().close();
    const log = (): number => statSync(`${folder.file}-wal`, { throwIfNoEntry: false })?.size ?? 0;
    const most = statSync(many.from).size;
    const intact = {
      check: [{ integrity_check: "ok" }],
      orders: [{ user: 7 }],
      other: [],
      triggers: [{ name: "log" }],
    };
    let during = 0;
    for (let i = 0; i < 12; i += 1) {
      const child = startChild(`
        const { replaceTables } = await import(${source("database/replace-tables.ts")});
        console.log("starting");
        for (let i = 0; ; i += 1) replaceTables(${JSON.stringify(folder.file)}, i % 2 ? ${JSON.stringify(few)} : ${JSON.stringify(many)});`);
      await child.said;
      const limit = Math.random() * most;
      await until(() => log() > limit);
      await child.kill();
      if (log() > 0) during += 1;
      using db = new DatabaseSync(folder.file);
      const { users, ...rest } = stateOf(db);
      expect(rest).toEqual(intact);
      expect([[{ n: 1 }], [{ n: 3000 }], [{ n: 9000 }]]).toContainEqual(users);
    }
    expect(during).toBeGreaterThan(0);
    replaceTables(folder.file, few);
    using db = new DatabaseSync(folder.file);
    expect(stateOf(db)).toEqual({ ...intact, users: [{ n: 3000 }] });
  });
});
