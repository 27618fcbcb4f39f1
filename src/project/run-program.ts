/**
 * Runs the JavaScript of a backfill in this process. A program cannot end the process, write to stdout, or run without a time limit.
 * Everything that a program starts, timers too, has its file in the async context. So d1ops knows the program of a later error.
 * @module
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { syncBuiltinESMExports } from "node:module";
import { resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import { type Backfill, invalid } from "../backfills/backfill.ts";
import { textOfThrown } from "../backfills/thrown.ts";
import type { ProjectSettings } from "../config/wrangler-settings.ts";
import type { OpsError } from "../report/error.ts";

/** The file of a backfill. Node loads it once per process. */
interface Program {
  /** Relative to the project. */
  readonly file: string;
  /** Of the text that node loaded. */
  readonly checksum: string;
  readonly uncaught: unknown[];
  readonly onUncaught: Set<() => void>;
}

/** The program whose code runs. Made for the first program, because every command loads this file. */
let inside: AsyncLocalStorage<Program> | null = null;
const programs = new Map<string, Program>();

/** True after a program was loaded. It may have left a timer or a connection open. */
export function hasPrograms(): boolean {
  return programs.size > 0;
}

/** Waits until node has reported what the programs have left uncaught so far. Without a program, it only calls `breathe`. */
export async function untilReported(breathe: () => Promise<void>): Promise<void> {
  await (hasPrograms() ? setImmediate() : breathe());
}

/** The program of a file. The first call guards the process. */
export function programOf(
  path: string,
  { file, checksum }: Pick<Program, "file" | "checksum">,
): Program {
  if (programs.size === 0) guardProcess();
  const program = programs.get(path) ?? { file, checksum, uncaught: [], onUncaught: new Set() };
  programs.set(path, program);
  return program;
}

/** Calls a function of the program. d1ops then attributes its errors to the program, even late ones. */
export function runInside<T>(program: Program, action: () => T): T {
  inside ??= new AsyncLocalStorage();
  return inside.run(program, action);
}

/**
 * An error that the backfill's program threw outside the called functions, or a rejected promise that nothing handles. Null if there is no
 * such error, or if the backfill is in SQL.
 */
export function uncaughtErrorIn(
  { projectPath }: Pick<ProjectSettings, "projectPath">,
  { file }: Pick<Backfill, "file">,
): OpsError | null {
  const program = programs.get(resolve(projectPath, file));
  return program === undefined ? null : uncaughtError(program);
}

function uncaughtError({ file, uncaught }: Program): OpsError | null {
  if (uncaught.length === 0) return null;
  const problem = `it left an error that nothing catches: ${textOfThrown(uncaught[0])}`;
  return invalid(
    file,
    null,
    problem,
    "Await each promise, and catch the errors of timers and events.",
  );
}

/** @throws OpsError BACKFILL_INVALID after the time limit, or if the program throws an uncaught error meanwhile */
export async function runWithLimit<T>(
  program: Program,
  what: string,
  seconds: number,
  action: () => Promise<T>,
): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const problem = `${what} did not end within ${seconds} s.`;
    const hint = `Look for a promise that never settles. D1OPS_PROGRAM_SECONDS=${seconds * 5} gives it more time.`;
    reject(invalid(program.file, null, problem, hint));
  }, seconds * 1000);
  const stop = (): void => {
    const error = uncaughtError(program);
    if (error !== null) reject(error);
  };
  program.onUncaught.add(stop);
  try {
    const result = await Promise.race([runInside(program, action), promise]);
    // Node reports a promise that was just rejected after this turn of the loop.
    await setImmediate();
    const error = uncaughtError(program);
    if (error !== null) throw error;
    return result;
  } finally {
    clearTimeout(timer);
    program.onUncaught.delete(stop);
  }
}

function guardProcess(): void {
  process.on("uncaughtException", (error) => caught("uncaughtException", error));
  process.on("unhandledRejection", (reason) => caught("unhandledRejection", reason));
  const exit = process.exit.bind(process);
  process.exit = (...given) => {
    if (inside?.getStore() === undefined) return exit(...given);
    throw new Error("a backfill must not end the process: process.exit() was called");
  };
  // Replaces `import { exit } from "node:process"`, too.
  syncBuiltinESMExports();
  const stdout = process.stdout.write.bind(process.stdout);
  const write = (...given: Parameters<typeof stdout>): boolean =>
    inside?.getStore() === undefined ? stdout(...given) : process.stderr.write(...given);
  // After the end of stdout, the report would be lost as if its reader had closed the pipe.
  const ended: (...given: never[]) => unknown = process.stdout.end.bind(process.stdout);
  const end = (...given: readonly unknown[]): unknown => {
    if (inside?.getStore() === undefined) return Reflect.apply(ended, process.stdout, given);
    const [text] = given;
    if (typeof text === "string" || text instanceof Uint8Array) process.stderr.write(text);
    const callback = given.at(-1);
    if (typeof callback === "function") process.nextTick(callback);
    return process.stdout;
  };
  Object.assign(process.stdout, { write, end });
  // Not `process.emitWarning`, because node's loaders do not call it for each of their warnings.
  const listeners = process.listeners("warning");
  process.removeAllListeners("warning").on("warning", (warning) => {
    if (!isAboutLoading(warning)) for (const listener of listeners) listener(warning);
  });
}

/** Node warns that a file is TypeScript, or which kind of module it is. The warning would be in the middle of a report. */
function isAboutLoading(warning: Error & { readonly code?: unknown }): boolean {
  const { name, message, code } = warning;
  return (
    code === "MODULE_TYPELESS_PACKAGE_JSON" ||
    message.startsWith("Failed to load the ES module") ||
    (name === "ExperimentalWarning" && message.startsWith("Type Stripping"))
  );
}

function caught(event: "uncaughtException" | "unhandledRejection", error: unknown): void {
  const program = inside?.getStore();
  if (program !== undefined) {
    program.uncaught.push(error);
    for (const stop of program.onUncaught) stop();
  } else if (process.listenerCount(event) === 1) {
    // As node does without a listener.
    throw error;
  }
}
