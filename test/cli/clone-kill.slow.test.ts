import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { zstdDecompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { BIN, type Project } from "../project.ts";
import { until } from "../until.ts";
import { cloneShop, filesBelow, openFile } from "./clone-shop.ts";

const KILLS = Number(process.env["D1OPS_TEST_KILLS"] ?? 6);

/** Each original has one of them. */
const PARTS = ["corp-mail", "+4477009", "Testaburg", "zebrafish", "quagmires", "078-05-"];

const CLONE = ["clone", "file:prod.sqlite", "file:copy.sqlite", "--mask", "masks.jsonc"];
const CONFIRMED = [...CLONE, "--confirm", "copy.sqlite", "--without-backup"];

/** A pack is several frames of zstd. */
function contentOf(path: string): string {
  const bytes = readFileSync(path);
  const isPack = path.includes("/packs/");
  return (isPack ? zstdDecompressSync(bytes) : bytes).toString("latin1");
}

function start(project: Project, temporary: string): ReturnType<typeof spawn> {
  const env = { ...process.env, TMPDIR: temporary };
  return spawn(process.execPath, [BIN, ...CONFIRMED], { cwd: project.dir, env, stdio: "ignore" });
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

test(
  `a clone leaves the old or the new file, and no original on the disk, after each of ${KILLS} kills`,
  { timeout: 300_000 },
  async () => {
    const project = cloneShop();
    const grow = openFile(project, "prod.sqlite");
    grow.exec(
      "WITH RECURSIVE k(i) AS (VALUES (1000) UNION ALL SELECT i + 1 FROM k WHERE i < 9000) INSERT INTO users(id, email, bio) SELECT i, 'Nia.'||i||'@corp-mail.test', hex(randomblob(200)) FROM k",
    );
    grow.close();
    let landed = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      const temporary = join(project.dir, `temporary-${kill}`);
      mkdirSync(temporary);
      rmSync(join(project.dir, "copy.sqlite"), { force: true });
      const old = openFile(project, "copy.sqlite");
      old.exec("PRAGMA journal_mode = WAL; CREATE TABLE old(x); INSERT INTO old VALUES (1)");
      old.close();
      const child = start(project, temporary);
      const ended = once(child, "exit");
      const built = (): number =>
        filesBelow(temporary)
          .filter((path) => path.endsWith("copy.sqlite"))
          .reduce((sum, path) => sum + sizeOf(path), 0);
      // From the first temporary file to the replacement of the old one.
      const reached = (): boolean =>
        kill % 3 === 0
          ? filesBelow(temporary).length > kill
          : kill % 3 === 1
            ? built() > 200_000 * kill
            : sizeOf(join(project.dir, "copy.sqlite-wal")) > 50_000 * kill;
      await until(() => child.exitCode !== null || reached());
      child.kill("SIGKILL");
      const [, signal] = await ended;
      landed += signal === "SIGKILL" ? 1 : 0;
      const files = [
        ...filesBelow(temporary),
        ...filesBelow(project.dir).filter((path) => /copy\.sqlite(-wal|-shm)?$/.test(path)),
      ];
      for (const path of files) {
        const content = contentOf(path);
        expect(PARTS.filter((part) => content.includes(part))).toEqual([]);
      }
      const after = openFile(project, "copy.sqlite");
      const tables = after.prepare("SELECT name FROM sqlite_schema WHERE name IN ('old', 'users')");
      expect(tables.all()).toHaveLength(1);
      after.close();
    }
    expect(landed).toBeGreaterThan(KILLS / 2);
    const last = start(project, project.dir);
    const [code] = await once(last, "exit");
    expect(code).toBe(0);
    const copy = openFile(project, "copy.sqlite");
    expect(copy.prepare("SELECT count(*) AS n FROM users").get()).toEqual({ n: 8_301 });
    copy.close();
  },
);
