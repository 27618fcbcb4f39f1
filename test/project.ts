import { spawn, type SpawnOptions } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { onTestFinished } from "vitest";
import { localDatabasePath } from "../src/config/local-file.ts";
import type { Report } from "../src/report/report.ts";

export const ROOT: string = resolve(import.meta.dirname, "..");
export const BIN: string = join(ROOT, "bin/d1ops.js");
export const WRANGLER_PROGRAM: string = join(ROOT, "node_modules/wrangler/bin/wrangler.js");
const DATABASE_ID = "11111111-2222-3333-4444-555555555555";

/** A Workers project in a temporary folder, which is removed when the test ends. */
export interface Project {
  readonly dir: string;
  /** The path of the local state file, which may not exist. */
  readonly file: string;
  write(path: string, text: string | Uint8Array): void;
  /** Opens the state file with plain SQLite. */
  open(): DatabaseSync;
}

export function makeProject(files: Readonly<Record<string, string>> = {}): Project {
  const dir = mkdtempSync(join(tmpdir(), "d1ops-test-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const file = localDatabasePath(join(dir, ".wrangler/state"), DATABASE_ID);
  const project: Project = {
    dir,
    file,
    write(path, text) {
      mkdirSync(dirname(join(dir, path)), { recursive: true });
      writeFileSync(join(dir, path), text);
    },
    open: () => new DatabaseSync(file, { timeout: 5000, enableDoubleQuotedStringLiterals: true }),
  };
  const config = {
    name: "shop",
    compatibility_date: "2025-06-01",
    d1_databases: [{ binding: "DB", database_name: "shop-db", database_id: DATABASE_ID }],
  };
  for (const [path, text] of Object.entries({
    "wrangler.jsonc": JSON.stringify(config),
    ...files,
  })) {
    project.write(path, text);
  }
  return project;
}

export interface Run {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The environment of a command that runs in this process. */
export interface Surroundings {
  readonly env?: NodeJS.ProcessEnv;
  /** The content of standard input. */
  readonly input?: string;
}

/**
 * Runs the command line in the test's own process, a tenth of the cost of a process. Where the process itself is the subject (signals,
 * terminals, descriptors, how it ends), use {@link d1opsBuilt}.
 */
export async function d1ops(
  project: Pick<Project, "dir">,
  args: readonly string[],
  surroundings: Surroundings = {},
): Promise<Run> {
  const { runHere } = await import("./run-here.ts");
  const env = surroundings.env ?? process.env;
  const ran = await runHere(args, project.dir, env, surroundings.input ?? "");
  await watch(args, project.dir, env, ran);
  return ran;
}

/** Runs the built program, as a user would. */
export function d1opsBuilt(
  project: Pick<Project, "dir">,
  args: readonly string[],
  options: SpawnOptions = {},
): Promise<Run> {
  return run(process.execPath, [BIN, ...args], project.dir, options);
}

/** Runs the real wrangler, without prompts and telemetry. */
export function wrangler(project: Pick<Project, "dir">, args: readonly string[]): Promise<Run> {
  return run(process.execPath, [WRANGLER_PROGRAM, ...args], project.dir, { env: wranglerEnv() });
}

export function wranglerEnv(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    CI: "1",
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_HIDE_BANNER: "true",
    WRANGLER_NO_SKILLS_UPDATE_PROMPTS: "true",
    NO_COLOR: "1",
    // wrangler is ten megabytes of JavaScript. With a compile cache, node compiles them once.
    NODE_COMPILE_CACHE: join(ROOT, "node_modules/.cache/d1ops/compiled"),
  };
}

/** Starts the built program and leaves it running. */
export function start(
  project: Pick<Project, "dir">,
  args: readonly string[],
): ReturnType<typeof spawn> {
  return spawn(process.execPath, [BIN, ...args], { cwd: project.dir, stdio: "ignore" });
}

export async function run(
  command: string,
  args: readonly string[],
  cwd: string,
  options: SpawnOptions,
): Promise<Run> {
  const ran = await spawned(command, args, cwd, options);
  const [script, ...rest] = args;
  if (script === BIN) await watch(rest, cwd, options.env ?? process.env, ran);
  return ran;
}

/** Checks the commands that the output suggests. */
async function watch(
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
  { stdout, stderr }: Run,
): Promise<void> {
  const { watchPrinted } = await import("./suggestions/watch.ts");
  await watchPrinted(`node ${BIN}`, args, cwd, env, [stdout, stderr]);
}

function spawned(
  command: string,
  args: readonly string[],
  cwd: string,
  options: SpawnOptions,
): Promise<Run> {
  const { promise, resolve: done, reject } = Promise.withResolvers<Run>();
  const child = spawn(command, args, { cwd, stdio: ["ignore", "pipe", "pipe"], ...options });
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  child.on("error", reject);
  child.on("close", (code, signal) => done({ code, signal, stdout, stderr }));
  return promise;
}

/** The run without its lines of progress. Without a terminal, d1ops prints one every five seconds, so only a slow machine has any. */
export function withoutProgress(ran: Run): Run {
  const line =
    /^.+ [\d,.]+(?:\/[\d,.]+)? (?:migrations|rows|tenants|files|MB|s)(?: \(\d+ %\))?(?:, .*)?\n/gm;
  return { ...ran, stderr: ran.stderr.replaceAll(line, "") };
}

/** The one JSON object of stdout. */
export function reportOf({ stdout, stderr }: Run): Report {
  try {
    return JSON.parse(stdout) as Report;
  } catch (error) {
    throw new Error(`no report on stdout: ${stdout}\nstderr: ${stderr}`, { cause: error });
  }
}

/** The one JSON object of stderr, besides lines of progress. */
export function errorOf(ran: Run): {
  code: string;
  message: string;
  hint: string;
  details: unknown;
} {
  const { error } = JSON.parse(withoutProgress(ran).stderr) as {
    error: { code: string; message: string; hint: string; details: unknown };
  };
  return error;
}

export function pad(n: number): string {
  return String(n).padStart(4, "0");
}
