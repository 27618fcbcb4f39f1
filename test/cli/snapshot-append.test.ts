import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { d1ops, errorOf, type Project, reportOf, ROOT, type Run } from "../project.ts";
import { newIdentity } from "../snapshots/identities.ts";
import { contentOf, objectsOf, snapshotOf, snapshotShop, takeIn } from "./snapshot-shop.ts";

const HAS_AGE = spawnSync("age", ["--version"]).status === 0;

interface Shop {
  readonly project: Project;
  /** Runs `d1ops snapshot …` with the identity of an owner. */
  readonly owner: (...args: readonly string[]) => Promise<Run>;
  /** The same with the append-only key alone. */
  readonly ci: (...args: readonly string[]) => Promise<Run>;
  readonly appendKey: string;
}

/** An encrypted store with one snapshot of an owner. */
async function shop(): Promise<Shop> {
  const project = await snapshotShop();
  const { identity, recipient } = await newIdentity();
  project.write("key.txt", `${identity}\n`);
  await takeIn(project, "--recipient", recipient);
  const owner = async (...args: readonly string[]): Promise<Run> =>
    d1ops(project, ["snapshot", ...args, "--identity", "key.txt", "--json"]);
  const printed = reportOf(await owner("keys", "--append-only"));
  const { appendKey } = printed.data;
  if (typeof appendKey !== "string") throw new Error("no key");
  const env = { ...process.env, D1OPS_APPEND_KEY: appendKey };
  const ci = async (...args: readonly string[]): Promise<Run> =>
    d1ops(project, ["snapshot", ...args, "--json"], { env });
  return { project, owner, ci, appendKey };
}

function age(project: Project): void {
  const at = new Date(Date.now() - 72 * 3_600_000);
  for (const folder of ["packs", "snapshots"]) {
    const path = join(project.dir, "backups", folder);
    for (const name of readdirSync(path)) utimesSync(join(path, name), at, at);
  }
}

describe("the append-only key", () => {
  test("adds a whole snapshot, which an owner lists, verifies with a drill and restores", async () => {
    const { project, owner, ci } = await shop();
    const before = contentOf(project);
    const taken = reportOf(await ci("take", "--files", "config/**", "--label", "ci"));
    expect(taken).toMatchObject({
      exitCode: 0,
      data: { encrypted: true, previous: null, snapshot: { appended: true } },
    });
    const id = String(snapshotOf(taken.data)["id"]);
    const list = reportOf(await owner("list"));
    expect(list.data["snapshots"]).toMatchObject([
      { id, appended: true, label: "ci" },
      { appended: false },
    ]);
    const verified = reportOf(await owner("verify", id, "--drill"));
    expect(verified).toMatchObject({
      exitCode: 0,
      data: { snapshots: [{ intact: true, drill: true }] },
      findings: [{ rule: "snapshot-appended", level: "warning" }],
    });
    const db = project.open();
    db.exec("DELETE FROM users");
    db.close();
    const restored = reportOf(await owner("restore", id, "--local", "--confirm", "shop-db"));
    expect(restored.outcome).toBe("changed");
    expect(restored.findings.map(({ rule }) => rule)).toContain("snapshot-appended");
    expect(contentOf(project)).toEqual(before);
  });

  test("reads no snapshot: list counts them, and the other commands are locked", async () => {
    const { project, ci } = await shop();
    await ci("take");
    expect(reportOf(await ci("list"))).toMatchObject({ data: { locked: 2, snapshots: [] } });
    for (const args of [
      ["show", "latest"],
      ["verify"],
      ["diff"],
      ["restore", "latest", "--local"],
      ["prune", "--keep-last", "1", "--yes"],
      ["keys", "--append-only"],
    ]) {
      const run = await ci(...args);
      expect(run.code).toBe(3);
      expect(errorOf(run)).toMatchObject({
        code: "SNAPSHOT_LOCKED",
        message: expect.stringContaining("can only add snapshots") as string,
      });
    }
    expect(objectsOf(project, "snapshots")).toHaveLength(2);
  });

  test("leaves no name or value of the database in the bytes of the store", async () => {
    const { project, ci } = await shop();
    await ci("take", "--files", "config/**");
    const objects = [...objectsOf(project, "packs"), ...objectsOf(project, "snapshots")];
    expect(objects).toHaveLength(4);
    for (const object of objects) {
      const bytes = readFileSync(object);
      for (const plain of ["users", "Nia 1", "red apples", "app.json", "shop-db", "CREATE"]) {
        expect(bytes.includes(plain)).toBe(false);
      }
    }
  });

  test("gives an owner no base: the next snapshot of an owner uses only data of owners again", async () => {
    const { owner, ci } = await shop();
    const [own] = [reportOf(await owner("list")).data["snapshots"]].flat();
    await ci("take");
    const next = reportOf(await owner("take"));
    expect([next.data["previous"]]).toEqual([(own as { id: string }).id]);
    expect(next.data["addedBytes"]).toBe(0);
  });

  test("makes no prune delete snapshots of an owner: they are groups of their own", async () => {
    const { project, owner, ci } = await shop();
    await ci("take");
    await ci("take");
    age(project);
    const pruned = reportOf(await owner("prune", "--keep-last", "1", "--yes"));
    // In the order of their hashes.
    const groups = [pruned.data["groups"]].flat();
    expect(groups).toHaveLength(2);
    expect(groups).toContainEqual(
      expect.objectContaining({ name: "shop-db (local)", removed: [] }),
    );
    expect(groups).toContainEqual(
      expect.objectContaining({
        name: "shop-db (local), added with the append-only key",
        removed: [expect.anything()],
      }),
    );
    expect((await owner("verify", "--all", "--drill")).code).toBe(0);
  });

  test("stores nothing in another store, in a plain one, or with a mistyped key, which no output has", async () => {
    const { project, appendKey, ci } = await shop();
    const { recipient } = await newIdentity();
    await takeIn(project, "--store", "other", "--recipient", recipient);
    await takeIn(project, "--store", "plain");
    for (const [store, code, message] of [
      ["other", "SNAPSHOT_LOCKED", "is not the one of the store"],
      ["plain", "USAGE", "is not encrypted, or does not exist"],
      ["missing", "USAGE", "is not encrypted, or does not exist"],
    ] as const) {
      const run = await ci("take", "--store", store);
      expect(errorOf(run)).toMatchObject({
        code,
        message: expect.stringContaining(message) as string,
      });
    }
    const env = { ...process.env, D1OPS_APPEND_KEY: appendKey.slice(0, -1) };
    const mistyped = await d1ops(project, ["snapshot", "take", "--json"], { env });
    expect(mistyped.code).toBe(2);
    expect(`${mistyped.stdout}${mistyped.stderr}`).not.toContain(appendKey.slice(20, 40));
    expect(objectsOf(project, "snapshots")).toHaveLength(1);
  });

  test("is weaker than an identity: with both, the snapshot is one of an owner", async () => {
    const { project, appendKey } = await shop();
    const env = { ...process.env, D1OPS_APPEND_KEY: appendKey };
    const flags = ["snapshot", "take", "--identity", "key.txt", "--json"];
    const taken = reportOf(await d1ops(project, flags, { env }));
    expect(taken.data).toMatchObject({ snapshot: { appended: false } });
  });

  test("adds a snapshot that can be read without d1ops, by the program in the page of the format", async ({
    skip,
  }) => {
    skip(!HAS_AGE, "age is not installed: apt-get install age");
    const { project, ci } = await shop();
    const owned = new Set(objectsOf(project, "snapshots"));
    await ci("take", "--files", "config/**");
    const page = readFileSync(join(ROOT, "backups/README.md"), "utf8");
    project.write("read.mjs", /```js\n([\s\S]*?)```/.exec(page)?.[1] ?? "");
    const [key = ""] = objectsOf(project, "keys");
    const manifest = objectsOf(project, "snapshots").find((one) => !owned.has(one)) ?? "";
    const { stdout: input } = spawnSync("age", ["--decrypt", "-i", "key.txt", key], {
      cwd: project.dir,
    });
    const read = spawnSync(process.execPath, ["read.mjs", manifest], { cwd: project.dir, input });
    expect(JSON.parse(read.stdout.toString())).toMatchObject({
      format: 1,
      files: [{ path: "config/app.json" }, { path: "config/deep/b.txt" }],
    });
  });
});

