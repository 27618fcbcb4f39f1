import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { d1ops, errorOf, type Project, reportOf, type Run, withoutProgress } from "../project.ts";
import { newIdentity } from "../snapshots/identities.ts";
import { contentOf, damageByte, objectsOf, snapshotShop, takeIn } from "./snapshot-shop.ts";

async function run(project: Project, ...args: readonly string[]): Promise<Run> {
  return withoutProgress(await d1ops(project, ["snapshot", ...args, "--json"]));
}

async function copied(project: Project, ...args: readonly string[]): Promise<CopyReport> {
  const ran = await run(project, "copy", ...args);
  expect(ran).toMatchObject({ code: 0, stderr: "" });
  return reportOf(ran);
}

type CopyReport = ReturnType<typeof reportOf>;

/** The objects of a store below the project, as paths, with their bytes. Without proofs. */
function objectsIn(project: Project, store: string): Record<string, string> {
  const path = join(project.dir, store);
  if (!existsSync(path)) return {};
  const names = readdirSync(path, { recursive: true, encoding: "utf8" });
  return Object.fromEntries(
    names
      .filter((name) => /^(?:keys|packs|snapshots)[/\\]/.test(name))
      .map((name) => [name, readFileSync(join(path, name)).toString("hex")]),
  );
}

/** Two snapshots, of which the second shares packs with the first. */
interface Shop {
  readonly project: Project;
  readonly first: string;
  readonly second: string;
  /** The paths of the packs that only the second snapshot needs. */
  readonly added: readonly string[];
}

async function shop(): Promise<Shop> {
  const project = await snapshotShop();
  const first = await takeIn(project, "--files", "config/**");
  const before = new Set(objectsOf(project, "packs"));
  const db = project.open();
  db.exec("UPDATE users SET n = 0 WHERE id = 7");
  db.close();
  const second = await takeIn(project);
  const added = objectsOf(project, "packs").filter((path) => !before.has(path));
  return { project, first, second, added };
}

describe("snapshot copy", () => {
  test("copies the newest snapshot without an id, and it is restored from there", async () => {
    const { project, second } = await shop();
    const before = contentOf(project);
    const report = await copied(project, "--to", "second");
    expect(report).toMatchObject({
      outcome: "changed",
      target: null,
      data: {
        from: join(project.dir, "backups"),
        to: join(project.dir, "second"),
        copied: [second],
        there: [],
        packs: 2,
      },
      steps: [{ name: second.slice(0, 8), status: "done" }],
      next: [
        expect.stringContaining(
          `snapshot verify ${second.slice(0, 8)} --drill --store second`,
        ) as string,
      ],
    });
    const verified = await run(project, "verify", "--drill", "--store", "second");
    expect(verified.code).toBe(0);
    rmSync(join(project.dir, "backups"), { recursive: true });
    const db = project.open();
    db.exec("DELETE FROM users");
    db.close();
    const RESTORE = ["restore", "latest", "--local", "--confirm", "shop-db", "--store", "second"];
    const restored = await run(project, ...RESTORE);
    expect(restored.code).toBe(0);
    expect(contentOf(project)).toEqual(before);
  });

  test("copies every snapshot with --all, and nothing again", async () => {
    const { project, first, second } = await shop();
    const report = await copied(project, "--all", "--to", "second");
    expect(report.data["copied"]).toEqual([first, second]);
    expect(report.next).toEqual([
      expect.stringContaining("snapshot verify --all --drill --store second"),
    ]);
    expect(objectsIn(project, "second")).toEqual(objectsIn(project, "backups"));
    const again = await copied(project, "--all", "--to", "second");
    expect(again).toMatchObject({
      outcome: "ok",
      summary: `Nothing to copy: ${join(project.dir, "second")} has all 2 snapshots`,
      data: { copied: [], there: [first, second], packs: 0, bytes: 0 },
    });
  });

  test("copies the snapshots of the ids, from another store, and each only once", async () => {
    const { project, first } = await shop();
    await copied(project, "--all", "--to", "second");
    const twice = [first.slice(0, 8), first, "--store", "second", "--to", "third"];
    expect((await copied(project, ...twice)).data["copied"]).toEqual([first]);
    const unknown = await run(project, "copy", "0000", "--to", "third");
    expect(errorOf(unknown).code).toBe("SNAPSHOT_UNKNOWN");
  });

  test("writes nothing with --dry-run, and says how much it would copy", async () => {
    const { project, first, second } = await shop();
    const planned = await copied(project, "--all", "--to", "second", "--dry-run");
    expect(objectsIn(project, "second")).toEqual({});
    expect(planned).toMatchObject({
      outcome: "ok",
      data: { copied: [], planned: [first, second] },
      steps: [{ status: "planned" }, { status: "planned" }],
      next: [expect.stringContaining("snapshot copy --to second --all")],
    });
    const done = await copied(project, "--all", "--to", "second");
    const { packs, bytes } = planned.data;
    expect(done.data).toMatchObject({ packs, bytes });
  });

  test("copies the intact snapshots, names the damaged one, and exits with 1", async () => {
    const { project, first, second, added } = await shop();
    for (const path of added) damageByte(path, 10);
    const ran = await run(project, "copy", "--all", "--to", "second");
    expect(ran.code).toBe(1);
    expect(reportOf(ran)).toMatchObject({
      outcome: "problems",
      data: { copied: [first], damaged: [second] },
      findings: [
        { rule: "snapshot-damaged", message: expect.stringContaining(second.slice(0, 8)) },
      ],
    });
    expect((await run(project, "verify", "--all", "--store", "second")).code).toBe(0);
  });

  test("repairs a copy that has lost a pack", async () => {
    const { project, second } = await shop();
    await copied(project, "--to", "second");
    const whole = objectsIn(project, "second");
    const [pack = ""] = readdirSync(join(project.dir, "second/packs"));
    rmSync(join(project.dir, "second/packs", pack));
    expect((await copied(project, "--to", "second")).data).toMatchObject({
      copied: [second],
      packs: 1,
    });
    expect(objectsIn(project, "second")).toEqual(whole);
  });

  test("does not copy proofs, which are about the bytes of one store", async () => {
    const { project } = await shop();
    expect((await run(project, "verify")).code).toBe(0);
    await copied(project, "--to", "second");
    expect(existsSync(join(project.dir, "backups/proofs"))).toBe(true);
    expect(existsSync(join(project.dir, "second/proofs"))).toBe(false);
  });

  test.for([
    [["--to", "backups"], "the store that the snapshots are copied from"],
    [["--to", "./x/../backups/"], "the store that the snapshots are copied from"],
    [["latest", "--all", "--to", "second"], "--all contradicts the id latest"],
    [[], "--to"],
  ] as const)("refuses %j, and copies nothing", async ([args, part]) => {
    const { project } = await shop();
    const ran = await run(project, "copy", ...args);
    expect(ran.code).toBe(2);
    expect(errorOf(ran)).toMatchObject({
      code: "USAGE",
      message: expect.stringContaining(part),
    });
    expect(objectsIn(project, "second")).toEqual({});
  });
});

