/**
 * Runs the command line in the process of the test, with separate streams, folder and variables, and checks that it leaves no
 * listener and no setting behind for the next run.
 * @module
 */
import { Readable, Writable } from "node:stream";
import type { Host } from "../src/cli/host.ts";
import { runCli } from "../src/cli/run-cli.ts";
import { commandOf } from "../src/cli/started-as.ts";
import { BIN, type Run } from "./project.ts";

/** Variables that node reads once for the whole process. In one run they would have no effect, or would stay for the others. */
const OF_THE_PROCESS = /^(?:TMPDIR|TZ|NODE_.*|UV_.*|(?:https?|all)_proxy)$/i;

/** The number of active runs, and the state of the process before the first of them. */
let running = 0;
let before = "";

/** Several may run at once. */
export async function runHere(
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
  input: string,
): Promise<Run> {
  for (const name of Object.keys(env)) {
    if (OF_THE_PROCESS.test(name) && env[name] !== process.env[name]) {
      throw new Error(`${name} is a variable of a process: start one, with d1opsBuilt`);
    }
  }
  const [stdout, stderr] = [new Collector(), new Collector()];
  const host: Host = {
    startedAs: commandOf({ script: BIN, cwd, variables: env }),
    cwd,
    env,
    stdin: Readable.from(input === "" ? [] : [Buffer.from(input)]),
    stdout,
    stderr,
    screen: stderr,
    onSignal: () => () => {},
    leave() {
      throw new Error("only a signal makes a command leave, and here there is none");
    },
  };
  const code = await leavingNoTrace(() => runCli(args, host));
  return { code, signal: null, stdout: stdout.text(), stderr: stderr.text() };
}

async function leavingNoTrace<T>(action: () => Promise<T>): Promise<T> {
  if (running === 0) before = traces();
  running += 1;
  let result: T;
  try {
    result = await action();
  } finally {
    running -= 1;
  }
  const after = traces();
  // Listeners may belong to another active run, so only the last run is checked.
  if (running > 0 || after === before) return result;
  throw new Error(`the command has changed its process: ${before} is now ${after}`);
}

class Collector extends Writable {
  readonly #chunks: Buffer[] = [];

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#chunks.push(chunk);
    done();
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString();
  }
}

/** What a run could leave in the process. The guard for backfill programs stays after its first use. */
function traces(): string {
  const guard = new Set(["uncaughtException", "unhandledRejection", "warning"]);
  const listeners = process
    .eventNames()
    .filter((name) => !guard.has(String(name)))
    .map((name) => `${String(name)} ${process.listenerCount(name)}`)
    .toSorted();
  return JSON.stringify({ listeners, exitCode: process.exitCode ?? null, cwd: process.cwd() });
}
