import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { snapshotList, snapshotTake } from "../../src/index.ts";
import {
  BIN,
  d1ops,
  d1opsBuilt,
  errorOf,
  type Project,
  reportOf,
  ROOT,
  type Run,
  withoutProgress,
} from "../project.ts";
import { newIdentity } from "../snapshots/identities.ts";
import {
  contentOf,
  damageByte,
  objectsOf,
  snapshotOf,
  snapshotShop,
  takeIn,
} from "./snapshot-shop.ts";

const HAS_AGE = spawnSync("age", ["--version"]).status === 0;

interface EncryptedShop {
  readonly project: Project;
  readonly recipient: string;
  /** Runs `d1ops snapshot …` with the identity. */
  readonly run: (...args: readonly string[]) => Promise<Run>;
}

/** The identity is in the file `key.txt` of the project, and the store has one snapshot. */
async function encryptedShop(): Promise<EncryptedShop> {
  const project = await snapshotShop();
  const { identity, recipient } = await newIdentity();
  project.write("key.txt", `# an identity\n${identity}\n`);
  await takeIn(project, "--files", "config/**", "--recipient", recipient);
  const run = async (...args: readonly string[]): Promise<Run> =>
    d1ops(project, ["snapshot", ...args, "--identity", "key.txt"]);
  return { project, recipient, run };
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
}

function withPassphrase(passphrase: string): { env: NodeJS.ProcessEnv } {
  return { env: { ...process.env, D1OPS_PASSPHRASE: passphrase } };
}

