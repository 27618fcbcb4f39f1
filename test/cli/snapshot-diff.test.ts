import { chmodSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { d1ops, errorOf, type Project, reportOf, type Run, withoutProgress } from "../project.ts";
import { damageByte, objectsOf, snapshotShop, takeIn } from "./snapshot-shop.ts";

async function diff(project: Project, ...args: readonly string[]): Promise<Run> {
  return withoutProgress(await d1ops(project, ["snapshot", "diff", ...args, "--json"]));
}

function change(project: Project, sql: string): void {
  const db = project.open();
  db.exec(sql);
  db.close();
}

describe("snapshot diff", () => {
  test("exits with 0 if nothing has changed since the newest snapshot, and stores nothing", async () => {
    const project = await snapshotShop();
    const id = await takeIn(project, "--files", "config/**");
    const objects = [objectsOf(project, "packs"), objectsOf(project, "snapshots")];
    const run = await diff(project);
    expect(run).toMatchObject({ code: 0, stderr: "" });
    const { data, outcome, summary, findings } = reportOf(run);
    expect([outcome, findings]).toEqual(["ok", []]);
    expect(summary).toBe(
      `No differences between ${id.slice(0, 8)} and local. Intact: 10 tables, 2,017 rows, 2 files`,
    );
    expect(data).toMatchObject({
      equal: true,
      differences: [],
      left: { place: "snapshot", id },
      right: { place: "local", id: null, takenAt: null },
      files: { intact: 2, differing: 0 },
    });
    expect(data["tables"]).toContainEqual({
      name: "users",
      key: ["id"],
      left: 2000,
      right: 2000,
      added: 0,
      removed: 0,
      changed: 0,
      intact: 2000,
    });
    expect([objectsOf(project, "packs"), objectsOf(project, "snapshots")]).toEqual(objects);
  });

  test("reports each object of the schema, each table and each file that differs, and exits with 1", async () => {
    const project = await snapshotShop();
    await takeIn(project, "--files", "config/**");
    change(
      project,
      "UPDATE users SET name = 'x' || char(10) WHERE id = 5; INSERT INTO users(id) VALUES (9000); DROP TRIGGER log; DELETE FROM users WHERE id = 7",
    );
    project.write("config/new.txt", "new");
    chmodSync(join(project.dir, "config/app.json"), 0o600);
    rmSync(join(project.dir, "config/deep"), { recursive: true });
    const run = await diff(project, "--values");
    expect(run).toMatchObject({ code: 1, stderr: "" });
    const { data, findings } = reportOf(run);
    expect(data["differences"]).toEqual([
      {
        object: "trigger",
        kind: "removed",
        name: "log",
        left: expect.stringContaining("CREATE TRIGGER log"),
        right: null,
      },
      {
        object: "rows",
        kind: "changed",
        name: "users",
        left: 2000,
        right: 2000,
        key: ["id"],
        added: 1,
        removed: 1,
        changed: 1,
        intact: 1998,
        addedColumns: [],
        removedColumns: [],
        examples: [
          {
            kind: "changed",
            key: ["5"],
            values: [{ column: "name", left: "'Nia 5'", right: "'x\n'" }],
          },
          {
            kind: "removed",
            key: ["7"],
            values: [
              { column: "id", left: "7", right: null },
              { column: "name", left: "'Nia 7'", right: null },
              { column: "n", left: "49", right: null },
            ],
          },
          {
            kind: "added",
            key: ["9000"],
            values: [
              { column: "id", left: null, right: "9000" },
              { column: "name", left: null, right: "NULL" },
              { column: "n", left: null, right: "NULL" },
            ],
          },
        ],
      },
      expect.objectContaining({ object: "rows", name: "sqlite_sequence", changed: 1 }),
      {
        object: "file",
        kind: "mode",
        name: "config/app.json",
        left: { bytes: 8, mode: 0o644, sha256: expect.any(String) },
        right: { bytes: 8, mode: 0o600, sha256: expect.any(String) },
      },
      expect.objectContaining({ object: "file", kind: "deleted", name: "config/deep/b.txt" }),
      expect.objectContaining({ object: "file", kind: "created", name: "config/new.txt" }),
    ]);
    expect(findings.map(({ rule }) => rule)).toEqual([
      "schema-differs",
      "rows-differ",
      "rows-differ",
      "file-differs",
      "file-differs",
      "file-differs",
    ]);
    const known = reportOf(await diff(project));
    expect(known.data["files"]).toEqual({ intact: 0, differing: 3 });
    expect(known.next[0]).toContain("local --values");
    // Patterns that match no file any more have still chosen files.
    rmSync(join(project.dir, "config"), { recursive: true });
    const bare = reportOf(await diff(project));
    expect(bare.data["files"]).toEqual({ intact: 0, differing: 2 });
  });

  test("compares two snapshots in either direction, also after the database has changed again", async () => {
    const project = await snapshotShop();
    const first = await takeIn(project);
    change(project, "ALTER TABLE users ADD COLUMN note; DELETE FROM users WHERE id > 1990");
    const second = await takeIn(project);
    change(project, "DELETE FROM users");
    const forth = reportOf(await diff(project, first.slice(0, 8), "latest", "--tables", "users"));
    expect(forth.data["differences"]).toMatchObject([
      { object: "table", kind: "changed", name: "users" },
      { object: "rows", removed: 10, added: 0, changed: 0, intact: 1990, addedColumns: ["note"] },
    ]);
    const back = reportOf(await diff(project, second, first, "--limit", "3", "--tables", "USERS"));
    expect(back.data["differences"]).toMatchObject([
      { object: "table" },
      { added: 10, removed: 0, removedColumns: ["note"], examples: [{}, {}, {}] },
    ]);
    expect(back.target).toMatchObject({ database: "shop-db" });
    expect((await diff(project, first, first)).code).toBe(0);
    expect((await diff(project, "local", second)).code).toBe(1);
  });

  test("says what it did not compare", async () => {
    const project = await snapshotShop();
    const files = await takeIn(project, "--files", "config/**", "--without-database");
    const database = await takeIn(project);
    const { outcome, findings } = reportOf(await diff(project, files, database));
    expect(outcome).toBe("ok");
    expect(findings.map(({ rule, level }) => `${level} ${rule}`)).toEqual([
      "warning not-compared",
      "warning not-compared",
    ]);
  });

  test("compares a snapshot with a SQLite file, in either direction", async () => {
    const project = await snapshotShop();
    const id = await takeIn(project, "--files", "config/**");
    const db = project.open();
    db.exec("UPDATE users SET name = 'Ada' WHERE id = 5");
    db.exec(`VACUUM INTO '${join(project.dir, "copy.sqlite")}'`);
    db.close();
    const report = reportOf(await diff(project, "snapshot:latest", "file:copy.sqlite"));
    expect(report).toMatchObject({
      target: { place: "local", database: "copy.sqlite", id: join(project.dir, "copy.sqlite") },
      data: { left: { id }, right: { place: "file", id: null }, files: { intact: 2 } },
    });
    expect(report.data["differences"]).toMatchObject([{ name: "users", changed: 1 }]);
    expect(report.next[0]).toContain(`snapshot diff ${id.slice(0, 8)} file:copy.sqlite`);
    expect((await diff(project, "file:copy.sqlite", `snapshot:${id.slice(0, 8)}`)).code).toBe(1);
  });

  test.each([
    ["file:missing.sqlite", "DATABASE_UNREADABLE", "missing.sqlite does not exist"],
    ["file:wrangler.jsonc", "DATABASE_NOT_SQLITE", "wrangler.jsonc"],
    ["evn:staging", "USAGE", 'is "evn:staging"'],
    ["env:staging", "ENVIRONMENT_UNKNOWN", "staging"],
    ["schema:target.sql", "USAGE", "cannot be schema:target.sql here"],
  ])("rejects the side %s with %s", async (side, code, message) => {
    const project = await snapshotShop();
    await takeIn(project);
    const error = errorOf(await diff(project, "latest", side));
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
  });

  test.each([
    [["local", "local"], "USAGE", "Both sides are local, so they cannot differ."],
    [["latest", "local", "--remote"], "USAGE", "--remote contradicts local"],
    [["env:staging", "--local"], "USAGE", "--local contradicts env:staging"],
    [["file:a.sqlite", "remote"], "USAGE", "Neither file:a.sqlite nor remote is a snapshot"],
    [["--tables", "usrs"], "USAGE", "Neither side has a table usrs"],
    [["ffff"], "SNAPSHOT_UNKNOWN", "has no snapshot ffff"],
    [["latest", "abcde", "--tables", "users"], "SNAPSHOT_UNKNOWN", "no snapshot abcde"],
    [["--limit", "-1"], "USAGE", "--limit is -1"],
  ])("rejects %j with %s", async (args, code, message) => {
    const project = await snapshotShop();
    await takeIn(project);
    const error = errorOf(await diff(project, ...args));
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
  });

  test("fails if the local database is missing, because everything would differ", async () => {
    const project = await snapshotShop();
    await takeIn(project);
    rmSync(join(project.dir, ".wrangler"), { recursive: true });
    const run = await diff(project);
    expect(run.code).toBe(3);
    expect(errorOf(run)).toMatchObject({ code: "DATABASE_UNREADABLE" });
    expect(errorOf(run).message).not.toContain("take");
  });

  test("reads damaged chunks only if they differ", async () => {
    const project = await snapshotShop();
    await takeIn(project);
    for (const path of objectsOf(project, "packs")) {
      for (let at = 0; at < statSync(path).size; at += 40) damageByte(path, at);
    }
    expect((await diff(project)).code).toBe(0);
    change(project, "UPDATE users SET n = 0");
    expect(errorOf(await diff(project)).code).toBe("SNAPSHOT_DAMAGED");
  });
});
