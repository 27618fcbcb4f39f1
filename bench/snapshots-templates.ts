/** @module What every sample of the snapshots starts from: the database, its changes, and a first copy by each contestant that keeps several. */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { d1ops, restic, resticVersion, shell, sqlite3Version, zstdVersion } from "./contestants.ts";
import { run } from "./measure.ts";
import { makeProject, type Project } from "./project.ts";
import {
  CHANGES,
  type Change,
  change,
  countRows,
  generate,
  type Size,
} from "./snapshots-database.ts";

export type State = "base" | Change;

export interface Templates {
  readonly size: Size;
  readonly has: { readonly dump: boolean; readonly sqlite3: boolean; readonly restic: boolean };
  readonly databases: Readonly<Record<State, string>>;
  readonly rows: Readonly<Record<State, number>>;
  /** A store of d1ops with a snapshot of `base`. */
  readonly store: string;
  /** `base`, as `.dump | zstd -3`. */
  readonly dump: string;
  /** A repository of restic without a snapshot, and one with `base`. */
  readonly repositories: { readonly empty: string; readonly base: string };
  readonly remove: () => void;
}

export const DUMP = `sqlite3 -batch -init /dev/null "$1" .dump | zstd -q -3 -o "$2"`;

/** Created once, and copied for every sample. This also fills the page cache and the compile cache. */
export async function makeTemplates(size: Size): Promise<Templates> {
  const dir = mkdtempSync(join(tmpdir(), "d1ops-bench-snapshots-"));
  const database = (state: State): string => join(dir, `${state}.sqlite`);
  generate(database("base"), size);
  for (const what of CHANGES) {
    copyFileSync(database("base"), database(what));
    change(database(what), what, size);
  }
  const templates: Templates = {
    size,
    has: {
      dump: sqlite3Version() !== null && zstdVersion() !== null,
      sqlite3: sqlite3Version() !== null,
      restic: resticVersion() !== null,
    },
    databases: each(database),
    rows: each((state) => countRows(database(state))),
    store: join(dir, "store"),
    dump: join(dir, "base.sql.zst"),
    repositories: { empty: join(dir, "restic-empty"), base: join(dir, "restic-base") },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
  await firstCopies(templates, dir);
  return templates;
}

function each<T>(make: (state: State) => T): Record<State, T> {
  return {
    base: make("base"),
    random: make("random"),
    recent: make("recent"),
    deleted: make("deleted"),
    column: make("column"),
  };
}

async function firstCopies(templates: Templates, dir: string): Promise<void> {
  const { databases, has, store, dump, repositories } = templates;
  const project = projectWith(templates, "base", null);
  await run({
    command: d1ops("snapshot", "take", "--local"),
    cwd: project.dir,
    check: () => copyFolder(join(project.dir, "backups"), store),
    remove: project.remove,
  });
  const plain = { cwd: dir, check: () => {}, remove: () => {} };
  if (has.dump) await run({ ...plain, command: shell(DUMP, databases.base, dump) });
  if (has.restic) {
    await run({ ...plain, command: restic(repositories.empty, "init") });
    copyFolder(repositories.empty, repositories.base);
    await run({ ...plain, command: restic(repositories.base, "backup", databases.base) });
  }
}

/** A project whose local database is in this state, with a store, unless it is null. */
export function projectWith(
  { databases }: Pick<Templates, "databases">,
  state: State,
  store: string | null,
): Project {
  const project = makeProject({ files: [], expected: { objects: [], tables: [], rows: 0 } });
  copyFileSync(databases[state], project.stateFile);
  if (store !== null) copyFolder(store, join(project.dir, "backups"));
  return project;
}

/** With its modes, because d1ops keeps its store private. */
export function copyFolder(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  const { status, stderr } = spawnSync("cp", ["-a", `${from}/.`, to], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${from} was not copied: ${stderr}`);
}

/** The bytes of all files of a folder, or of one file. */
export function bytesOf(path: string): number {
  const own = statSync(path);
  if (!own.isDirectory()) return own.size;
  return readdirSync(path).reduce((sum, name) => sum + bytesOf(join(path, name)), 0);
}
