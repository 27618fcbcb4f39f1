/**
 * What the command line needs from its process, as a parameter: so one process can run several command lines.
 * @module
 */
import type { Readable, Writable } from "node:stream";
import type { Environment } from "../terminal/style.ts";
import { settleExit } from "./exit-guard.ts";
import { commandOf } from "./started-as.ts";

export interface Host {
  /** The beginning of every suggested command, such as `npx d1ops`. */
  readonly startedAs: string;
  readonly cwd: string;
  readonly env: Environment;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** Calls `stop` at each of these signals, until the returned function is called. */
  onSignal(signals: readonly NodeJS.Signals[], stop: (signal: NodeJS.Signals) => void): () => void;
  /** Ends the process at once. */
  leave(code: number): void;
}

export interface OutputStream extends Writable {
  readonly isTTY?: boolean;
  columns?: number;
  /** The file descriptor, if the stream has one. */
  readonly fd?: number;
}

/** This process. */
export function processHost(): Host {
  const { argv, env, stdout, stderr } = process;
  const cwd = process.cwd();
  return {
    startedAs: commandOf({ script: argv[1] ?? "", cwd, variables: env }),
    cwd,
    env,
    // Node opens stdin at its first use.
    get stdin() {
      return process.stdin;
    },
    stdout,
    stderr,
    onSignal(signals, stop) {
      for (const signal of signals) process.on(signal, stop);
      return () => {
        for (const signal of signals) process.off(signal, stop);
      };
    },
    leave(code) {
      settleExit(code);
      process.exit(code);
    },
  };
}
