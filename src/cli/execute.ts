/** @module Runs the verb of a command: writes its report to the outputs or its error to stderr, and returns the exit code. */
import type { Readable } from "node:stream";
import type { Command } from "commander";
import type { ProjectOptions, WriteOptions } from "../project/project-options.ts";
import type { OnProgress } from "../report/progress.ts";
import type { Report } from "../report/report.ts";
import { progressBar } from "../terminal/progress-bar.ts";
import { lookOf } from "../terminal/style.ts";
import { askSecret, confirm, confirmByName, type PromptIo } from "../terminal/prompt.ts";
import { deliver } from "./deliver.ts";
import type { ProcessExit } from "./exit.ts";
import type { Flags } from "./shared-flags.ts";
import { verbOptions } from "./verb-options.ts";
import type { Host } from "./host.ts";
import { discardOutputs, openOutputs, type Output, parseOutputs } from "./output.ts";
import { printError } from "./print-error.ts";

/** What some verbs get from the terminal besides their options. */
export interface Terminal {
  readonly onProgress: OnProgress;
  /** Prompts for a text that the terminal does not show. Null: there is no terminal, or the user cancelled. */
  readonly askPassphrase: (question: string) => Promise<string | null>;
  /** The standard input, opened at its first use. */
  readonly input: Readable;
}

type Verb<O> = (options: O, terminal: Terminal) => Promise<Report>;

/** Imports the verb of a command. Its options have the names of the command's arguments and flags. */
type LoadVerb<O> = () => Promise<Verb<O>>;

/** The action of a command. */
type Action = (this: Command) => Promise<void>;

export interface CommandRunner {
  /** For a verb that reads. */
  readonly execute: <O extends object>(load: LoadVerb<O>) => Action;
  /** For a verb that writes. A lost report then has exit code 4, except in a dry run. */
  readonly executeWrite: <O extends object>(load: LoadVerb<O>) => Action;
  /** The same for a verb that only adds to a store, so it never asks for confirmation. */
  readonly executeAddition: <O extends object>(load: LoadVerb<O>) => Action;
}

type VerbKind = "read" | "write" | "add";

/** Calls `end` with the exit code when all output is written. */
export function makeRunner(host: Host, end: (code: ProcessExit) => void): CommandRunner {
  const actionOf = <O extends object>(load: LoadVerb<O>, kind: VerbKind): Action =>
    async function action() {
      end(await run(this, load, kind, host));
    };
  return {
    execute: (load) => actionOf(load, "read"),
    executeWrite: (load) => actionOf(load, "write"),
    executeAddition: (load) => actionOf(load, "add"),
  };
}

async function run<O extends object>(
  command: Command,
  load: LoadVerb<O>,
  kind: VerbKind,
  host: Host,
): Promise<ProcessExit> {
  const flags = command.opts<Flags>();
  let outputs: Output[] = [];
  try {
    outputs = openOutputs(parseOutputs(flags, host.cwd), host);
    const cleanUp = (): void => discardOutputs(outputs);
    const report = await withTerminal(flags, cleanUp, host, async (given, ask, terminal) => {
      const verb = await load();
      const options = verbOptions(command.opts<O>(), command);
      return verb({ ...options, ...given, ...(kind === "write" && { ask }) }, terminal);
    });
    const changed = kind !== "read" && flags.dryRun !== true && mayHaveChanged(report);
    const { exitCode, error } = await deliver({ report, outputs, flags, changed, host });
    if (error !== null) await printError(error, flags, host);
    return exitCode;
  } catch (error) {
    discardOutputs(outputs);
    return printError(error, flags, host);
  }
}

/** The outcome `ok` means that there was nothing to do; `failed` that nothing changed. */
function mayHaveChanged({ outcome }: Report): boolean {
  return outcome !== "ok" && outcome !== "failed";
}

type ProcessOptions = Required<
  Pick<ProjectOptions, "startedAs" | "cwd" | "variables" | "signal" | "onWait">
>;

type Ask = NonNullable<WriteOptions["ask"]>;

async function withTerminal(
  flags: Flags,
  cleanUp: () => void,
  host: Host,
  body: (given: ProcessOptions, ask: Ask, terminal: Terminal) => Promise<Report>,
): Promise<Report> {
  const { startedAs, cwd, env, stderr } = host;
  const bar = progressBar(stderr, {
    now: () => performance.now(),
    every: (ms, tick) => {
      const timer = setInterval(tick, ms).unref();
      return () => clearInterval(timer);
    },
    dumb: env["TERM"] === "dumb",
    ...(await lookOf(stderr, flags.color, env)),
  });
  const abort = new AbortController();
  const { signal } = abort;
  let prompting = false;
  const stop = (name: NodeJS.Signals): void => {
    if (signal.aborted) {
      cleanUp();
      host.leave(130);
    }
    abort.abort(name);
    if (prompting) return;
    bar.clear();
    stderr.write("\nStopping after the current step. Press Ctrl-C again to exit now.\n");
  };
  const stopListening = host.onSignal(["SIGINT", "SIGTERM"], stop);
  const prompt = async <A>(act: (io: PromptIo) => Promise<A>): Promise<A> => {
    bar.clear();
    prompting = true;
    // Only during a prompt: `nohup` makes a run ignore this signal, and a listener would undo that.
    const stopListeningToHangUp = host.onSignal(["SIGHUP"], stop);
    try {
      return await act({ stdin: host.stdin, stderr: host.screen, env, signal });
    } finally {
      prompting = false;
      stopListeningToHangUp();
    }
  };
  const ask: Ask = async ({ text, type }) =>
    prompt(async (io) => (type === null ? confirm(text, io) : confirmByName(text, type, io)));
  const onWait = (ms: number, reason: string): void => {
    if (flags.quiet !== true) bar.print(`Waiting up to ${Math.ceil(ms / 1000)} s: ${reason}`);
  };
  try {
    return await body({ startedAs, cwd, variables: env, signal, onWait }, ask, {
      onProgress: (done, total, label, details) => {
        if (flags.quiet !== true) bar.update(done, total, label, details);
      },
      askPassphrase: async (question) =>
        prompt(async (io) => askSecret(question, "D1OPS_PASSPHRASE", io)),
      get input() {
        return host.stdin;
      },
    });
  } finally {
    bar.end();
    stopListening();
  }
}