describe("an encrypted store", () => {
  test("takes, verifies and restores as a plain one does, with the built program", async () => {
    const project = await snapshotShop();
    const before = contentOf(project);
    const { identity, recipient } = await newIdentity();
    project.write("key.txt", `${identity}\n`);
    const built = async (...args: readonly string[]): Promise<Run> => {
      const ran = await d1opsBuilt(project, ["snapshot", ...args, "--json"]);
      expect(withoutProgress(ran)).toMatchObject({ code: 0, stderr: "" });
      return ran;
    };
    const first = reportOf(await built("take", "--files", "config/**", "--recipient", recipient));
    expect(first.data).toMatchObject({ encrypted: true });
    expect(first.findings.map(({ rule }) => rule)).toContain("store-encrypted");
    const db = project.open();
    db.exec("UPDATE users SET n = 0 WHERE id = 1000");
    db.close();
    const second = reportOf(await built("take", "--identity", "key.txt"));
    expect(second.data).toMatchObject({ encrypted: true, previous: snapshotOf(first.data)["id"] });
    expect(second.findings.map(({ rule }) => rule)).not.toContain("store-encrypted");
    expect(Number(second.data["addedBytes"])).toBeLessThan(Number(first.data["addedBytes"]) / 5);
    const verified = await built("verify", "--all", "--drill", "--identity", "key.txt");
    expect(reportOf(verified).data["snapshots"]).toMatchObject([
      { intact: true, drill: true },
      { intact: true, drill: true },
    ]);
    project.write("config/app.json", "edited");
    const flags = ["--local", "--confirm", "shop-db", "--identity", "key.txt"];
    const id = String(snapshotOf(first.data)["id"]);
    expect(reportOf(await built("restore", id, ...flags)).outcome).toBe("changed");
    expect(contentOf(project)).toEqual(before);
    expect(readFileSync(join(project.dir, "config/app.json"), "utf8")).toBe('{"a":1}\n');
    // The snapshot of the state before the restore is encrypted, too.
    const listed = reportOf(await built("list", "--identity", "key.txt"));
    expect(listed.data["snapshots"]).toHaveLength(3);
  });

  test("has no plain text in its bytes, and only its owner can read its files", async () => {
    const { project } = await encryptedShop();
    const store = join(project.dir, "backups");
    const files = filesIn(store);
    expect(files).toHaveLength(3);
    for (const file of files) {
      expect(statSync(file).mode & 0o777).toBe(0o600);
      const bytes = readFileSync(file);
      for (const plain of [
        "users",
        "by_name",
        "Nia 1",
        "red apples",
        "app.json",
        "config",
        "shop-db",
        "CREATE",
        "SELECT",
        "takenAt",
      ]) {
        expect(bytes.includes(plain)).toBe(false);
      }
    }
    for (const folder of ["", "keys", "packs", "snapshots"]) {
      expect(statSync(join(store, folder)).mode & 0o777).toBe(0o700);
    }
  });

  test.each([
    ["show", ["latest"]],
    ["verify", []],
    ["take", []],
    ["restore", ["latest", "--local"]],
  ])("%s requires the key, and names the way to unlock it", async (verb, args) => {
    const { project } = await encryptedShop();
    const before = filesIn(join(project.dir, "backups"));
    const run = await d1ops(project, ["snapshot", verb, ...args, "--json"]);
    expect(run.code).toBe(3);
    const { code, details, hint } = errorOf(run);
    expect(code).toBe("SNAPSHOT_LOCKED");
    expect(details).toEqual({ store: join(project.dir, "backups"), reason: "no key" });
    expect(hint).toContain(`snapshot ${verb}`);
    expect(hint).toContain("--identity FILE");
    expect(hint).not.toContain("D1OPS_PASSPHRASE");
    expect(filesIn(join(project.dir, "backups"))).toEqual(before);
  });

  test("list without the key says how many snapshots there are, and that they are locked", async () => {
    const { project, run } = await encryptedShop();
    const locked = reportOf(await d1ops(project, ["snapshot", "list", "--json"]));
    expect(locked).toMatchObject({ exitCode: 0, data: { snapshots: [], locked: 1 } });
    expect(locked.summary).toContain("1 snapshot in ");
    expect(locked.summary).toContain("locked");
    expect(locked.findings).toMatchObject([{ rule: "snapshot-locked", level: "warning" }]);
    const unlocked = reportOf(await run("list", "--json"));
    expect(unlocked.data).toMatchObject({ locked: 0, snapshots: [{ files: 2 }] });
  });

  test("is not opened by the identity of another recipient", async () => {
    const { project } = await encryptedShop();
    project.write("other.txt", `${(await newIdentity()).identity}\n`);
    for (const verb of ["list", "verify"]) {
      const run = await d1ops(project, ["snapshot", verb, "--identity", "other.txt", "--json"]);
      expect(run.code).toBe(3);
      expect(errorOf(run)).toMatchObject({
        code: "SNAPSHOT_LOCKED",
        details: { reason: "wrong key" },
        message: expect.stringContaining("other.txt") as string,
      });
    }
  });

  test("is opened by its passphrase, and not by another, which no output has", async () => {
    const project = await snapshotShop();
    const right = withPassphrase("correct horse");
    const taken = await d1ops(project, ["snapshot", "take", "--passphrase", "--json"], right);
    expect(reportOf(taken)).toMatchObject({ exitCode: 0, data: { encrypted: true } });
    const shown = await d1ops(project, ["snapshot", "show", "latest", "--json"], right);
    expect(shown.code).toBe(0);
    const wrong = await d1ops(
      project,
      ["snapshot", "show", "latest", "--json"],
      withPassphrase("Correct Horse"),
    );
    expect(wrong.code).toBe(3);
    expect(errorOf(wrong)).toMatchObject({
      code: "SNAPSHOT_LOCKED",
      message: expect.stringContaining("the passphrase in D1OPS_PASSPHRASE is wrong") as string,
      hint: expect.stringContaining("D1OPS_PASSPHRASE") as string,
    });
    for (const { stdout, stderr } of [taken, shown, wrong]) {
      expect(`${stdout}${stderr}`).not.toMatch(/correct horse/i);
    }
  });

  test("asks the caller for a passphrase, twice for a new store, and once to open it", async () => {
    const project = await snapshotShop();
    const asked: string[] = [];
    const answers = Array.from({ length: 3 }, () => "correct horse");
    const askPassphrase = async (question: string): Promise<string | null> => {
      asked.push(question);
      return answers.shift() ?? null;
    };
    const options = { cwd: project.dir, askPassphrase, variables: {} };
    expect(await snapshotTake({ ...options, passphrase: true })).toMatchObject({ exitCode: 0 });
    expect((await snapshotList(options)).data).toMatchObject({ locked: 0, snapshots: [{}] });
    expect(asked).toEqual([
      expect.stringContaining("New passphrase"),
      expect.stringContaining("again"),
      expect.stringContaining("Passphrase of the store"),
    ]);
    // Whoever does not answer has no key.
    expect((await snapshotList(options)).data).toMatchObject({ locked: 1, snapshots: [] });
  });

  test("is not created if the two passphrases differ, or none was given", async () => {
    const project = await snapshotShop();
    const answers = ["correct", "corect"];
    const askPassphrase = async (): Promise<string | null> => answers.shift() ?? null;
    const options = { cwd: project.dir, passphrase: true, askPassphrase, variables: {} };
    for (const message of ["differ", "none was given"]) {
      await expect(snapshotTake(options)).rejects.toMatchObject({
        code: "USAGE",
        message: expect.stringContaining(message) as string,
      });
    }
    expect(existsSync(join(project.dir, "backups"))).toBe(false);
  });

  test("is not created for a passphrase that is short enough to be guessed", async () => {
    const project = await snapshotShop();
    const typed = { askPassphrase: async () => "secret", variables: {} };
    const variable = { variables: { D1OPS_PASSPHRASE: "secret" } };
    for (const given of [typed, variable]) {
      const options = { cwd: project.dir, passphrase: true, ...given };
      await expect(snapshotTake(options)).rejects.toMatchObject({
        code: "USAGE",
        message: expect.stringContaining(
          "6 characters, and a new store needs at least 12",
        ) as string,
      });
    }
    expect(existsSync(join(project.dir, "backups"))).toBe(false);
  });

  test("gets no second key, and a plain store none at all", async () => {
    const { project, recipient, run } = await encryptedShop();
    const again = await d1ops(project, ["snapshot", "take", "--recipient", recipient, "--json"]);
    expect(again.code).toBe(2);
    expect(errorOf(again).message).toContain("has a key already");
    const [remark, ...lines] = errorOf(again).hint.split("\n");
    expect(remark).toBe("To take the snapshot, leave --recipient out, and pass --identity FILE.");
    expect(lines[0]).toBe("To add the recipient:");
    expect(lines[1]).toContain(` snapshot keys --recipient ${recipient} --identity FILE`);
    const keyed = errorOf(await run("take", "--recipient", recipient, "--json"));
    expect(keyed.hint).toContain("To take the snapshot, leave --recipient out.\n");
    expect(keyed.hint).toMatch(/snapshot keys .*--identity \S*key\S* /);
    await takeIn(project, "--store", "plain");
    const flags = ["--store", "plain", "--recipient", recipient, "--json"];
    const plain = await d1ops(project, ["snapshot", "take", ...flags]);
    expect(plain.code).toBe(2);
    expect(errorOf(plain)).toMatchObject({
      code: "USAGE",
      message: expect.stringContaining("not encrypted") as string,
      hint: expect.stringContaining("--store") as string,
    });
    expect(readdirSync(join(project.dir, "plain")).toSorted()).toEqual(["packs", "snapshots"]);
  });

  test("is never plain because a user who gives a key has mistyped the store", async () => {
    const { project, run } = await encryptedShop();
    const wrong = await run("take", "--store", "bakups", "--json");
    expect(wrong.code).toBe(2);
    expect(errorOf(wrong).hint).toContain("--recipient RECIPIENT");
    const variable = await d1ops(
      project,
      ["snapshot", "take", "--store", "bakups", "--json"],
      withPassphrase("correct horse"),
    );
    expect(variable.code).toBe(2);
    expect(errorOf(variable).hint).toContain("--passphrase");
    expect(existsSync(join(project.dir, "bakups"))).toBe(false);
  });

  test("gets no plain snapshot after its keys were lost, and names the lost folder", async () => {
    const { project } = await encryptedShop();
    rmSync(join(project.dir, "backups/keys"), { recursive: true });
    const before = filesIn(join(project.dir, "backups"));
    for (const verb of ["take", "list"]) {
      const run = await d1ops(project, ["snapshot", verb, "--json"]);
      expect(run.code).toBe(3);
      expect(errorOf(run)).toMatchObject({
        code: "SNAPSHOT_DAMAGED",
        details: { object: "keys" },
        message: expect.stringContaining("keys is missing") as string,
      });
    }
    expect(filesIn(join(project.dir, "backups"))).toEqual(before);
  });

  test("keeps its key when old snapshots are deleted", async () => {
    const { project, run } = await encryptedShop();
    const keys = objectsOf(project, "keys");
    expect((await run("take", "--files", "config/**")).code).toBe(0);
    // A prune keeps what is younger than a day.
    const old = new Date(Date.now() - 3 * 86_400_000);
    for (const file of filesIn(join(project.dir, "backups"))) utimesSync(file, old, old);
    expect((await run("prune", "--keep-last", "1", "--yes")).code).toBe(0);
    expect(objectsOf(project, "snapshots")).toHaveLength(1);
    expect(objectsOf(project, "keys")).toEqual(keys);
    expect((await run("verify", "--drill")).code).toBe(0);
  });

  test("is compared with the present", async () => {
    const { project, run } = await encryptedShop();
    expect((await run("diff")).code).toBe(0);
    const db = project.open();
    db.exec("UPDATE users SET n = 0 WHERE id = 7");
    db.close();
    const changed = await run("diff", "--values", "--json");
    expect(changed.code).toBe(1);
    expect(changed.stdout).toContain("49");
    expect((await d1ops(project, ["snapshot", "diff", "--json"])).code).toBe(3);
  });

  test("asks for its passphrase on a terminal, and does not show what is typed", async ({
    skip,
  }) => {
    skip(spawnSync("script", ["--version"]).status !== 0, "script is not installed");
    const project = await snapshotShop();
    const options = { cwd: project.dir, variables: { D1OPS_PASSPHRASE: "correct horse" } };
    await snapshotTake({ ...options, passphrase: true });
    const command = `"${process.execPath}" "${BIN}" snapshot list`;
    const env: NodeJS.ProcessEnv = { ...process.env, TERM: "xterm" };
    delete env["CI"];
    const child = spawn("script", ["-qec", command, "/dev/null"], { cwd: project.dir, env });
    let shown = "";
    let isTyped = false;
    child.stdout.on("data", (chunk: Buffer) => {
      shown += chunk.toString();
      if (isTyped || !shown.includes("Passphrase of the store")) return;
      isTyped = true;
      child.stdin.write("correct horse\r");
    });
    const { promise, resolve } = Promise.withResolvers<number | null>();
    child.on("close", resolve);
    expect(await promise).toBe(0);
    expect(shown).toContain("1 snapshot in");
    expect(shown).not.toContain("locked");
    expect(shown).not.toContain("horse");
  });

  test("can be read without d1ops, by the program in the page of the format", async ({ skip }) => {
    skip(!HAS_AGE, "age is not installed: apt-get install age");
    const { project } = await encryptedShop();
    const page = readFileSync(join(ROOT, "backups/README.md"), "utf8");
    project.write("read.mjs", /```js\n([\s\S]*?)```/.exec(page)?.[1] ?? "");
    const [key = ""] = objectsOf(project, "keys");
    const [manifest = ""] = objectsOf(project, "snapshots");
    const { stdout: input } = spawnSync("age", ["--decrypt", "-i", "key.txt", key], {
      cwd: project.dir,
    });
    const read = spawnSync(process.execPath, ["read.mjs", manifest], { cwd: project.dir, input });
    expect(JSON.parse(read.stdout.toString())).toMatchObject({
      format: 1,
      files: [{ path: "config/app.json" }, { path: "config/deep/b.txt" }],
    });
  });

  test("does not exist after a dry run", async () => {
    const project = await snapshotShop();
    const { recipient } = await newIdentity();
    const run = await d1ops(project, [
      "snapshot",
      "take",
      "-n",
      "--recipient",
      recipient,
      "--json",
    ]);
    expect(reportOf(run)).toMatchObject({ exitCode: 0, data: { encrypted: true } });
    expect(existsSync(join(project.dir, "backups"))).toBe(false);
  });

  test("can be repeated after a first take that failed", async () => {
    const project = await snapshotShop();
    const { recipient } = await newIdentity();
    // A file where the folder should be.
    project.write("backups/packs", "");
    const args = ["snapshot", "take", "--recipient", recipient, "--json"];
    expect((await d1ops(project, args)).code).toBe(3);
    rmSync(join(project.dir, "backups/packs"));
    expect((await d1ops(project, args)).code).toBe(0);
  });

  test("has a damaged copy of its key reported by verify, while another copy unlocks it", async () => {
    const project = await snapshotShop();
    const { identity, recipient } = await newIdentity();
    project.write("key.txt", `${identity}\n`);
    await d1ops(
      project,
      ["snapshot", "take", "--recipient", recipient, "--passphrase"],
      withPassphrase("correct horse"),
    );
    const copies = objectsOf(project, "keys");
    expect(copies).toHaveLength(2);
    const byPassphrase = copies.find((path) => readFileSync(path).includes("-> scrypt")) ?? "";
    damageByte(byPassphrase, 60);
    const verify = ["snapshot", "verify", "--identity", "key.txt", "--json"];
    const damaged = reportOf(await d1ops(project, verify));
    expect(damaged).toMatchObject({ exitCode: 1, outcome: "problems" });
    expect(damaged.findings.map(({ message }) => message).join("\n")).toContain(
      "a copy of the key",
    );
    const locked = await d1ops(
      project,
      ["snapshot", "verify", "--json"],
      withPassphrase("correct horse"),
    );
    expect(errorOf(locked).code).toBe("SNAPSHOT_DAMAGED");
    rmSync(byPassphrase);
    expect(reportOf(await d1ops(project, verify)).exitCode).toBe(0);
  });

  test("has a key that the program age opens", async ({ skip }) => {
    skip(!HAS_AGE, "age is not installed: apt-get install age");
    const { project } = await encryptedShop();
    const [path = ""] = objectsOf(project, "keys");
    const opened = spawnSync("age", ["--decrypt", "-i", "key.txt", path], { cwd: project.dir });
    expect(opened.stdout.toString()).toMatch(/^\{"format":1,"key":"[\da-f]{64}"\}\n$/);
  });
});
