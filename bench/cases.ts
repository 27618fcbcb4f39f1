/** @module Which contestants each case compares. */
import { type Command, d1ops, emptyNode, type Name, sqlite3, wrangler } from "./contestants.ts";
import { bulkFolder, type Folder, halves, historyFolder, schemaFolder } from "./folders.ts";
import { type Entry, peakMemory, type Result, run, type Trial } from "./measure.ts";
import { checkDatabase, makeProject, type Project } from "./project.ts";

export interface Case {
  readonly command: "migrate apply" | "migrate apply --remote" | "migrate status" | "--version";
  /** The number of files; null without a folder. */
  readonly migrations: number | null;
  readonly entries: readonly Entry[];
}

export type Measured = Omit<Case, "entries"> & { readonly results: readonly Result[] };

export interface Memory {
  readonly folder: string;
  readonly samplesBytes: readonly number[];
}

/** The runs of each contestant in a case; 0 leaves it out. */
export type Runs = Readonly<Record<Name, number>>;

/** The number of files of the long history. */
export const HISTORY = 215;

function folderOf(migrations: number): Folder {
  return migrations === HISTORY ? historyFolder(migrations) : schemaFolder(migrations);
}

/** An empty database and a folder. */
export function applyCase(migrations: number, runs: Runs): Case {
  const folder = folderOf(migrations);
  const entry = (
    name: Name,
    command: (project: Project) => Command,
    check: (project: Project) => void,
  ): Entry => ({
    name,
    runs: runs[name],
    prepare: () => trial(makeProject(folder), command, check),
  });
  const checkState = ({ stateFile }: Project): void =>
    checkDatabase(stateFile, folder, "with ledger");
  return {
    command: "migrate apply",
    migrations,
    entries: [
      entry("wrangler", () => wrangler("d1", "migrations", "apply", "DB", "--local"), checkState),
      entry("d1ops", () => d1ops("migrate", "apply", "--local"), checkState),
      entry(
        "sqlite3",
        ({ floorFile }) => sqlite3(floorFile),
        ({ floorFile }) => checkDatabase(floorFile, folder, "no ledger"),
      ),
    ],
  };
}

/** A folder whose first half is applied. */
export function statusCase(migrations: number, runs: Runs): Case {
  const folder = folderOf(migrations);
  const { applied, pending } = halves(folder);
  const entry = (name: Name, command: Command, check: (stdout: string) => void): Entry => ({
    name,
    runs: runs[name],
    prepare: async () =>
      trial(
        await halfApplied(folder, applied),
        () => command,
        (_, stdout) => check(stdout),
      ),
  });
  const says = (stdout: string, right: boolean): void => {
    if (!right)
      throw new Error(`not ${applied.length} applied and ${pending.length} pending:\n${stdout}`);
  };
  return {
    command: "migrate status",
    migrations,
    entries: [
      entry("wrangler", wrangler("d1", "migrations", "list", "DB", "--local"), (stdout) =>
        says(
          stdout,
          pending.every((name) => stdout.includes(name)) &&
            !applied.some((name) => stdout.includes(name)),
        ),
      ),
      entry("d1ops", d1ops("migrate", "status"), (stdout) =>
        says(stdout, stdout.includes(`${applied.length} applied, ${pending.length} pending`)),
      ),
      { ...entry("node", emptyNode(), () => {}), runs: migrations === HISTORY ? runs.node : 0 },
    ],
  };
}

export function versionCase(runs: Runs): Case {
  const nowhere = (): Project =>
    makeProject({ files: [], expected: { objects: [], tables: [], rows: 0 } });
  const version = (_: Project, stdout: string): void => {
    if (!/^\d+\.\d+\.\d+/.test(stdout)) throw new Error(`no version: ${stdout}`);
  };
  return {
    command: "--version",
    migrations: null,
    entries: [
      {
        name: "d1ops",
        runs: runs.d1ops,
        prepare: () => trial(nowhere(), () => d1ops("--version"), version),
      },
      { name: "node", runs: runs.node, prepare: () => trial(nowhere(), emptyNode, () => {}) },
    ],
  };
}

/** Measures the peak memory of d1ops alone. */
export async function memoryOfApply(runs: number): Promise<Memory[]> {
  const folders: [string, Folder][] = [
    ["200 migrations", schemaFolder(200)],
    ["bulk: 20,000 INSERT statements, 4 MB, in one file", bulkFolder(20_000)],
  ];
  const memory: Memory[] = [];
  for (const [name, folder] of folders) {
    const samplesBytes: number[] = [];
    while (samplesBytes.length < runs) {
      const one = trial(
        makeProject(folder),
        () => d1ops("migrate", "apply", "--local"),
        ({ stateFile }) => checkDatabase(stateFile, folder, "with ledger"),
      );
      samplesBytes.push(await peakMemory(one));
    }
    memory.push({ folder: name, samplesBytes });
  }
  return memory;
}

function trial(
  project: Project,
  command: (project: Project) => Command,
  check: (project: Project, stdout: string) => void,
): Trial {
  return {
    command: command(project),
    cwd: project.dir,
    check: (stdout) => check(project, stdout),
    remove: () => project.remove(),
  };
}

/** d1ops applies the first half; wrangler reads the same ledger. */
async function halfApplied(folder: Folder, applied: readonly string[]): Promise<Project> {
  const project = makeProject(folder);
  const last = applied.at(-1);
  if (last === undefined) return project;
  await run({
    command: d1ops("migrate", "apply", "--local", "--to", last),
    cwd: project.dir,
    check: () => {},
    remove: () => {},
  });
  return project;
}
