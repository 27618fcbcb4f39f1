import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { d1ops, errorOf, makeProject, type Project, reportOf } from "../project.ts";
import { folderStore } from "../../src/files/folder-store.ts";
import { snapshotCodec } from "../../src/files/snapshot-codec.ts";
import { readCatalog } from "../../src/snapshots/store/catalog.ts";
import { digestOf } from "../../src/snapshots/take/content-digest.ts";
import { writeManifest } from "../../src/snapshots/store/manifests.ts";
import { newIdentity } from "../snapshots/identities.ts";
import { shellWords } from "../suggestions/extract.ts";
import { snapshotShop, takeIn } from "./snapshot-shop.ts";

async function errorFor(
  project: Project,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<ReturnType<typeof errorOf> & { readonly exit: number | null }> {
  const run = await d1ops(project, ["snapshot", ...args, "--json"], { env });
  return { ...errorOf(run), exit: run.code };
}

describe("a mistyped --store", () => {
  test.each([
    [["list"]],
    [["show", "latest"]],
    [["verify", "--all"]],
    [["prune", "--keep-last", "1"]],
    [["diff"]],
    [["copy", "--to", "elsewhere"]],
    [["keys"]],
    [["restore", "latest", "--local"]],
  ])("is an error of %j, which names the folder that exists", async (args) => {
    const project = await snapshotShop();
    await takeIn(project);
    const error = await errorFor(project, [...args, "--store", "bakups"]);
    expect(error).toMatchObject({
      exit: 2,
      code: "USAGE",
      message: `The store ${join(project.dir, "bakups")} does not exist.`,
    });
    expect(error.hint).toMatch(/^Did you mean --store backups\?\n/);
    expect(error.hint).toMatch(/take a snapshot:\n.*snapshot take .*--store bakups/);
    expect(existsSync(join(project.dir, "elsewhere"))).toBe(false);
  });

  test("is no error for take, which begins the store, and for a clone that keeps its way back there", async () => {
    const project = await snapshotShop();
    await takeIn(project, "--store", "first");
    const from = ["clone", "file:copy.sqlite", "local", "--confirm", "shop-db"];
    await d1ops(project, ["clone", "local", "file:copy.sqlite", "--without-backup"]);
    const db = project.open();
    db.exec("DELETE FROM users");
    db.close();
    expect((await d1ops(project, [...from, "--store", "second"])).code).toBe(0);
    expect(existsSync(join(project.dir, "second", "snapshots"))).toBe(true);
  });

  test("is an error if it is the address of a bucket without its two slashes", async () => {
    const project = makeProject();
    expect(await errorFor(project, ["list", "--store", "s3:/shop"])).toMatchObject({
      code: "USAGE",
      hint: expect.stringContaining("Write s3://shop."),
    });
  });

  test("the default store may be missing: list says that there are no snapshots yet", async () => {
    const project = makeProject();
    const report = reportOf(await d1ops(project, ["snapshot", "list", "--json"]));
    expect(report).toMatchObject({
      exitCode: 0,
      summary: `No snapshots: ${join(project.dir, "backups")} does not exist yet`,
      data: { snapshots: [] },
    });
  });

  test("verify --all fails if there are no snapshots: the disk of the store may not be mounted", async () => {
    const project = makeProject({ "d1ops.jsonc": '{ "snapshots": { "store": "mount" } }' });
    expect(await errorFor(project, ["verify", "--all"])).toMatchObject({
      exit: 2,
      code: "SNAPSHOT_UNKNOWN",
    });
  });
});

describe("a mistake at a command of snapshots", () => {
  test.each([
    [["show", "latset"], "Did you mean latest?\n"],
    [["prune", "--keep-daily", "-1"], "", "to keep all, write a large one"],
    [["diff", "local", "local"], "snapshot diff latest local", "Both sides are local"],
    [["take", "--files", "../*"], "A snapshot has only files below"],
    [["take", "--files", "/etc/hosts"], "A snapshot has only files below"],
  ])("%j gets a hint", async (args, hint, message = "") => {
    const project = await snapshotShop();
    await takeIn(project);
    const error = await errorFor(project, args);
    expect(error.hint).toContain(hint);
    expect(error.message).toContain(message);
  });

  test("--yes at a restore that loses rows says that --confirm is needed, with the command", async () => {
    const project = await snapshotShop();
    await takeIn(project);
    const db = project.open();
    db.exec("INSERT INTO users(name) VALUES ('Nia')");
    db.close();
    const error = await errorFor(project, ["restore", "latest", "--local", "--yes"]);
    expect(error).toMatchObject({ exit: 5, code: "NOT_CONFIRMED" });
    expect(error.message).toContain("so --yes is not enough: --confirm has to name the database.");
    expect(error.hint).toMatch(/without a prompt:\n.*--confirm shop-db$/m);
  });
});

describe("secrets among the files of a snapshot", () => {
  test("are a warning with the command that leaves them out, unless the store is encrypted", async () => {
    const project = await snapshotShop();
    project.write(".env", "TOKEN=1");
    project.write("tls/shop.pem", "x");
    const take = ["snapshot", "take", "--files", "**", "--label", "it's done"];
    const { findings, exitCode } = reportOf(await d1ops(project, [...take, "--json"]));
    expect([exitCode, findings]).toMatchObject([
      0,
      [{ rule: "secret-files", level: "warning", data: { files: [".env", "tls/shop.pem"] } }],
    ]);
    const [line = ""] =
      / (snapshot take .*--files.*)$/m.exec(findings[0]?.help ?? "")?.slice(1) ?? [];
    const again = reportOf(await d1ops(project, [...shellWords(line).words, "--json"]));
    expect(again.findings).toEqual([]);
    expect(again.data["snapshot"]).toMatchObject({ label: "it's done" });
    expect(JSON.stringify(again.data)).not.toMatch(/"\.env"|shop\.pem/);
    const { recipient } = await newIdentity();
    const encrypted = ["--store", "locked", "--recipient", recipient, "--json"];
    expect(reportOf(await d1ops(project, [...take, ...encrypted])).findings).toMatchObject([
      { rule: "store-encrypted" },
    ]);
  });
});

describe("a snapshot of someone else, whose patterns match files that it does not contain", () => {
  test("removes none of them before the name is confirmed, and the plan and the prompt count them all", async () => {
    const project = await snapshotShop();
    await takeIn(project, "--files", "config/app.json");
    const store = folderStore(join(project.dir, "backups"));
    const [snapshot] = (await readCatalog(store, snapshotCodec)).snapshots;
    if (snapshot === undefined) throw new Error("no snapshot");
    const digest = digestOf(snapshotCodec, snapshot.manifest.database, []);
    const foreign = { ...snapshot.manifest, files: [], globs: ["src/**"], digest };
    const id = await writeManifest(store, snapshotCodec, foreign);
    for (let n = 10; n < 35; n += 1) project.write(`src/${n}.ts`, "x");
    const restore = ["snapshot", "restore", id, "--local"];
    const counted = expect.stringContaining("25 files would be removed, because the snapshot");
    const planned = reportOf(await d1ops(project, [...restore, "--dry-run", "--json"]));
    expect(planned.findings).toMatchObject([{ rule: "files-lost", message: counted }]);
    expect(planned.steps).toHaveLength(25);
    for (const flags of [[], ["--yes"]]) {
      const error = await errorFor(project, [...restore.slice(1), ...flags]);
      expect(error).toMatchObject({ code: "NOT_CONFIRMED", message: counted });
    }
    expect(readdirSync(join(project.dir, "src"))).toHaveLength(25);
    const run = await d1ops(project, [...restore, "--confirm", "shop-db", "--json"]);
    const { next } = reportOf(run);
    expect(readdirSync(join(project.dir, "src"))).toEqual([]);
    const undo = / (snapshot restore .*)$/.exec(next.at(-1) ?? "")?.[1] ?? "";
    await d1ops(project, shellWords(undo).words);
    expect(readdirSync(join(project.dir, "src"))).toHaveLength(25);
  });
});
