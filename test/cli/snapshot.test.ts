import {
  chmodSync,
  existsSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { folderStore } from "../../src/files/folder-store.ts";
import { snapshotCodec } from "../../src/files/snapshot-codec.ts";
import { readCatalog } from "../../src/snapshots/store/catalog.ts";
import { digestOf } from "../../src/snapshots/take/content-digest.ts";
import { writeManifest } from "../../src/snapshots/store/manifests.ts";
import {
  d1ops,
  errorOf,
  makeProject,
  type Project,
  reportOf,
  withoutProgress,
} from "../project.ts";
import {
  contentOf,
  damageByte,
  objectsOf,
  snapshotOf,
  snapshotShop,
  takeIn,
} from "./snapshot-shop.ts";

function read(project: Project, path: string): string {
  return readFileSync(join(project.dir, path), "utf8");
}

function idOf(value: unknown): string {
  expect(value).toBeTypeOf("string");
  return JSON.stringify(value).slice(1, -1);
}

describe("the commands of snapshots", () => {
  test("restore brings back every value, the schema, the full-text index, the ledger and the files", async () => {
    const project = await snapshotShop();
    const before = contentOf(project);
    const id = await takeIn(project, "--files", "config/**", "--label", "before");
    const db = project.open();
    db.exec(
      "DELETE FROM users WHERE id > 100; DELETE FROM odd; DROP VIEW names; CREATE TABLE extra(a); INSERT INTO extra VALUES (1); DELETE FROM notes; DELETE FROM d1_migrations",
    );
    project.write("config/app.json", "edited");
    chmodSync(join(project.dir, "config/app.json"), 0o600);
    rmSync(join(project.dir, "config/deep"), { recursive: true });
    project.write("config/new.txt", "new");
    const restored = await d1ops(project, [
      "snapshot",
      "restore",
      id.slice(0, 6),
      "--local",
      "--confirm",
      "shop-db",
      "--json",
    ]);
    expect(withoutProgress(restored)).toMatchObject({ code: 0, stderr: "" });
    const { data, outcome, next } = reportOf(restored);
    expect(outcome).toBe("changed");
    expect(data["tables"]).toContainEqual({
      name: "users",
      change: "changed",
      rowsNow: 100,
      rowsThen: 2000,
      atRisk: expect.any(Number),
    });
    expect(data["tables"]).toContainEqual({
      name: "extra",
      change: "removed",
      rowsNow: 1,
      rowsThen: 0,
      atRisk: 1,
    });
    expect(contentOf(project)).toEqual(before);
    expect(read(project, "config/app.json")).toBe('{"a":1}\n');
    expect(statSync(join(project.dir, "config/app.json")).mode & 0o777).toBe(0o644);
    expect(read(project, "config/deep/b.txt")).toBe("b\n");
    expect(existsSync(join(project.dir, "config/new.txt"))).toBe(false);
    expect(data["files"]).toContainEqual({
      path: "config/new.txt",
      change: "removed",
      bytesNow: 3,
      bytesThen: 0,
    });
    // A connection that was open all the time sees the restored rows.
    expect(db.prepare("SELECT count(*) AS n FROM users").get()).toEqual({ n: 2000 });
    db.close();
    expect(next[1]).toContain(`snapshot restore ${idOf(data["backup"]).slice(0, 8)} --local`);
    const undone = await d1ops(project, [
      "snapshot",
      "restore",
      idOf(data["backup"]),
      "--local",
      "--confirm",
      "shop-db",
    ]);
    expect(undone.code).toBe(0);
    expect(read(project, "config/app.json")).toBe("edited");
    expect(read(project, "config/new.txt")).toBe("new");
    expect(existsSync(join(project.dir, "config/deep/b.txt"))).toBe(false);
    const again = project.open();
    expect(again.prepare("SELECT count(*) AS n FROM users").get()).toEqual({ n: 100 });
    again.close();
  });

  test("a second snapshot stores only what has changed, and both can be verified with a drill", async () => {
    const project = await snapshotShop();
    const first = await takeIn(project);
    const db = project.open();
    db.exec("UPDATE users SET n = 0 WHERE id = 1000");
    db.close();
    const second = reportOf(await d1ops(project, ["snapshot", "take", "--json"]));
    expect(second.data).toMatchObject({ previous: first });
    expect(
      second.steps.filter(({ note }) => note?.endsWith(", changed")).map(({ name }) => name),
    ).toEqual(["users"]);
    const { storedBytes } = snapshotOf(second.data);
    expect(Number(second.data["addedBytes"])).toBeLessThan(Number(storedBytes) / 20);
    const verified = await d1ops(project, ["snapshot", "verify", "--all", "--drill", "--json"]);
    expect(verified).toMatchObject({ code: 0, stderr: "" });
    expect(reportOf(verified).data["snapshots"]).toEqual([
      expect.objectContaining({ intact: true, damaged: [], drill: true }),
      expect.objectContaining({ id: first, intact: true, damaged: [], drill: true }),
    ]);
    expect(reportOf(verified).checks.map(({ outcome }) => outcome)).toEqual(Array(8).fill("pass"));
  });

  test("list and show report the documented keys, newest first", async () => {
    const project = await snapshotShop();
    const first = await takeIn(project, "--label", "one");
    const second = await takeIn(project, "--files", "config/*.json", "--without-database");
    const list = reportOf(await d1ops(project, ["snapshot", "list", "--json"]));
    expect(list.data["snapshots"]).toMatchObject([
      { id: second, database: null, source: null, tables: 0, files: 1, label: null },
      {
        id: first,
        database: "shop-db",
        source: { place: "local" },
        files: 0,
        label: "one",
        migration: "0001_core.sql",
      },
    ]);
    const show = reportOf(
      await d1ops(project, ["snapshot", "show", "latest", "--local", "--json"]),
    );
    const shown = snapshotOf(show.data);
    expect(Object.keys(shown).toSorted()).toEqual([
      "appended",
      "bookmark",
      "bytes",
      "consistent",
      "database",
      "digest",
      "exported",
      "files",
      "git",
      "id",
      "label",
      "migration",
      "proofs",
      "rows",
      "source",
      "storedBytes",
      "tables",
      "takenAt",
      "tool",
      "wayBackFrom",
      "worker",
    ]);
    expect(shown).toMatchObject({ id: first, bookmark: null });
    expect(shown["tables"]).toContainEqual({
      name: "users",
      rows: 2000,
      bytes: expect.any(Number),
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const text = await d1ops(project, ["snapshot", "list"]);
    expect(text.stdout).toMatch(
      new RegExp(`${second.slice(0, 8)} .*\\n?.*files only[\\s\\S]*${first.slice(0, 8)}`),
    );
    const filtered = reportOf(await d1ops(project, ["snapshot", "list", "--db", "DB", "--json"]));
    expect(filtered.data["snapshots"]).toHaveLength(1);
  });

  test("a damaged byte of a pack exits 1 and names the object and the table, and a restore changes nothing", async () => {
    const project = await snapshotShop();
    await takeIn(project, "--files", "config/**");
    const [pack = ""] = objectsOf(project, "packs");
    damageByte(pack, Math.floor(statSync(pack).size / 2));
    const verified = await d1ops(project, ["snapshot", "verify", "--drill", "--json"]);
    expect(verified.code).toBe(1);
    const report = reportOf(verified);
    expect(report).toMatchObject({
      outcome: "problems",
      data: { snapshots: [{ intact: false, drill: null }] },
    });
    expect(report.findings).toMatchObject([
      {
        rule: "snapshot-damaged",
        level: "error",
        data: { object: expect.stringMatching(/^packs\//), tables: ["users"], files: [] },
      },
    ]);
    const db = project.open();
    db.exec("DELETE FROM users");
    db.close();
    const before = contentOf(project);
    const restored = await d1ops(project, [
      "snapshot",
      "restore",
      "latest",
      "--local",
      "--confirm",
      "shop-db",
      "--json",
    ]);
    expect(restored.code).toBe(3);
    expect(errorOf(restored).code).toBe("SNAPSHOT_DAMAGED");
    expect(contentOf(project)).toEqual(before);
    expect(objectsOf(project, "snapshots")).toHaveLength(1);
  });

  test("the next snapshot after a damaged one is whole", async () => {
    const project = await snapshotShop();
    await takeIn(project);
    damageByte(objectsOf(project, "packs")[0] ?? "", 1000);
    const damaged = reportOf(await d1ops(project, ["snapshot", "verify", "--json"]));
    expect(damaged.next[0]).toContain("snapshot take");
    const id = await takeIn(project);
    const verified = await d1ops(project, ["snapshot", "verify", "--drill", "--json"]);
    expect(reportOf(verified)).toMatchObject({ exitCode: 0, data: { snapshots: [{ id }] } });
  });

  test("a damaged manifest is reported by list and verify --all, and does not prevent the next snapshot", async () => {
    const project = await snapshotShop();
    const id = await takeIn(project);
    damageByte(objectsOf(project, "snapshots")[0] ?? "", 20);
    const list = await d1ops(project, ["snapshot", "list", "--json"]);
    expect(list.code).toBe(1);
    expect(reportOf(list).findings).toMatchObject([
      { rule: "snapshot-unreadable", data: { snapshot: id } },
    ]);
    expect((await d1ops(project, ["snapshot", "verify", "--all"])).code).toBe(1);
    expect(errorOf(await d1ops(project, ["snapshot", "show", id, "--json"])).code).toBe(
      "SNAPSHOT_DAMAGED",
    );
    const taken = await d1ops(project, ["snapshot", "take", "--json"]);
    expect(taken.code).toBe(0);
    expect(reportOf(taken).findings).toMatchObject([
      { rule: "snapshot-unreadable", level: "warning" },
    ]);
    expect((await d1ops(project, ["snapshot", "verify", "latest", "--drill"])).code).toBe(0);
  });

  test("latest never silently means an older snapshot when the newest manifest is damaged", async () => {
    const project = await snapshotShop();
    const older = await takeIn(project);
    const newest = await takeIn(project);
    damageByte(join(project.dir, "backups/snapshots", newest), 20);
    for (const args of [[], ["latest"]]) {
      const verified = await d1ops(project, ["snapshot", "verify", ...args, "--json"]);
      expect(reportOf(verified)).toMatchObject({
        exitCode: 1,
        outcome: "problems",
        findings: [{ rule: "snapshot-unreadable", level: "error", data: { snapshot: newest } }],
        data: { snapshots: [{ id: older, intact: true }] },
      });
    }
    const restored = await d1ops(project, ["snapshot", "restore", "latest", "--local", "--json"]);
    expect(restored.code).toBe(3);
    expect(errorOf(restored)).toMatchObject({
      code: "SNAPSHOT_DAMAGED",
      details: { object: `snapshots/${newest}` },
      hint: expect.stringContaining(`snapshot restore ${older.slice(0, 8)} --local`),
    });
  });

  test("a restore that loses rows requires the name of the database, and --dry-run changes nothing", async () => {
    const project = await snapshotShop();
    await takeIn(project, "--files", "config/app.json");
    const db = project.open();
    db.exec("UPDATE users SET n = 0 WHERE id = 7");
    db.close();
    project.write("config/app.json", "edited");
    const before = contentOf(project);
    const planned = await d1ops(project, [
      "snapshot",
      "restore",
      "latest",
      "--local",
      "--dry-run",
      "--json",
    ]);
    expect(planned.code).toBe(0);
    expect(reportOf(planned)).toMatchObject({
      outcome: "ok",
      steps: [
        { name: "users", status: "planned" },
        { name: "config/app.json", status: "planned" },
      ],
      findings: [
        { rule: "rows-lost", data: { tables: ["users"] } },
        { rule: "files-lost", data: { files: ["config/app.json"] } },
      ],
      data: { backup: null },
    });
    for (const flags of [[], ["--yes"], ["--confirm", "another"]]) {
      const refused = await d1ops(project, [
        "snapshot",
        "restore",
        "latest",
        "--local",
        ...flags,
        "--json",
      ]);
      expect(refused.code).toBe(5);
      expect(errorOf(refused)).toMatchObject({
        code: "NOT_CONFIRMED",
        hint: expect.stringMatching(/snapshot restore [0-9a-f]{8} .*--confirm shop-db/),
      });
    }
    expect(contentOf(project)).toEqual(before);
    expect(read(project, "config/app.json")).toBe("edited");
    expect(objectsOf(project, "snapshots")).toHaveLength(1);
  });

  test("--files-only and --database-only restore one of them, and a restore without losses needs no confirmation", async () => {
    const project = await snapshotShop();
    await takeIn(project, "--files", "config/app.json");
    rmSync(join(project.dir, "config/app.json"));
    const db = project.open();
    db.exec("DELETE FROM users WHERE id = 2000");
    const files = await d1ops(project, [
      "snapshot",
      "restore",
      "latest",
      "--local",
      "--files-only",
      "--json",
    ]);
    expect(files).toMatchObject({ code: 0, stderr: "" });
    expect(read(project, "config/app.json")).toBe('{"a":1}\n');
    expect(db.prepare("SELECT count(*) AS n FROM users").get()).toEqual({ n: 1999 });
    rmSync(join(project.dir, "config/app.json"));
    const rows = await d1ops(project, [
      "snapshot",
      "restore",
      "latest",
      "--local",
      "--database-only",
      "--without-backup",
      "--confirm",
      "shop-db",
      "--json",
    ]);
    expect(reportOf(rows)).toMatchObject({
      exitCode: 0,
      data: { backup: null },
      findings: [{ rule: "no-way-back" }],
    });
    expect(existsSync(join(project.dir, "config/app.json"))).toBe(false);
    expect(db.prepare("SELECT count(*) AS n FROM users").get()).toEqual({ n: 2000 });
    db.close();
  });

  test("a restore creates a database that is missing, and the next one has nothing to do", async () => {
    const project = await snapshotShop();
    const before = contentOf(project);
    await takeIn(project);
    rmSync(join(project.dir, ".wrangler"), { recursive: true });
    const restored = await d1ops(project, ["snapshot", "restore", "latest", "--local", "--json"]);
    expect(restored).toMatchObject({ code: 0, stderr: "" });
    expect(contentOf(project)).toEqual(before);
    const id = String(snapshotOf(reportOf(restored).data)["id"]);
    const again = await d1ops(project, ["snapshot", "restore", id, "--local", "--json"]);
    expect(reportOf(again)).toMatchObject({ outcome: "ok", steps: [], next: [] });
  });

  test("--store chooses another folder, and suggested commands repeat it", async () => {
    const project = await snapshotShop();
    await takeIn(project, "--store", "elsewhere");
    expect(existsSync(join(project.dir, "backups"))).toBe(false);
    const list = reportOf(
      await d1ops(project, ["snapshot", "list", "--store", "elsewhere", "--json"]),
    );
    expect(list.data["snapshots"]).toHaveLength(1);
    expect(list.next[0]).toContain("--store elsewhere");
  });

  test("--dry-run of take writes nothing, and reports what it would store", async () => {
    const project = await snapshotShop();
    const run = await d1ops(project, ["snapshot", "take", "--dry-run", "--json"]);
    expect(reportOf(run)).toMatchObject({
      outcome: "ok",
      exitCode: 0,
      data: { snapshot: { id: null }, addedBytes: expect.any(Number) },
    });
    expect(existsSync(join(project.dir, "backups"))).toBe(false);
  });
});

describe("wrong input to the commands of snapshots", () => {
  test.each([
    [["take", "--without-database"], 2, "USAGE"],
    [["take"], 3, "DATABASE_UNREADABLE"],
    [["take", "--without-database", "--files", "confg/**"], 2, "FILES_NONE"],
    [["show", "latest"], 2, "SNAPSHOT_UNKNOWN"],
    [["verify"], 2, "SNAPSHOT_UNKNOWN"],
    [["verify", "abc", "--all"], 2, "USAGE"],
    [["restore", "latest"], 2, "PLACE_MISSING"],
    [["restore", "latest", "--local"], 2, "SNAPSHOT_UNKNOWN"],
    [["restore", "latest", "--remote"], 2, "CREDENTIALS_MISSING"],
    [["restore", "latest", "--local", "--files-only", "--database-only"], 2, "USAGE"],
  ])("snapshot %j exits %i with %s", async (args, code, name) => {
    const project = makeProject({ "config/a.txt": "a" });
    const run = await d1ops(project, ["snapshot", ...args, "--json"]);
    expect(run.code).toBe(code);
    expect(errorOf(run).code).toBe(name);
    expect(existsSync(join(project.dir, "backups"))).toBe(false);
  });

  test("take of a database whose file is empty stores nothing", async () => {
    const project = await snapshotShop();
    const db = project.open();
    db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    const path = db.location() ?? "";
    db.close();
    truncateSync(path);
    const run = await d1ops(project, ["snapshot", "take", "--json"]);
    expect(run.code).toBe(3);
    expect(errorOf(run)).toMatchObject({
      code: "DATABASE_UNREADABLE",
      details: { path, reason: "the file is empty" },
    });
    expect(existsSync(join(project.dir, "backups"))).toBe(false);
  });

  test("a symbolic link among the files is left out with a warning", async () => {
    const project = await snapshotShop();
    symlinkSync("/etc/hostname", join(project.dir, "config/link"));
    const run = reportOf(
      await d1ops(project, ["snapshot", "take", "--files", "config/**", "--json"]),
    );
    expect(run.findings).toMatchObject([{ rule: "file-skipped", file: "config/link" }]);
    expect(snapshotOf(run.data)["files"]).toMatchObject([
      { path: "config/app.json" },
      { path: "config/deep/b.txt" },
    ]);
  });

  test("--files-only of a snapshot without files says so", async () => {
    const project = await snapshotShop();
    const id = await takeIn(project);
    const run = await d1ops(project, [
      "snapshot",
      "restore",
      id,
      "--local",
      "--files-only",
      "--json",
    ]);
    expect(errorOf(run)).toMatchObject({ code: "USAGE", details: { argument: "--files-only" } });
  });

  test("a snapshot of another database requires the name of the database", async () => {
    const project = await snapshotShop();
    await takeIn(project);
    project.write(
      "wrangler.jsonc",
      read(project, "wrangler.jsonc").replace("11111111-", "22222222-"),
    );
    const list = reportOf(await d1ops(project, ["snapshot", "list", "--json"]));
    const [only] = list.data["snapshots"] as { id: string }[];
    const id = only?.id ?? "";
    expect(
      errorOf(await d1ops(project, ["snapshot", "restore", "latest", "--local", "--json"])).code,
    ).toBe("SNAPSHOT_UNKNOWN");
    const refused = await d1ops(project, ["snapshot", "restore", id, "--local", "--json"]);
    expect(errorOf(refused)).toMatchObject({
      code: "NOT_CONFIRMED",
      message: expect.stringContaining("another database"),
    });
    expect(
      (await d1ops(project, ["snapshot", "restore", id, "--local", "--confirm", "shop-db"])).code,
    ).toBe(0);
  });

  test.each([
    ["../evil.txt", "SNAPSHOT_DAMAGED"],
    [".git/hooks/post-checkout", "FILE_UNWRITABLE"],
    ["/etc/evil", "SNAPSHOT_DAMAGED"],
    ["config/../../evil.txt", "SNAPSHOT_DAMAGED"],
  ])(
    "a manifest with the path %s is rejected with %s before anything is restored",
    async (path, code) => {
      const project = await snapshotShop();
      await takeIn(project, "--files", "config/app.json");
      const store = folderStore(join(project.dir, "backups"));
      const [snapshot] = (await readCatalog(store, snapshotCodec)).snapshots;
      if (snapshot === undefined) throw new Error("no snapshot");
      const files = snapshot.manifest.files.map((file) => ({ ...file, path }));
      const digest = digestOf(snapshotCodec, snapshot.manifest.database, files);
      const id = await writeManifest(store, snapshotCodec, { ...snapshot.manifest, files, digest });
      const db = project.open();
      db.exec("DELETE FROM users");
      db.close();
      const before = contentOf(project);
      const run = await d1ops(project, [
        "snapshot",
        "restore",
        id,
        "--local",
        "--confirm",
        "shop-db",
        "--json",
      ]);
      expect(run.code).toBe(3);
      expect(errorOf(run)).toMatchObject({ code, message: expect.stringContaining(path) });
      expect(contentOf(project)).toEqual(before);
      expect(existsSync(join(project.dir, "..", "evil.txt"))).toBe(false);
    },
  );
});
