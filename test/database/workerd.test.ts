import { copyFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, describe, expect, test } from "vitest";
import { getPlatformProxy } from "wrangler";
import type { Database } from "../../src/database/port.ts";
import { openLocal } from "../../src/database/local.ts";
import type { D1Database } from "../../src/database/port.ts";
import { folderForEach, target } from "./folder.ts";

process.env["CLOUDFLARE_CF_FETCH_ENABLED"] = "false"; // No call to the network.

const folder = folderForEach();
const running: (() => Promise<void>)[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((stop) => stop()));
});

/** The binding of a real workerd, with its state in the test's folder. */
async function startWorkerd(): Promise<D1Database> {
  const configPath = join(folder.path, "wrangler.json");
  writeFileSync(
    configPath,
    JSON.stringify({
      name: "example",
      compatibility_date: "2026-10-01",
      d1_databases: [{ binding: "DB", database_name: "example", database_id: "example" }],
    }),
  );
  const { env, dispose } = await getPlatformProxy<{ DB: D1Database }>({
    configPath,
    persist: { path: join(folder.path, "state") },
    envFiles: [],
  });
  running.push(dispose);
  return env.DB;
}

async function stopWorkerd(): Promise<void> {
  await Promise.all(running.splice(0).map((stop) => stop()));
}

/** The one state file that workerd created. */
function stateFile(): string {
  const d1 = join(folder.path, "state", "d1", "miniflare-D1DatabaseObject");
  const [name, ...more] = readdirSync(d1).filter(
    (file) => file.endsWith(".sqlite") && file !== "metadata.sqlite",
  );
  if (name === undefined || more.length > 0) throw new Error("there is not exactly one state file");
  return join(d1, name);
}

const count = "SELECT count(*) AS n FROM t";

describe("openLocal and workerd on the same file", () => {
  test("read each other's writes while both have it open", async () => {
    const binding = await startWorkerd();
    await binding.batch([
      binding.prepare("CREATE TABLE t(a INTEGER PRIMARY KEY, b)"),
      binding.prepare("INSERT INTO t VALUES(1,'workerd')"),
    ]);
    const path = stateFile();
    const reader = openLocal(path, target, { mode: "read" });
    const writer = openLocal(path, target, { mode: "write" });
    expect(await reader.d1.prepare("SELECT * FROM t").all()).toMatchObject({
      results: [{ a: 1, b: "workerd" }],
    });

    await writer.d1.batch([
      writer.d1.prepare("ALTER TABLE t ADD COLUMN c DEFAULT 'ours'"),
      writer.d1.prepare("INSERT INTO t(b) VALUES(?)").bind("ours"),
    ]);
    expect(await binding.prepare("SELECT * FROM t WHERE a=2").all()).toMatchObject({
      results: [{ a: 2, b: "ours", c: "ours" }],
    });

    for (let i = 0; i < 10; i++) {
      await binding.prepare("INSERT INTO t(b) VALUES('w')").run();
      expect(await reader.d1.prepare(count).first("n")).toBe(3 + 2 * i);
      await writer.d1.prepare("INSERT INTO t(b) VALUES('o')").run();
      expect(await binding.prepare(count).first("n")).toBe(4 + 2 * i);
    }
    reader.close();
    writer.close();
    expect(await binding.prepare("PRAGMA quick_check").first("quick_check")).toBe("ok");

    await stopWorkerd();
    const afterwards = openLocal(path, target, { mode: "read" });
    expect(await afterwards.d1.prepare(count).first("n")).toBe(22);
    afterwards.close();
  });

  test("share a file that openLocal created: workerd opens it and writes to it", async () => {
    await startWorkerd().then((binding) => binding.prepare("SELECT 1").all());
    const path = stateFile();
    await stopWorkerd();
    const made = join(folder.path, "made", "by-us.sqlite");
    const ours = openLocal(made, target, { mode: "write" });
    await ours.d1.batch([
      ours.d1.prepare('CREATE TABLE t(a CHECK(a <> "no"))'),
      ours.d1.prepare("CREATE VIRTUAL TABLE f USING fts5(body)"),
      ours.d1.prepare("INSERT INTO t VALUES('yes')"),
      ours.d1.prepare("INSERT INTO f VALUES('quick fox')"),
    ]);
    ours.close();
    replace(made, path);

    const binding = await startWorkerd();
    expect(await binding.prepare("SELECT a FROM t").first("a")).toBe("yes");
    expect(
      await binding.prepare("SELECT count(*) AS n FROM f WHERE f MATCH 'fox'").first("n"),
    ).toBe(1);
    await binding.prepare("INSERT INTO t VALUES('more')").run();
    const again = openLocal(path, target, { mode: "read" });
    expect(await again.d1.prepare(count).first("n")).toBe(2);
    again.close();
  });

  test("write in turns: workerd fails at once while another connection holds the write lock, and writes after its release", async () => {
    const binding = await startWorkerd();
    await binding.prepare("CREATE TABLE t(a)").run();
    const other = new DatabaseSync(stateFile());
    other.exec("BEGIN IMMEDIATE; INSERT INTO t VALUES(1)");
    await expect(binding.prepare("INSERT INTO t VALUES(2)").run()).rejects.toThrow(
      "database is locked: SQLITE_BUSY",
    );
    other.exec("COMMIT");
    other.close();
    await binding.prepare("INSERT INTO t VALUES(2)").run();
    expect(await binding.prepare(count).first("n")).toBe(2);
  });
});

describe("a binding of workerd", () => {
  test("is a D1Database for d1ops without an adapter", async () => {
    const database: Database = {
      d1: await startWorkerd(),
      target,
      bookmark: null,
      close() {},
    };
    await database.d1.exec("CREATE TABLE t(a); INSERT INTO t VALUES(1)");
    expect(await database.d1.prepare("SELECT a FROM t").raw({ columnNames: true })).toEqual([
      ["a"],
      [1],
    ]);
    await expect(database.d1.prepare("SELEC").run()).rejects.toThrow(
      'D1_ERROR: near "SELEC": syntax error at offset 0: SQLITE_ERROR',
    );
    expect(database.target).toEqual(target);
    database.close();
    expect(await database.d1.prepare(count).first("n")).toBe(1);
  });
});

/** Replaces a database that no process has open by another closed one. */
function replace(from: string, to: string): void {
  for (const end of ["-wal", "-shm"]) rmSync(`${to}${end}`, { force: true });
  copyFileSync(from, to);
}
