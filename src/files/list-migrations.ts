/** @module Lists the migrations of a folder by wrangler's rules. */
import { readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { command, offer, shellPath } from "../report/command.ts";
import { OpsError } from "../report/error.ts";
import { compareNames } from "./order.ts";
import { readable } from "./read-text.ts";
import { count } from "../report/wording.ts";

const DRIZZLE = "*/migration.sql";

interface Matcher {
  readonly fits: (name: string) => boolean;
  /** True if a name inside the folder can match. */
  readonly mayContain: (folder: string) => boolean;
  /** False for a pattern that ends in `*` or `**`, which matches folders of every name. */
  readonly namesFiles: boolean;
}

/**
 * The migrations in the order in which they run, relative to `dir`, with forward slashes. `dir` and `pattern` are relative to
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
    { message: `No file in ${root} matches ${pattern}.`, hint: await hintFor(root, dir, inner) },
  );
}

/** True if {@link listMigrations} would list a file of this name (relative to `dir`). */
export async function wouldList(name: string, dir: string, pattern: string): Promise<boolean> {
  const inner = withoutFolder(pattern, dir);
  return inner !== null && (await matcherOf(inner)).fits(name);
}

async function hintFor(root: string, dir: string, inner: string | null): Promise<string> {
  const prefix = dir === "." ? "" : `${dir}/`;
  if (inner === null)
    return `Begin the pattern with the folder: "migrations_pattern": "${prefix}*.sql"`;
  const links = readable(root, () => readdirSync(root, { withFileTypes: true })).filter(
    (entry) => entry.isSymbolicLink() && entry.name.endsWith(".sql"),
  );
  if (links.length > 0) {
    return `The folder has ${count(links.length, "symbolic link")}, which wrangler and d1ops ignore. Set "migrations_dir" to the folder that contains the files, or copy them: cp -L`;
  }
  const drizzle = walk(root, { ...(await matcherOf(DRIZZLE)), namesFiles: false });
  return drizzle.length === 0
    ? offer("To create one", command("migrate new", "TITLE"))
    : `The folder has migrations of Drizzle. Set in the wrangler config: "migrations_dir": "${dir}", "migrations_pattern": "${prefix}${DRIZZLE}"`;
}

function refuseMissing(root: string): void {
  const found = readable(root, () => statSync(root, { throwIfNoEntry: false }));
  if (found?.isDirectory() === true) return;
  const why = found === undefined ? "does not exist" : "is not a folder";
  const message = `The migrations folder ${root} ${why}.`;
  const hint =
    found === undefined
      ? `If your migrations are in another folder, set "migrations_dir" in the wrangler config.\n${offer("To create the folder with a first migration", command("migrate new", "TITLE"))}`
      : 'Set "migrations_dir" in the wrangler config to the folder of the migrations.';
  throw new OpsError("MIGRATIONS_FOLDER_MISSING", { path: root }, { message, hint });
}

/** The pattern relative to `dir`. Null if it is for another folder. */
function withoutFolder(pattern: string, dir: string): string | null {
  if (dir === ".") return pattern;
  return pattern.startsWith(`${dir}/`) ? pattern.slice(dir.length + 1) : null;
}

async function matcherOf(pattern: string): Promise<Matcher> {
  if (pattern === "*.sql") {
    return {
      fits: (name) => name.endsWith(".sql") && !name.startsWith("."),
      mayContain: () => false,
      namesFiles: true,
    };
  }
  const { Minimatch } = await import("minimatch");
  const glob = new Minimatch(pattern, { dot: false });
  return {
    fits: (name) => glob.match(name),
    mayContain: (folder) => glob.match(folder, true),
    namesFiles: !/(^|\/)\*\*?$/.test(pattern),
  };
}

function walk(root: string, { fits, mayContain, namesFiles }: Matcher): string[] {
  const names: string[] = [];
  const open = [""];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    const path = join(root, folder);
    for (const entry of readable(path, () => readdirSync(path, { withFileTypes: true }))) {
      const name = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isFile() && fits(name)) names.push(name);
      if (entry.isFile() || entry.isSymbolicLink()) continue;
      if (namesFiles && fits(name)) {
        const kind = entry.isDirectory() ? "a folder" : "a named pipe, a socket or a device";
        throw notAFile(join(root, name), kind);
      }
      if (!entry.isDirectory()) continue;
      if (mayContain(name)) open.push(name);
    }
  }
  return names.sort(compareNames);
}

function notAFile(path: string, kind: string): OpsError {
  const message = `${path} has the name of a migration, but is ${kind}.`;
  const hint = offer("Rename or remove it", `mv ${shellPath(path)} ${shellPath(`${path}.d`)}`);
  return new OpsError("MIGRATION_NOT_A_FILE", { path }, { message, hint });
}
