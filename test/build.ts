/**
 * Builds `dist` before the tests if the sources have changed, because tests of the command line run the built program. vitest
 * calls `setup` once for each project of vitest.config.ts.
 * @module
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { TestProject } from "vitest/node";

const ROOT = resolve(import.meta.dirname, "..");

/** What `npm run build` reads. */
const SOURCES = ["src", "build", "package.json", "package-lock.json", "tsconfig.json"] as const;

/** Long enough for another process to finish its build on a slow machine. */
const WAIT_MS = 600_000;

export default function setup(project: TestProject): void {
  ensureBuilt(ROOT);
  // In watch mode.
  project.onTestsRerun(() => {
    ensureBuilt(ROOT);
  });
}

/**
 * Runs `npm run build` in `root` unless `dist` is current. "Current" is decided by content, not by times: a checkout can bring back old
 * files with new times. Of several processes, one builds and the others wait.
 * @returns whether it built
 */
export function ensureBuilt(root: string): boolean {
  // Outside of `dist`, which is packed. A lock of SQLite's ends with its process, however that ends.
  const cache = join(root, "node_modules/.cache/d1ops");
  mkdirSync(cache, { recursive: true });
  using db = new DatabaseSync(join(cache, "build.sqlite"), { timeout: WAIT_MS });
  db.exec(
    "BEGIN IMMEDIATE; CREATE TABLE IF NOT EXISTS built(one PRIMARY KEY CHECK (one = 1), state)",
  );
  const state = (): string => `${digest(root, SOURCES)} made ${digest(root, ["dist"])}`;
  if (db.prepare("SELECT state FROM built").get()?.["state"] === state()) return false;
  execFileSync("npm", ["run", "--silent", "build"], { cwd: root, stdio: "inherit" });
  db.prepare("INSERT OR REPLACE INTO built VALUES (1, ?)").run(state());
  db.exec("COMMIT");
  return true;
}

function digest(root: string, paths: readonly string[]): string {
  const hash = createHash("sha256");
  for (const path of paths.flatMap((one) => filesOf(root, one))) {
    const bytes = readFileSync(join(root, path));
    hash.update(`${path}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest("hex");
}

/** The file itself, or all files below the folder, sorted. */
function filesOf(root: string, path: string): string[] {
  const stats = statSync(join(root, path), { throwIfNoEntry: false });
  if (stats === undefined) return [];
  if (stats.isFile()) return [path];
  return readdirSync(join(root, path), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();
}
