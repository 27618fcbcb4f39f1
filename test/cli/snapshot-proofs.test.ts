import { chmodSync, existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { d1ops, type Project, reportOf } from "../project.ts";
import { damageByte, objectsOf, snapshotOf, snapshotShop, takeIn } from "./snapshot-shop.ts";

interface Listed {
  readonly id: string;
  readonly proofs: readonly { readonly how: string; readonly provenAt: string }[];
}

interface List {
  readonly data: { readonly snapshots: readonly Listed[] };
}

/** The snapshots of `snapshot list`. */
async function listed(project: Project, ...flags: readonly string[]): Promise<readonly Listed[]> {
  const run = await d1ops(project, ["snapshot", "list", ...flags, "--json"]);
  const { data }: List = JSON.parse(run.stdout);
  return data.snapshots;
}

async function verify(project: Project, ...flags: readonly string[]) {
  const run = await d1ops(project, ["snapshot", "verify", ...flags, "--json"]);
  return { ...reportOf(run), code: run.code };
}

describe("a verification", () => {
  test("is recorded in the store, and list and show say when and how", async () => {
    const project = await snapshotShop();
    const id = await takeIn(project);
    expect(await listed(project)).toMatchObject([{ id, proofs: [] }]);
    const before = Date.now();
    const { data } = await verify(project);
    await verify(project, "latest", "--drill");
    const [{ proofs } = { proofs: [] }] = await listed(project);
    expect(proofs.map(({ how }) => how)).toEqual(["drill", "verify"]);
    const [drill = "", first = ""] = proofs.map(({ provenAt }) => provenAt);
    expect(Date.parse(first)).toBeGreaterThanOrEqual(before);
    expect(drill >= first).toBe(true);
    expect(data["snapshots"]).toMatchObject([{ id, intact: true, provenAt: first }]);
    const show = await d1ops(project, ["snapshot", "show", "latest", "--json"]);
    expect(snapshotOf(reportOf(show).data)).toMatchObject({ proofs });
    expect(reportOf(show).summary).toMatch(/stored, proven \d+ s ago by a drill$/);
    const text = await d1ops(project, ["snapshot", "list"]);
    expect(text.stdout).toMatch(/proven \d+ s ago by a drill/);
  });

  test("is recorded for each snapshot with --all", async () => {
    const project = await snapshotShop();
    await takeIn(project);
    await takeIn(project, "--files", "config/**", "--without-database");
    await verify(project, "--all", "--drill");
    expect((await listed(project)).map(({ proofs }) => proofs.map(({ how }) => how))).toEqual([
      // It has no database, so nothing was rebuilt.
      ["verify"],
      ["drill"],
    ]);
  });

  test("withdraws the proofs of a snapshot if it fails, and of no other one", async () => {
    const project = await snapshotShop();
    const intact = await takeIn(project, "--files", "config/**", "--without-database");
    const damaged = await takeIn(project);
    await verify(project, "--all");
    const [, pack = ""] = objectsOf(project, "packs").toSorted(bySize);
    damageByte(pack, 100);
    const { code, data } = await verify(project, damaged);
    expect(code).toBe(1);
    expect(data["snapshots"]).toMatchObject([{ intact: false, provenAt: null }]);
    const found = await listed(project);
    expect(found.map(({ id, proofs }) => [id, proofs.length])).toEqual([
      [damaged, 0],
      [intact, 1],
    ]);
  });

  test("passes with a warning if the store is read-only", async ({ skip }) => {
    skip(process.getuid?.() === 0, "root may write everywhere");
    const project = await snapshotShop();
    await takeIn(project);
    const store = join(project.dir, "backups");
    chmodSync(store, 0o500);
    try {
      await expectUnrecorded(project);
    } finally {
      chmodSync(store, 0o700);
    }
  });

  test("passes with a warning if the folder of proofs cannot be written", async () => {
    const project = await snapshotShop();
    await takeIn(project);
    project.write("backups/proofs", "a file where the folder should be");
    await expectUnrecorded(project);
  });

  async function expectUnrecorded(project: Project): Promise<void> {
    const { code, outcome, findings, data } = await verify(project, "latest", "--drill");
    expect({ code, outcome }).toEqual({ code: 0, outcome: "ok" });
    expect(findings).toMatchObject([
      {
        rule: "proof-unwritten",
        level: "warning",
        message: expect.stringContaining("was not recorded") as string,
        data: { code: "FILE_UNWRITABLE" },
      },
    ]);
    expect(data["snapshots"]).toMatchObject([{ intact: true, drill: true, provenAt: null }]);
  }

  test("is recorded by both of two processes that run at the same time", async () => {
    const project = await snapshotShop();
    await takeIn(project);
    await Promise.all([verify(project), verify(project)]);
    const [{ proofs } = { proofs: [] }] = await listed(project);
    expect(proofs).toHaveLength(1);
    expect([1, 2]).toContain(readdirSync(join(project.dir, "backups/proofs")).length);
  });

  test("ignores what is no object in the folder of proofs", async () => {
    const project = await snapshotShop();
    await takeIn(project);
    const folder = join(project.dir, "backups/proofs");
    mkdirSync(folder);
    // The draft that a killed process leaves.
    project.write("backups/proofs/.d1ops-draft", "x");
    project.write("backups/proofs/notes.txt", "x");
    expect(await listed(project)).toMatchObject([{ proofs: [] }]);
    await verify(project);
    expect(await listed(project)).toMatchObject([{ proofs: [{ how: "verify" }] }]);
    expect(existsSync(join(folder, "notes.txt"))).toBe(true);
  });
});

function bySize(a: string, b: string): number {
  return statSync(a).size - statSync(b).size;
}
