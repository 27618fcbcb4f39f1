/**
 * Which files of a folder are migrations, by wrangler's rules.
 * @module
 */
import { readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { command, offer, shellPath } from "../report/command.ts";
import { OpsError } from "../report/error.ts";
import { compareNames } from "./order.ts";
import { reasonOf } from "./reason.ts";

const DRIZZLE = "*/migration.sql";

/** Says whether a name fits, and whether a folder of that name may hold names that fit. */
interface Matcher {
  readonly fits: (name: string) => boolean;
  readonly mayHold: (folder: string) => boolean;
  /** A pattern that ends in `*` or `**` fits folders of every name. */
  readonly namesFiles: boolean;
}

/**
 * Names relative to `dir`, forward slashes, in the order in which they run. `dir` and `pattern` are relative to
 * `projectPath` and normalised. As in wrangler, names that begin with a dot and symbolic links do not count.
 * @throws OpsError MIGRATIONS_FOLDER_MISSING, MIGRATIONS_NONE, MIGRATION_NOT_A_FILE, MIGRATION_UNREADABLE
 */
export async function listMigrations(
  projectPath: string,
  dir: string,
  pattern: string,
): Promise<string[]> {
  const root = resolve(projectPath, dir);
  refuseMissing(root);
  const inner = withoutFolder(pattern, dir);
  const names = inner === null ? [] : walk(root, await matcherOf(inner));
  if (names.length > 0) return names;
  throw new OpsError(
    "MIGRATIONS_NONE",
    { path: root, pattern },
    { message: `No file in ${root} fits ${pattern}.`, hint: await hintFor(root, dir, inner) },
  );
}

/** Whether {@link listMigrations} would find a file of this name (relative to `dir`). */
export async function wouldList(name: string, dir: string, pattern: string): Promise<boolean> {
  const inner = withoutFolder(pattern, dir);
  return inner !== null && (await matcherOf(inner)).fits(name);
}

async function hintFor(root: string, dir: string, inner: string | null): Promise<string> {
  const prefix = dir === "." ? "" : `${dir}/`;
  if (inner === null)
    return `Begin the pattern with the folder: "migrations_pattern": "${prefix}*.sql"`;
  const links = attempt(root, () => readdirSync(root, { withFileTypes: true })).filter(
    (entry) => entry.isSymbolicLink() && entry.name.endsWith(".sql"),
  );
  if (links.length > 0) {
    const what =
      links.length === 1
        ? `${links[0]?.name} is a symbolic link`
        : `${links.length} files are symbolic links`;
    return `${what}, and wrangler and d1ops pass over those. Set "migrations_dir" to the folder that they lead to, or copy the files: cp -L`;
  }
  const drizzle = walk(root, { ...(await matcherOf(DRIZZLE)), namesFiles: false });
  return drizzle.length === 0
    ? offer("To begin one", command("migrate new", "TITLE"))
    : `Drizzle keeps them so. Set in the wrangler config: "migrations_dir": "${dir}", "migrations_pattern": "${prefix}${DRIZZLE}"`;
}

function refuseMissing(root: string): void {
  const found = attempt(root, () => statSync(root, { throwIfNoEntry: false }));
  if (found?.isDirectory() === true) return;
  const why = found === undefined ? "does not exist" : "is not a folder";
  throw new OpsError(
    "MIGRATIONS_FOLDER_MISSING",
    { path: root },
    {
      message: `The migrations folder ${root} ${why}.`,
      hint:
        found === undefined
          ? `If yours are elsewhere, set "migrations_dir" in the wrangler config.\n${offer("To make it with a first migration", command("migrate new", "TITLE"))}`
          : 'Set "migrations_dir" in the wrangler config to the folder of the migrations.',
    },
  );
}

/** Null where the pattern is about another folder. */
function withoutFolder(pattern: string, dir: string): string | null {
  if (dir === ".") return pattern;
  return pattern.startsWith(`${dir}/`) ? pattern.slice(dir.length + 1) : null;
}

async function matcherOf(pattern: string): Promise<Matcher> {
  if (pattern === "*.sql") {
    return {
      fits: (name) => name.endsWith(".sql") && !name.startsWith("."),
      mayHold: () => false,
      namesFiles: true,
    };
  }
  const { Minimatch } = await import("minimatch");
  const glob = new Minimatch(pattern, { dot: false });
  return {
    fits: (name) => glob.match(name),
    mayHold: (folder) => glob.match(folder, true),
    namesFiles: !/(^|\/)\*\*?$/.test(pattern),
  };
}

function walk(root: string, { fits, mayHold, namesFiles }: Matcher): string[] {
  const names: string[] = [];
  const open = [""];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    const path = join(root, folder);
    for (const entry of attempt(path, () => readdirSync(path, { withFileTypes: true }))) {
      const name = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isFile() && fits(name)) names.push(name);
      if (entry.isFile() || entry.isSymbolicLink()) continue;
      if (namesFiles && fits(name)) throw notAFile(join(root, name), entry.isDirectory());
      if (!entry.isDirectory()) continue;
      if (mayHold(name)) open.push(name);
    }
  }
  return names.sort(compareNames);
}

/** Wrangler passes over a folder that it may not read; a migration that is not seen is worse than an error. */
function attempt<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    const reason = reasonOf(error);
    throw new OpsError(
      "MIGRATION_UNREADABLE",
      { path, reason },
      {
        message: `${path} cannot be read: ${reason}.`,
        hint: offer("Look at its rights", `ls -ld ${shellPath(path)}`),
      },
      { cause: error },
    );
  }
}

function notAFile(path: string, folder: boolean): OpsError {
  return new OpsError(
    "MIGRATION_NOT_A_FILE",
    { path },
    {
      message: `${path} is named like a migration, but it is ${folder ? "a folder" : "a named pipe, a socket or a device"}.`,
      hint: offer("Rename or remove it", `mv ${shellPath(path)} ${shellPath(`${path}.d`)}`),
    },
  );
}
