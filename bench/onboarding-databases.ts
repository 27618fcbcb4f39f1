/** @module Databases to onboard into: an empty one with the migrations of this repository, and ones that `onboard run` has filled. */
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { d1ops } from "./contestants.ts";
import type { Folder } from "./folders.ts";
import { run, type Trial } from "./measure.ts";
import { makeProject, type Project, SHOP } from "./project.ts";
import { requireTenants, generateTenants, STATE_SQL } from "./tenants.ts";

const MIGRATIONS = resolve(import.meta.dirname, "../migrations");

export const FILE = "tenants.jsonl";

export interface Databases {
  readonly empty: string;
  /** By the number of tenants in them. */
  readonly filled: ReadonlyMap<number, string>;
  readonly remove: () => void;
}

/** Created once, and copied for every sample. This also fills the page cache and the compile cache. */
export async function makeDatabases(sizes: readonly number[]): Promise<Databases> {
  const dir = mkdtempSync(join(tmpdir(), "d1ops-bench-onboarding-"));
  const empty = join(dir, "empty.sqlite");
  const project = makeProject(NOTHING, { ...SHOP, migrationsDir: MIGRATIONS });
  await run({
    command: d1ops("migrate", "apply", "--local"),
    cwd: project.dir,
    check: () => copyFileSync(project.stateFile, empty),
    remove: project.remove,
  });
  const filled = new Map<number, string>();
  for (const size of sizes) {
    const file = join(dir, `filled-${size}.sqlite`);
    const one = onboardTrial(makeTenants(size, empty), size, "onboarded");
    await run({ ...one, remove: () => one.keep(file) });
    filled.set(size, file);
  }
  return { empty, filled, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

/** All migrations as one text. */
export function migrationsSql(): string {
  const names = readdirSync(MIGRATIONS).filter((name) => name.endsWith(".sql"));
  return names
    .toSorted()
    .map((name) => readFileSync(join(MIGRATIONS, name), "utf8"))
    .join("\n");
}

const NOTHING: Folder = { files: [], expected: { objects: [], tables: [], rows: 0 } };

/** A project with a file of tenants. Its local database is a copy of the template, if there is one. */
export function makeTenants(
  count: number,
  template: string | null,
  database?: Parameters<typeof makeProject>[1],
): Project {
  const project = makeProject(NOTHING, database);
  const lines = generateTenants(count).map((tenant) => `${JSON.stringify(tenant)}\n`);
  writeFileSync(join(project.dir, FILE), lines.join(""));
  if (template !== null) copyFileSync(template, project.stateFile);
  return project;
}

/** `onboard run --local`. `keep` moves the resulting database to a file. */
export function onboardTrial(
  { dir, stateFile, remove }: Project,
  count: number,
  state: "onboarded" | "already",
): Trial & { readonly keep: (file: string) => void } {
  return {
    command: d1ops("onboard", "run", FILE, "--local"),
    cwd: dir,
    check(stdout) {
      requireOutput(stdout, count, state);
      checkTenants(stateFile, count);
    },
    remove,
    keep(file) {
      copyFileSync(stateFile, file);
      remove();
    },
  };
}

export function requireOutput(stdout: string, count: number, state: "onboarded" | "already"): void {
  const said = `${count.toLocaleString("en")} ${state}`;
  if (!stdout.includes(said)) throw new Error(`does not say ${said}:\n${stdout.slice(-500)}`);
}

export function checkTenants(file: string, count: number): void {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    requireTenants(Object.values(db.prepare(STATE_SQL).get() ?? {})[0], count);
  } finally {
    db.close();
  }
}
