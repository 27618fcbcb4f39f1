import { once } from "node:events";
import { existsSync, readdirSync, rmSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  d1ops,
  d1opsBuilt,
  makeProject,
  type Project,
  reportOf,
  start,
  withoutProgress,
} from "../project.ts";
import { until } from "../until.ts";
import { newIdentity } from "../snapshots/identities.ts";
import { takeIn } from "./snapshot-shop.ts";

/** Enough incompressible bytes for two packs of 16 MB. */
const ROWS = 30_000;

function shop(): Project {
  const project = makeProject({ "config/app.json": "{}" });
  d1opsState(project);
  const db = project.open();
  db.exec(
    `PRAGMA journal_mode = WAL; CREATE TABLE t(id INTEGER PRIMARY KEY, v);
     WITH RECURSIVE k(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM k WHERE i < ${ROWS}) INSERT INTO t SELECT i, randomblob(700) FROM k`,
  );
  db.close();
  return project;
}

function d1opsState(project: Project): void {
  project.write(project.file.slice(project.dir.length + 1), "");
}

function filesIn(project: Project, folder: string): string[] {
  const path = join(project.dir, "backups", folder);
  return existsSync(path) ? readdirSync(path) : [];
}

/** Starts a command and kills it as soon as `reached`. Returns whether the signal ended it. */
async function killWhen(
  project: Project,
  args: readonly string[],
  reached: () => boolean,
): Promise<boolean> {
  const child = start(project, args);
  const ended = once(child, "exit");
  await until(() => child.exitCode !== null || reached());
  child.kill("SIGKILL");
  const [code, signal] = await ended;
  // A run that ended before the signal succeeded.
  expect(signal ?? code).toSatisfy((end) => end === "SIGKILL" || end === 0);
  return signal === "SIGKILL";
}

async function expectIntact(project: Project): Promise<void> {
  const verified = await d1ops(project, ["snapshot", "verify", "--all", "--json"]);
  expect(withoutProgress(verified)).toMatchObject({ code: 0, stderr: "" });
}