describe("snapshot keys", () => {
  test("adds a recipient, who can unlock all snapshots from then on", async () => {
    const { project, owner } = await shop();
    const late = await newIdentity();
    project.write("late.txt", `${late.identity}\n`);
    const flags = ["snapshot", "verify", "--identity", "late.txt", "--json"];
    expect((await d1ops(project, flags)).code).toBe(3);
    const added = reportOf(await owner("keys", "--recipient", late.recipient));
    expect(added).toMatchObject({ outcome: "changed", data: { added: [late.recipient] } });
    expect(added.data["keys"]).toMatchObject([{ kind: "recipients" }, { kind: "recipients" }]);
    expect((await d1ops(project, flags)).code).toBe(0);
    expect((await owner("verify")).code).toBe(0);
  });

  test("exits with 4 if it has added a recipient, and its report is lost", async () => {
    const { project, owner } = await shop();
    const { recipient } = await newIdentity();
    const run = await owner("keys", "--recipient", recipient, "--format", "junit=/dev/full");
    expect(run.code).toBe(4);
    expect(errorOf(run)).toMatchObject({ code: "REPORT_UNWRITTEN" });
    expect(objectsOf(project, "keys")).toHaveLength(2);
  });

  test("lists the ways to unlock a store without a key, and adds none", async () => {
    const { project } = await shop();
    const list = reportOf(await d1ops(project, ["snapshot", "keys", "--json"]));
    expect(list).toMatchObject({
      outcome: "ok",
      data: { keys: [{ kind: "recipients" }], added: [], appendKey: null },
    });
    const { recipient } = await newIdentity();
    const run = await d1ops(project, ["snapshot", "keys", "--recipient", recipient, "--json"]);
    expect(errorOf(run).code).toBe("SNAPSHOT_LOCKED");
    expect(objectsOf(project, "keys")).toHaveLength(1);
  });

  test("is what take suggests for a recipient of a store that has a key", async () => {
    const { project } = await shop();
    const { recipient } = await newIdentity();
    const run = await d1ops(project, ["snapshot", "take", "--recipient", recipient, "--json"]);
    expect(run.code).toBe(2);
    expect(errorOf(run).hint).toContain(`snapshot keys --recipient ${recipient} --identity FILE`);
  });

  test("fails for a plain store, and for a text that is no recipient", async () => {
    const { project, owner } = await shop();
    await takeIn(project, "--store", "plain");
    const plain = await d1ops(project, ["snapshot", "keys", "--store", "plain", "--json"]);
    expect(errorOf(plain)).toMatchObject({ code: "USAGE" });
    expect(errorOf(await owner("keys", "--recipient", "age1nonsense"))).toMatchObject({
      code: "USAGE",
    });
    expect(objectsOf(project, "keys")).toHaveLength(1);
  });
});
