/** @module What the command line needs from its process, as a parameter: so one process can run several command lines. */
import type { Readable, Writable } from "node:stream";
import type { Environment } from "../terminal/style.ts";
import { outputTo, type TextOutput } from "../terminal/text-output.ts";
import { settleExit } from "./exit-guard.ts";
import { commandOf } from "./started-as.ts";

export interface Host {
  /** The beginning of every suggested command, such as `npx d1ops`. */
  readonly startedAs: string;
  readonly cwd: string;
  readonly env: Environment;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: TextOutput;
  readonly stderr: TextOutput;
  /** stderr as a stream, for prompts. */
  readonly screen: Writable & { readonly isTTY?: boolean };
  /** Calls `stop` at each of these signals, until the returned function is called. */
  onSignal(signals: readonly NodeJS.Signals[], stop: (signal: NodeJS.Signals) => void): () => void;
  /** Ends the process at once. */
  leave(code: number): void;
}

/** This process. */
export function processHost(): Host {
  const { argv, env } = process;
  const cwd = process.cwd();
  return {
    startedAs: commandOf({ script: argv[1] ?? "", cwd, variables: env }),
    cwd,
    env,
    // Node opens its streams at their first use.
    get stdin() {
      return process.stdin;
    },
    stdout: outputTo(1, () => process.stdout),
    stderr: outputTo(2, () => process.stderr),
    get screen() {
      return process.stderr;
    },
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