test("an error of snapshot copy names the flag whose store is wrong", async () => {
  const project = await snapshotShop();
  const argumentOf = async (...args: string[]): Promise<unknown> =>
    errorOf(await run(project, "copy", ...args)).details;
  expect(await argumentOf("--to", "ftp://host")).toEqual({ argument: "--to" });
  expect(await argumentOf("--to", "other", "--store", "ftp://host")).toEqual({
    argument: "--store",
  });
});

describe("snapshot copy of an encrypted store", () => {
  test("copies the key with it, so that the same identity opens the copy", async () => {
    const project = await snapshotShop();
    const { identity, recipient } = await newIdentity();
    project.write("key.txt", `${identity}\n`);
    await takeIn(project, "--recipient", recipient);
    expect(errorOf(await run(project, "copy", "--to", "second")).code).toBe("SNAPSHOT_LOCKED");
    await copied(project, "--to", "second", "--identity", "key.txt");
    expect(objectsIn(project, "second")).toEqual(objectsIn(project, "backups"));
    const unlocked = ["--store", "second", "--identity", "key.txt"];
    expect((await run(project, "verify", "--drill", ...unlocked)).code).toBe(0);
    await takeIn(project, "--identity", "key.txt");
    const more = await copied(project, "--all", "--to", "second", "--identity", "key.txt");
    expect(more.data).toMatchObject({ copied: [expect.any(String)], there: [expect.any(String)] });
  });

  test("never mixes a plain and an encrypted store, nor two keys", async () => {
    const project = await snapshotShop();
    const { identity, recipient } = await newIdentity();
    project.write("key.txt", `${identity}\n`);
    const key = ["--identity", "key.txt"];
    await takeIn(project);
    await takeIn(project, "--store", "locked", "--recipient", recipient);
    await takeIn(project, "--store", "other", "--recipient", recipient);
    const cases = [
      [["--to", "locked"], "locked is encrypted, and"],
      [["--store", "locked", "--to", "backups", ...key], "has snapshots that are not"],
      [["--store", "locked", "--to", "other", ...key], "with two different keys"],
    ] as const;
    for (const [args, part] of cases) {
      const before = ["backups", "locked", "other"].map((one) => objectsIn(project, one));
      const ran = await run(project, "copy", ...args);
      expect(ran.code).toBe(2);
      expect(errorOf(ran)).toMatchObject({
        code: "USAGE",
        message: expect.stringContaining(part),
        hint: expect.stringContaining("Choose a new store with --to"),
      });
      expect(["backups", "locked", "other"].map((one) => objectsIn(project, one))).toEqual(before);
    }
    cpSync(join(project.dir, "locked/keys"), join(project.dir, "begun/keys"), { recursive: true });
    await copied(project, "--store", "locked", "--to", "begun", ...key);
  });

  test("copies no plain snapshots if the settings name recipients: take would refuse them, too", async () => {
    const project = await snapshotShop();
    const { identity, recipient } = await newIdentity();
    project.write("key.txt", `${identity}\n`);
    await takeIn(project);
    project.write("d1ops.jsonc", JSON.stringify({ snapshots: { recipients: [recipient] } }));
    for (const flags of [[], ["--dry-run"]]) {
      expect(errorOf(await run(project, "copy", "--to", "second", ...flags))).toMatchObject({
        code: "USAGE",
        details: { argument: "snapshots.recipients" },
        message: expect.stringContaining("backups is not encrypted"),
        hint: expect.stringMatching(/copy from there:\n.* snapshot take .*--store WHERE/),
      });
    }
    expect(existsSync(join(project.dir, "second"))).toBe(false);
    await takeIn(project, "--store", "locked");
    const key = ["--identity", "key.txt"];
    await copied(project, "--store", "locked", "--to", "second", ...key);
    expect((await run(project, "verify", "--all", "--store", "second", ...key)).code).toBe(0);
  });
});
