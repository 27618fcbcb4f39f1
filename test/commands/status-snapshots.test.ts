import { chmodSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  doctor,
  migrateApply,
  type Report,
  snapshotTake,
  snapshotVerify,
  status,
} from "../../src/index.ts";
import { folderStore } from "../../src/files/folder-store.ts";
import { snapshotCodec as codec } from "../../src/files/snapshot-codec.ts";
import { readCatalog } from "../../src/snapshots/store/catalog.ts";
import { proofOf, writeProof } from "../../src/snapshots/verify/proof.ts";
import { writeManifest } from "../../src/snapshots/store/manifests.ts";
import { makeProject } from "../project.ts";
import { newIdentity } from "../snapshots/identities.ts";

const DAY = 86_400_000;

interface Shop {
  readonly dir: string;
  readonly options: { readonly cwd: string; readonly variables: Record<string, string> };
}

async function shop(): Promise<Shop> {
  const { dir } = makeProject({
    "wrangler.jsonc": JSON.stringify({
      name: "shop",
      d1_databases: [{ binding: "DB", database_name: "shop-db", database_id: "shop" }],
    }),
    "migrations/0001_core.sql": "CREATE TABLE users(id INTEGER PRIMARY KEY);",
  });
  const options = { cwd: dir, variables: {} };
  await migrateApply({ ...options, place: "local" });
  return { dir, options };
}

/** The note and the data of `status`, and the check of `doctor`. */
async function shown({ options }: Shop) {
  const report = await status(options);
  const [line] = report.data["databases"] as unknown as readonly Record<string, unknown>[];
  const examined: Report = await doctor(options);
  return {
    note: report.steps[0]?.note,
    lastProven: line?.["lastProven"],
    exitCode: examined.exitCode,
    check: examined.checks.find(({ id }) => id === "snapshots.proven"),
  };
}

/** Stores a snapshot that was taken so many days ago, and its proof. */
async function proven({ dir }: Shop, days: number): Promise<string> {
  const store = folderStore(join(dir, "backups"));
  const [snapshot] = (await readCatalog(store, codec)).snapshots;
  if (snapshot === undefined) throw new Error("no snapshot");
  const takenAt = new Date(Date.now() - days * DAY).toISOString();
  const manifest = { ...snapshot.manifest, takenAt };
  const id = await writeManifest(store, codec, manifest);
  const about = { tool: "d1ops 0.0.0", how: "drill", provenAt: takenAt } as const;
  await writeProof(store, codec, proofOf({ ...snapshot, id, manifest }, about));
  return id;
}

