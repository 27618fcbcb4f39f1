/** @module The contestants and their command lines. */
import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT: string = resolve(import.meta.dirname, "..");
const D1OPS = join(ROOT, "bin/d1ops.js");
const SQLITE3 = "sqlite3";
const WRANGLER = join(ROOT, "node_modules/wrangler/bin/wrangler.js");

export type Name = "d1ops" | "wrangler" | "sqlite3" | "node" | "bare";

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** No prompts, no telemetry, no colours. */
const ENV: NodeJS.ProcessEnv = {
  ...process.env,
  CI: "1",
  NO_COLOR: "1",
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_HIDE_BANNER: "true",
  WRANGLER_NO_SKILLS_UPDATE_PROMPTS: "true",
};

export function d1ops(...args: readonly string[]): Command {
  return { file: process.execPath, args: [D1OPS, ...args], env: ENV };
}

export function wrangler(...args: readonly string[]): Command {
  return { file: process.execPath, args: [WRANGLER, ...args], env: ENV };
}

/** The floor: `floor.sql` of the project, in one process, into a new file. */
export function sqlite3(database: string): Command {
  return {
    file: SQLITE3,
    args: ["-batch", "-bail", "-init", "/dev/null", database, ".read floor.sql"],
    env: ENV,
  };
}

/** The floor of a remote apply: bare requests. */
export function bare(databaseId: string): Command {
  const script = new URL("./bare.js", import.meta.url);
  return { file: process.execPath, args: [fileURLToPath(script), databaseId], env: ENV };
}

/** The backfill that a user would write, row by row through wrangler's binding. It runs in the project's folder. */
export function loop(rows: number): Command {
  const script = new URL("./loop.js", import.meta.url);
  const env = { ...ENV, CLOUDFLARE_CF_FETCH_ENABLED: "false" };
  return { file: process.execPath, args: [fileURLToPath(script), String(rows)], env };
}

/** A line of bash, with the arguments as `$1`, `$2` and so on. A part of a pipeline that fails is a failure. */
export function shell(line: string, ...args: readonly string[]): Command {
  return { file: "bash", args: ["-o", "pipefail", "-c", line, "bash", ...args], env: ENV };
}

/** Without its cache of other repositories, in the user's folder. */
export function restic(repository: string, ...args: readonly string[]): Command {
  const env = { ...ENV, RESTIC_PASSWORD: "a password of the benchmark" };
  return { file: "restic", args: ["--no-cache", "--quiet", "--repo", repository, ...args], env };
}

/** The same command with other variables, and without the Cloudflare login and proxy of this environment. */
export function withVariables(
  command: Command,
  variables: Readonly<Record<string, string>>,
): Command {
  const own = Object.entries(ENV).filter(
    ([name]) => !/^(?:CLOUDFLARE|CF)_|^(?:https?|all)_proxy$/i.test(name),
  );
  return { ...command, env: { ...Object.fromEntries(own), ...variables } };
}

/** The start of node itself. */
export function emptyNode(): Command {
  return { file: process.execPath, args: ["-e", "0"], env: ENV };
}

/** Null if it is not installed. */
export function sqlite3Version(): string | null {
  return versionOf(SQLITE3, "--version");
}

/** Null if it is not installed. */
export function zstdVersion(): string | null {
  return versionOf("zstd", "--version");
}

/** Null if it is not installed. */
export function resticVersion(): string | null {
  return versionOf("restic", "version");
}

/** The first number with points in what the program prints. */
function versionOf(program: string, flag: string): string | null {
  const { status, stdout } = spawnSync(program, [flag], { encoding: "utf8" });
  return status === 0 ? (/\d+(?:\.\d+)+/.exec(stdout)?.[0] ?? null) : null;
}
