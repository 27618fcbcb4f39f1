import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { snapshotRestore } from "../../src/commands/snapshot/restore.ts";
import { folderStore } from "../../src/files/folder-store.ts";
import { snapshotCodec } from "../../src/files/snapshot-codec.ts";
import { readCatalog } from "../../src/snapshots/store/catalog.ts";
import { digestOf } from "../../src/snapshots/take/content-digest.ts";
import { type Snapshot, writeManifest } from "../../src/snapshots/store/manifests.ts";
import type { Store } from "../../src/snapshots/store/store.ts";
import { startChild } from "../database/child.ts";
import { d1ops, errorOf, type Project, reportOf } from "../project.ts";
import {
  contentOf,
  damageByte,
  objectsOf,
  snapshotOf,
  snapshotShop,
  takeIn,
} from "./snapshot-shop.ts";

type Run = Awaited<ReturnType<typeof d1ops>>;

async function restore(project: Project, id: string, ...flags: readonly string[]): Promise<Run> {
  return d1ops(project, ["snapshot", "restore", id, "--local", "--json", ...flags]);
}

function change(project: Project, sql: string): void {
  const db = project.open();
  db.exec(sql);
  db.close();
}

function storeOf(project: Project): Store {
  return folderStore(join(project.dir, "backups"));
}

async function newestOf(project: Project): Promise<Snapshot> {
  const [snapshot] = (await readCatalog(storeOf(project), snapshotCodec)).snapshots;
  if (snapshot === undefined) throw new Error("no snapshot");
  return snapshot;
}

function idOf(value: unknown): string {
  expect(value).toBeTypeOf("string");
  return JSON.stringify(value).slice(1, -1);
}

const CONFIRM = ["--confirm", "shop-db"];