describe("status and doctor", () => {
  test("say nothing of snapshots in a project without any, also beside a page of the format", async () => {
    const project = await shop();
    for (const prepare of [
      () => {},
      () => {
        mkdirSync(join(project.dir, "backups"));
        writeFileSync(join(project.dir, "backups/README.md"), "# Snapshots");
      },
    ]) {
      prepare();
      expect(await shown(project)).toEqual({
        note: "1 applied, 0 pending",
        lastProven: null,
        exitCode: 0,
        check: undefined,
      });
    }
  });

  test("say that no snapshot is proven, and doctor warns with what to type", async () => {
    const project = await shop();
    await snapshotTake(project.options);
    expect(await shown(project)).toMatchObject({
      note: "1 applied, 0 pending, no proven snapshot",
      lastProven: { state: "none", snapshot: null },
      exitCode: 0,
      check: {
        outcome: "warn",
        measured: "none",
        evidence: { help: expect.stringContaining("snapshot verify latest --drill") as string },
      },
    });
  });

  test("doctor suggests commands that can be pasted, and that reach the database of the check", async () => {
    const { dir } = makeProject({
      "wrangler.jsonc": JSON.stringify({
        name: "shop",
        d1_databases: [
          { binding: "DB", database_name: "shop-db", database_id: "shop" },
          { binding: "LOG", database_name: "log-db", database_id: "log" },
        ],
      }),
      "config/app.json": "{}",
    });
    const options = { cwd: dir, variables: {} };
    await snapshotTake({ ...options, db: "DB", withoutDatabase: true, files: ["config/**"] });
    const { checks } = await doctor(options);
    expect(checks.find(({ id }) => id === "LOG/snapshots.proven")?.evidence.help).toBe(
      [
        "Take one:",
        "npx d1ops snapshot take --local --db LOG",
        "Then prove that it can be restored:",
        "npx d1ops snapshot verify latest --drill --db LOG",
      ].join("\n"),
    );
  });

  test("say how old the last proven snapshot is, and doctor passes", async () => {
    const project = await shop();
    await snapshotTake(project.options);
    const { data } = await snapshotVerify({ ...project.options, drill: true });
    expect(data["snapshots"]).toMatchObject([{ intact: true }]);
    expect(await shown(project)).toMatchObject({
      note: expect.stringMatching(/, last proven snapshot taken \d+ s ago$/) as string,
      lastProven: { state: "proven", how: "drill" },
      check: {
        outcome: "pass",
        measured: expect.stringMatching(/taken \d+ s ago, proven \d+ s ago by a drill$/) as string,
      },
    });
  });

  test("name the newest proven snapshot, not the one of the newest proof, and doctor warns after 7 days", async () => {
    const project = await shop();
    await snapshotTake(project.options);
    const newest = await proven(project, 8);
    await proven(project, 9);
    expect(await shown(project)).toMatchObject({
      note: "1 applied, 0 pending, last proven snapshot taken 8 days ago",
      lastProven: { snapshot: newest },
      exitCode: 0,
      check: { outcome: "warn", measured: expect.stringContaining("taken 8 days ago") as string },
    });
    const fresh = await proven(project, 6);
    expect(await shown(project)).toMatchObject({
      lastProven: { snapshot: fresh },
      check: { outcome: "pass" },
    });
  });

  test("count no proof of a deleted snapshot, and no damaged one", async () => {
    const project = await shop();
    await snapshotTake(project.options);
    const id = await proven(project, 1);
    await folderStore(join(project.dir, "backups")).remove("snapshots", id);
    expect(await shown(project)).toMatchObject({ lastProven: { state: "none" } });
    await proven(project, 2);
    const folder = join(project.dir, "backups/proofs");
    for (const name of readdirSync(folder)) writeFileSync(join(folder, name), "damaged");
    expect(await shown(project)).toMatchObject({ lastProven: { state: "none" } });
  });

  test("say of an encrypted store that it is locked, and when the last proof was written", async () => {
    const project = await shop();
    const { identity, recipient } = await newIdentity();
    writeFileSync(join(project.dir, "key.txt"), `${identity}\n`);
    await snapshotTake({ ...project.options, recipient: [recipient] });
    expect(await shown(project)).toMatchObject({
      note: "1 applied, 0 pending, snapshots locked, and none is proven",
      lastProven: { state: "locked", provenAt: null },
      check: { outcome: "warn" },
    });
    await snapshotVerify({ ...project.options, identity: ["key.txt"] });
    expect(await shown(project)).toMatchObject({
      note: expect.stringMatching(/snapshots locked, the last proof written \d+ s ago$/) as string,
      check: { outcome: "not-checked" },
    });
    const folder = join(project.dir, "backups/proofs");
    const old = new Date(Date.now() - 8 * DAY);
    for (const name of readdirSync(folder)) utimesSync(join(folder, name), old, old);
    expect(await shown(project)).toMatchObject({ check: { outcome: "warn" } });
  });

  test("report the rest if the store cannot be read", async () => {
    const project = await shop();
    await snapshotTake(project.options);
    const folder = join(project.dir, "backups/proofs");
    writeFileSync(folder, "a file where the folder should be");
    chmodSync(folder, 0o600);
    expect(await shown(project)).toMatchObject({
      note: "1 applied, 0 pending, snapshots not read: INPUT_UNREADABLE",
      lastProven: { state: "unreadable" },
      exitCode: 0,
      check: { outcome: "not-checked" },
    });
  });
});