/** Kills each command as often, at other points of its work each time. `timeout`: milliseconds for each test. */
export function killSnapshots(kills: number, timeout: number): void {
  describe("a killed snapshot command", () => {
    test(
      `a first take of an encrypted store leaves a store that the next take can use, after each of ${kills} kills`,
      { timeout },
      async () => {
        const project = shop();
        const { identity, recipient } = await newIdentity();
        project.write("key.txt", `${identity}\n`);
        let landed = 0;
        for (let kill = 0; kill < kills; kill += 1) {
          const store = `store-${kill}`;
          const has = (folder: string, objects: number): boolean => {
            const path = join(project.dir, store, folder);
            return existsSync(path) && readdirSync(path).length >= objects;
          };
          // Every fourth kill is between the key and the manifest.
          const reached = (): boolean => (kill % 4 === 3 ? has("keys", 0) : has("packs", kill % 4));
          const first = ["snapshot", "take", "--store", store, "--recipient", recipient];
          landed += (await killWhen(project, first, reached)) ? 1 : 0;
          const unlock = ["--store", store, "--identity", "key.txt"];
          // A draft that the killed process left is no key.
          const isEncrypted =
            has("keys", 0) &&
            readdirSync(join(project.dir, store, "keys")).some((name) =>
              /^[\da-f]{64}$/.test(name),
            );
          const again = isEncrypted ? ["snapshot", "take", ...unlock] : first;
          expect((await d1opsBuilt(project, again)).code).toBe(0);
          const verified = await d1opsBuilt(project, ["snapshot", "verify", "--all", ...unlock]);
          expect(verified.code).toBe(0);
          rmSync(join(project.dir, store), { recursive: true });
        }
        expect(landed).toBeGreaterThan(0);
      },
    );

    test(
      `take leaves whole snapshots only after each of ${kills} kills, and the next one succeeds`,
      { timeout },
      async () => {
        const project = shop();
        // `verify --all` fails for a store without snapshots, which an early kill would leave.
        await takeIn(project);
        let landed = 0;
        for (let kill = 0; kill < kills; kill += 1) {
          // 0: it has created the folder; 1 and more: it has written so many packs.
          const packs = filesIn(project, "packs").length + (kill % 3);
          const reached = (): boolean =>
            existsSync(join(project.dir, "backups/packs")) &&
            filesIn(project, "packs").length >= packs;
          landed += (await killWhen(project, ["snapshot", "take"], reached)) ? 1 : 0;
          await expectIntact(project);
          const db = project.open();
          db.exec(`UPDATE t SET v = randomblob(700) WHERE id % 7 = ${kill % 7}`);
          db.close();
        }
        expect(landed).toBeGreaterThan(kills / 2);
        const id = await takeIn(project);
        const drill = await d1ops(project, ["snapshot", "verify", id, "--drill", "--json"]);
        expect(reportOf(drill)).toMatchObject({ exitCode: 0 });
      },
    );

    test("take ends with 130 after Ctrl-C, and leaves no snapshot", { timeout }, async () => {
      const project = shop();
      const child = start(project, ["snapshot", "take"]);
      const ended = once(child, "exit");
      await until(() => child.exitCode !== null || filesIn(project, "packs").length > 0);
      child.kill("SIGINT");
      expect(await ended).toEqual([130, null]);
      expect(filesIn(project, "snapshots")).toEqual([]);
    });

    test(
      `restore leaves the old or the new database after each of ${kills} kills, and the next one completes`,
      { timeout },
      async () => {
        const project = shop();
        await takeIn(project, "--files", "config/**");
        const RESTORE = [
          "snapshot",
          "restore",
          "latest",
          "--local",
          "--confirm",
          "shop-db",
          "--without-backup",
        ];
        const log = (): number =>
          statSync(`${project.file}-wal`, { throwIfNoEntry: false })?.size ?? 0;
        let landed = 0;
        for (let kill = 0; kill < kills; kill += 1) {
          const db = project.open();
          db.exec(`DELETE FROM t WHERE id % 2 = 0; PRAGMA wal_checkpoint(TRUNCATE)`);
          db.close();
          project.write("config/app.json", "edited");
          const size = (kill / kills) * statSync(project.file).size;
          landed += (await killWhen(project, RESTORE, () => log() > size)) ? 1 : 0;
          expect([ROWS / 2, ROWS]).toContain(rowsOf(project));
          expect((await d1opsBuilt(project, RESTORE)).code).toBe(0);
          expect(rowsOf(project)).toBe(ROWS);
          const again = await d1ops(project, [...RESTORE, "--json"]);
          expect(reportOf(again)).toMatchObject({ outcome: "ok", steps: [] });
        }
        expect(landed).toBeGreaterThan(kills / 2);
      },
    );

    test(
      `prune leaves every snapshot whole or gone after each of ${kills} kills, and the next one completes`,
      { timeout },
      async () => {
        const project = makeProject({});
        const PRUNE = ["snapshot", "prune", "--keep-last", "2", "--yes"];
        let landed = 0;
        for (let kill = 0; kill < kills; kill += 1) {
          await refill(project);
          const objects = (): number =>
            filesIn(project, "packs").length + filesIn(project, "snapshots").length;
          // It deletes 18 manifests, then at least 18 packs.
          const left = objects() - 1 - Math.floor((kill / kills) * 36);
          landed += (await killWhen(project, PRUNE, () => objects() <= left)) ? 1 : 0;
          await expectIntact(project);
          // A prune keeps what was proven within the last 24 hours.
          dateBack(project, "proofs");
          expect((await d1opsBuilt(project, PRUNE)).code).toBe(0);
          expect(filesIn(project, "snapshots")).toHaveLength(2);
          expect(filesIn(project, "packs")).toHaveLength(2);
        }
        expect(landed).toBeGreaterThan(kills / 2);
      },
    );
  });
}

/** Takes snapshots of a changing file until there are 20, and dates everything two days back. */
async function refill(project: Project): Promise<void> {
  while (filesIn(project, "snapshots").length < 20) {
    project.write("config/app.json", `${filesIn(project, "packs").length} ${Math.random()}`);
    await takeIn(project, "--without-database", "--files", "config/**");
  }
  dateBack(project, "packs", "snapshots");
}

function dateBack(project: Project, ...folders: readonly string[]): void {
  const at = new Date(Date.now() - 48 * 3_600_000);
  for (const folder of folders) {
    for (const name of filesIn(project, folder)) {
      utimesSync(join(project.dir, "backups", folder, name), at, at);
    }
  }
}

function rowsOf(project: Project): unknown {
  const db = project.open();
  try {
    expect(db.prepare("PRAGMA quick_check").all()).toEqual([{ quick_check: "ok" }]);
    return db.prepare("SELECT count(*) AS n FROM t").get()?.["n"];
  } finally {
    db.close();
  }
}