describe("snapshot restore", () => {
  test("restores the same latest snapshot when it is run again, not the way back", async () => {
    const project = await snapshotShop();
    const id = await takeIn(project);
    for (const name of ["one", "two"]) {
      change(project, `UPDATE users SET name = '${name}'`);
      const run = await restore(project, "latest", ...CONFIRM);
      expect(snapshotOf(reportOf(run).data)).toMatchObject({ id });
    }
    const list = reportOf(await d1ops(project, ["snapshot", "list", "--json"]));
    const label = `before the restore of ${id.slice(0, 8)}`;
    expect(list.data["snapshots"]).toMatchObject([
      { label, wayBackFrom: id },
      { label, wayBackFrom: id },
      { id, wayBackFrom: null },
    ]);
  });

  test.each([
    ["a folder is in the place of a file", "config/app.json", "config/app.json/x"],
    ["a file is in the place of a folder", "config/deep", "config/deep"],
  ])("changes nothing if %s", async (_what, path, created) => {
    const project = await snapshotShop();
    const id = await takeIn(project, "--files", "config/**");
    change(project, "DELETE FROM users");
    rmSync(join(project.dir, path), { recursive: true });
    project.write(created, "new");
    const before = contentOf(project);
    const run = await restore(project, id, ...CONFIRM);
    expect(run.code).toBe(3);
    const moved = join(project.dir, path);
    expect(errorOf(run)).toMatchObject({
      code: "FILE_UNWRITABLE",
      hint: expect.stringContaining(`mv ${moved} ${moved}.moved`),
    });
    expect(contentOf(project)).toEqual(before);
    expect(objectsOf(project, "snapshots")).toHaveLength(1);
  });

  test("exits 4 with the way back if a file fails after the database was replaced", async () => {
    const project = await snapshotShop();
    await takeIn(project, "--files", "config/app.json");
    const { manifest } = await newestOf(project);
    const [file] = manifest.files;
    if (file === undefined) throw new Error("no file");
    // The second one cannot be written beside the first one.
    const files = ["a", "a/b"].map((path) => ({ ...file, path }));
    const digest = digestOf(snapshotCodec, manifest.database, files);
    const made = { ...manifest, files, digest };
    const id = await writeManifest(storeOf(project), snapshotCodec, made);
    change(project, "DELETE FROM users");
    const run = await restore(project, id, ...CONFIRM);
    expect(run.code).toBe(4);
    const { data, steps, ...report } = reportOf(run);
    const backup = idOf(data["backup"]);
    expect(report).toMatchObject({
      outcome: "partial",
      findings: [{ rule: "FILE_UNWRITABLE" }, { rule: "way-back", data: { snapshot: backup } }],
      next: [
        expect.stringContaining(`snapshot restore ${id.slice(0, 8)}`),
        expect.stringContaining(`snapshot restore ${backup.slice(0, 8)}`),
      ],
    });
    expect(steps.map(({ name, status }) => `${name} ${status}`)).toEqual(
      expect.arrayContaining(["users done", "a done", "a/b skipped"]),
    );
  });

  test("has an intact way back, although the newest snapshot is damaged", async () => {
    const project = await snapshotShop();
    const id = await takeIn(project);
    const packs = objectsOf(project, "packs");
    change(project, "UPDATE users SET n = 0 WHERE id = 1");
    await takeIn(project);
    const added = objectsOf(project, "packs").filter((pack) => !packs.includes(pack));
    expect(added).toHaveLength(1);
    damageByte(added[0] ?? "", 10);
    const run = await restore(project, id, ...CONFIRM);
    expect(run.code).toBe(0);
    const backup = idOf(reportOf(run).data["backup"]);
    expect((await d1ops(project, ["snapshot", "verify", backup, "--drill"])).code).toBe(0);
  });

  test.each([
    ["is not in WAL mode", "PRAGMA journal_mode = DELETE; DELETE FROM users"],
    ["is an empty file", null],
  ])("replaces a database that %s", async (_what, sql) => {
    const project = await snapshotShop();
    const before = contentOf(project);
    const id = await takeIn(project);
    if (sql === null) writeFileSync(project.file, "");
    else change(project, sql);
    expect((await restore(project, id, ...CONFIRM)).code).toBe(0);
    expect(contentOf(project)).toEqual(before);
  });

  test("gives up and changes nothing if another process writes all the time", async () => {
    const project = await snapshotShop();
    const id = await takeIn(project);
    const child = startChild(`
      import { DatabaseSync } from "node:sqlite";
      const db = new DatabaseSync(${JSON.stringify(project.file)}, { timeout: 60000 });
      for (let i = 1; ; i += 1) {
        db.exec("INSERT INTO users(name) VALUES ('written')");
        if (i === 1) console.log("writing");
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
      }`);
    await child.said;
    const run = await restore(project, id, ...CONFIRM);
    expect(errorOf(run)).toMatchObject({
      code: "DATABASE_BUSY",
      message: expect.stringContaining("those writes would be lost"),
      hint: expect.stringContaining("Stop the process"),
    });
    await child.kill();
  });

  test.each([
    ["has damaged rows", (bytes: Buffer) => bytes.fill(0xab, 4096 * 6)],
    ["has a damaged schema", (bytes: Buffer) => bytes.fill(0xab, 100, 4096)],
    ["is no database", (bytes: Buffer) => bytes.fill(0x61)],
  ])("says how to move a database away that %s", async (_what, damage) => {
    const project = await snapshotShop();
    const before = contentOf(project);
    const id = await takeIn(project);
    change(project, "PRAGMA wal_checkpoint(TRUNCATE)");
    writeFileSync(project.file, damage(readFileSync(project.file)));
    const run = await restore(project, id, ...CONFIRM);
    expect(run.code).toBe(3);
    const { code, hint } = errorOf(run);
    expect(code).toBe("DATABASE_UNREADABLE");
    const [, move = ""] = hint.split("\n");
    expect(spawnSync("sh", ["-c", move]).status).toBe(0);
    expect((await restore(project, id)).code).toBe(0);
    expect(contentOf(project)).toEqual(before);
  });

  test.each([["--files-only"], ["--database-only", "--without-backup"]])(
    "repeats %s in the command after a dry run",
    async (...flags) => {
      const project = await snapshotShop();
      const id = await takeIn(project, "--files", "config/**");
      change(project, "DELETE FROM users");
      project.write("config/app.json", "edited");
      const { next } = reportOf(await restore(project, "latest", "--dry-run", ...flags));
      expect(next).toEqual([expect.stringContaining(`restore ${id.slice(0, 8)} `)]);
      for (const flag of flags) expect(next[0]).toContain(flag);
      expect(next[0]).not.toContain("--dry-run");
    },
  );

  test("names objects of the schema that it drops or replaces, and requires the name of the database for them", async () => {
    const project = await snapshotShop();
    const before = contentOf(project);
    const id = await takeIn(project);
    change(
      project,
      "DROP VIEW names; CREATE VIEW names AS SELECT 1 AS x; CREATE INDEX by_n ON users(n); DROP TRIGGER log",
    );
    expect(errorOf(await restore(project, id, "--yes")).code).toBe("NOT_CONFIRMED");
    const { steps, findings, summary, data } = reportOf(await restore(project, id, "--dry-run"));
    expect(summary).toContain("Would restore 3 objects of the schema of shop-db from");
    expect(steps.map(({ name, note }) => `${name} ${note}`).toSorted()).toEqual([
      "index by_n dropped",
      "trigger log created",
      "view names replaced by another definition",
    ]);
    expect(findings).toMatchObject([
      { rule: "schema-lost", data: { schema: ["view names", "index by_n"] } },
    ]);
    expect(data["tables"]).toEqual([]);
    expect((await restore(project, id, ...CONFIRM)).code).toBe(0);
    expect(contentOf(project)).toEqual(before);
  });

  test("asks again if more would be lost after the prompt than it showed", async () => {
    const project = await snapshotShop();
    const id = await takeIn(project);
    change(project, "UPDATE odd SET a = 1");
    const questions: string[] = [];
    const report = await snapshotRestore({
      cwd: project.dir,
      place: "local",
      id,
      ask: async ({ text }) => {
        questions.push(text);
        if (questions.length === 1) change(project, "DELETE FROM notes; CREATE TABLE late(a)");
        return "yes";
      },
    });
    expect(questions).toEqual([
      expect.not.stringContaining("late (the whole table"),
      expect.stringContaining("late (the whole table"),
    ]);
    expect(report.steps.map(({ name }) => name)).toContain("late");
  });
});
