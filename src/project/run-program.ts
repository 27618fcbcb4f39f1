/**
 * Runs what the file of a backfill has in JavaScript, in this process, and keeps it from ending the process, from writing on stdout and
 * from never ending. Everything that a program starts, timers too, carries its file in the async context: so whatever it throws later
 * is known as its own.
 * @module
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { syncBuiltinESMExports } from "node:module";
import { invalid } from "../backfills/invalid-file.ts";
import { textOfThrown } from "../backfills/thrown.ts";
import type { OpsError } from "../report/error.ts";

/** A file, as long as the process lives: node loads it once. */
interface Program {
  /** Relative to the project. */
  readonly file: string;
  /** Of what it said when node loaded it first. */
  readonly checksum: string;
  readonly strays: unknown[];
  readonly onStray: Set<() => void>;
}

const inside = new AsyncLocalStorage<Program>();
const programs = new Map<string, Program>();

/** True as soon as a program was loaded. What it has left running does not keep the command from ending. */
export function hasPrograms(): boolean {
  return programs.size > 0;
}

/** The program of a file. From the first one on, the process is guarded. */
export function programOf(
  path: string,
  { file, checksum }: Pick<Program, "file" | "checksum">,
): Program {
  if (programs.size === 0) guardProcess();
  const program = programs.get(path) ?? { file, checksum, strays: [], onStray: new Set() };
  programs.set(path, program);
  return program;
}

/** What it throws, also later, is its own. */
export function runInside<T>(program: Program, action: () => T): T {
  return inside.run(program, action);
}

/**
 * An error that the program of the file at a path threw outside of what was called, or left in a promise; null: none. A backfill in
 * SQL has no program.
 */
export function strayIn(path: string): OpsError | null {
  const program = programs.get(path);
  return program === undefined ? null : strayOf(program);
}

function strayOf({ file, strays }: Program): OpsError | null {
  if (strays.length === 0) return null;
  const problem = `it left an error that nothing catches: ${textOfThrown(strays[0])}`;
  return invalid(
    file,
    null,
    problem,
    "Await each promise, and catch what a timer or an event can throw.",
  );
}

/** @throws OpsError BACKFILL_INVALID where it takes too long, or an error comes from elsewhere in the program meanwhile */
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
  const stray = (): void => {
    const error = strayOf(program);
    if (error !== null) reject(error);
  };
  program.onStray.add(stray);
  try {
    const result = await Promise.race([runInside(program, action), promise]);
    // A promise that was rejected just now is known after this turn.
    await new Promise((resume) => setImmediate(resume));
    const error = strayOf(program);
    if (error !== null) throw error;
    return result;
  } finally {
    clearTimeout(timer);
    program.onStray.delete(stray);
  }
}

function guardProcess(): void {
  process.on("uncaughtException", (error) => caught("uncaughtException", error));
  process.on("unhandledRejection", (reason) => caught("unhandledRejection", reason));
  const exit = process.exit.bind(process);
  process.exit = (...given) => {
    if (inside.getStore() === undefined) return exit(...given);
    throw new Error("a backfill must not end the process: process.exit() was called");
  };
  // `import { exit } from "node:process"` is this one, too.
  syncBuiltinESMExports();
  const stdout = process.stdout.write.bind(process.stdout);
  const write = (...given: Parameters<typeof stdout>): boolean =>
    inside.getStore() === undefined ? stdout(...given) : process.stderr.write(...given);
  // Where it has ended, the report would be lost as if its reader had gone away.
  const ended: (...given: never[]) => unknown = process.stdout.end.bind(process.stdout);
  const end = (...given: readonly unknown[]): unknown => {
    if (inside.getStore() === undefined) return Reflect.apply(ended, process.stdout, given);
    const [text] = given;
    if (typeof text === "string" || text instanceof Uint8Array) process.stderr.write(text);
    const told = given.at(-1);
    if (typeof told === "function") process.nextTick(told);
    return process.stdout;
  };
  Object.assign(process.stdout, { write, end });
  // Not `process.emitWarning`: node's own loaders do not call it for each of their warnings.
  const listeners = process.listeners("warning");
  process.removeAllListeners("warning").on("warning", (warning) => {
    if (!isAboutLoading(warning)) for (const listener of listeners) listener(warning);
  });
}

/** What node says of how it loads a file: that it is TypeScript, or which kind of module. It would stand in the middle of a report. */
function isAboutLoading(warning: Error & { readonly code?: unknown }): boolean {
  const { name, message, code } = warning;
  return (
    code === "MODULE_TYPELESS_PACKAGE_JSON" ||
    message.startsWith("Failed to load the ES module") ||
    (name === "ExperimentalWarning" && message.startsWith("Type Stripping"))
  );
}

function caught(event: "uncaughtException" | "unhandledRejection", error: unknown): void {
  const program = inside.getStore();
  if (program !== undefined) {
    program.strays.push(error);
    for (const tell of program.onStray) tell();
  } else if (process.listenerCount(event) === 1) {
    // As node does where nobody listens.
    throw error;
  }
}
