import { mkdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { openLocal } from "../../src/database/local.ts";
import { makeProject } from "../project.ts";

const TARGET = { place: "local", database: "shop", id: "x", env: null } as const;

function open() {
  const { file } = makeProject();
  const database = openLocal(file, TARGET, { mode: "write" });
  const run = async (sql: string) => database.d1.prepare(sql).run();
  const others = (sql: string): void => {
    const db = new DatabaseSync(file);
    db.exec(sql);
    db.close();
  };
  return { file, run, others, wroteAll: () => database.wroteAll?.() };
}

describe("wroteAll", () => {
  test("is true while this object alone has written to a database that was empty", async () => {
    const { run, wroteAll } = open();
    await run("CREATE TABLE t(a)");
    await run("INSERT INTO t VALUES (1)");
    await run("SELECT * FROM t");
    expect(wroteAll()).toBe(true);
  });

  test("is false before anything was written", () => {
    expect(open().wroteAll()).toBe(false);
  });

  test.each([
    ["a row", "INSERT INTO t VALUES (1)"],
    ["an inserted row that is deleted again", "INSERT INTO t VALUES (1); DELETE FROM t"],
    ["a table", "CREATE TABLE u(a)"],
  ])("is false once another connection has committed %s", async (_, sql) => {
    const { run, others, wroteAll } = open();
    await run("CREATE TABLE t(a)");
    others(sql);
    await run("SELECT 1");
    expect(wroteAll()).toBe(false);
    await run("CREATE TABLE later(a)");
    expect(wroteAll()).toBe(false);
  });

  test("is true although another connection has read, or has rolled back", async () => {
    const { run, others, wroteAll } = open();
    await run("CREATE TABLE t(a)");
    others("SELECT * FROM t; BEGIN; INSERT INTO t VALUES (1); ROLLBACK");
    await run("SELECT 1");
    expect(wroteAll()).toBe(true);
  });

  test("is false for a database that existed before", async () => {
    const { file, run, others, wroteAll } = open();
    mkdirSync(dirname(file), { recursive: true });
    others("CREATE TABLE t(a)");
    await run("INSERT INTO t VALUES (1)");
    expect(wroteAll()).toBe(false);
  });

  test("is false once the file was replaced", async () => {
    const { file, run, wroteAll } = open();
    await run("CREATE TABLE t(a)");
    for (const end of ["", "-wal", "-shm"]) rmSync(`${file}${end}`, { force: true });
    await run("CREATE TABLE t(a)");
    expect(wroteAll()).toBe(false);
  });
});
