/**
 * Runs the verb of a command: writes its report to the outputs or its error to stderr, and returns the exit code.
 * @module
 */
import type { Readable } from "node:stream";
import type { ProjectOptions, Question } from "../project/project-options.ts";
import type { OnProgress } from "../report/progress.ts";
import type { Report } from "../report/report.ts";
import { progressBar } from "../terminal/progress-bar.ts";
import { makePaint, supportsUnicode, wantsColor } from "../terminal/style.ts";
import { type Answer, confirm, confirmByName } from "../terminal/prompt.ts";
import { deliver } from "./deliver.ts";
import type { ProcessExit } from "./exit.ts";
import type { Flags } from "./shared-flags.ts";
import type { Host } from "./host.ts";
import { discardOutputs, openOutputs, type Output, parseOutputs } from "./output.ts";
import { printError } from "./print-error.ts";

/** The options of a verb that come from the terminal and the process. */
export interface Terminal {
  readonly project: Required<Pick<ProjectOptions, "startedAs" | "cwd" | "variables">>;
  /** For a verb that reads. */
  readonly reading: Terminal["project"] & {
    readonly signal: AbortSignal;
    readonly onWait: (ms: number, reason: string) => void;
  };
  /** For a verb that writes. */
  readonly writing: Terminal["reading"] & {
    readonly ask: (question: Question) => Promise<Answer>;
  };
  readonly onProgress: OnProgress;
  /** The standard input, opened at its first use. */
  readonly input: Readable;
}

type Verb = (terminal: Terminal) => Promise<Report>;

/** Runs the verbs of commands. */
export interface CommandRunner {
  /** For a verb that reads. */
  readonly execute: (flags: Flags, verb: Verb) => Promise<void>;
  /** For a verb that writes. A lost report then has exit code 4, except in a dry run. */
  readonly executeWrite: (flags: Flags, verb: Verb) => Promise<void>;
}

/** Calls `end` with the exit code when all output is written. */
export function makeRunner(host: Host, end: (code: ProcessExit) => void): CommandRunner {
  return {
    execute: async (flags, verb) => end(await run(flags, verb, false, host)),
    executeWrite: async (flags, verb) => end(await run(flags, verb, flags.dryRun !== true, host)),
  };
}

async function run(flags: Flags, verb: Verb, writes: boolean, host: Host): Promise<ProcessExit> {
  let outputs: Output[] = [];
  try {
    outputs = openOutputs(parseOutputs(flags, host.cwd), host);
    const report = await withTerminal(flags, verb, () => discardOutputs(outputs), host);
    const changed = writes && mayHaveChanged(report);
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

async function withTerminal(
  flags: Flags,
  verb: Verb,
  cleanUp: () => void,
  host: Host,
): Promise<Report> {
  const { startedAs, cwd, env, stderr } = host;
  const bar = progressBar(stderr, {
    now: () => performance.now(),
    every: (ms, tick) => {
      const timer = setInterval(tick, ms).unref();
      return () => clearInterval(timer);
    },
    dumb: env["TERM"] === "dumb",
    paint: await makePaint(wantsColor(flags.color, env, stderr)),
    unicode: supportsUnicode(env, process.platform),
  });
  const abort = new AbortController();
  let prompting = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (abort.signal.aborted) {
      cleanUp();
      host.leave(130);
    }
    abort.abort(signal);
    if (prompting) return;
    bar.clear();
    stderr.write("\nStopping after the current step. Press Ctrl-C again to exit now.\n");
  };
  const stopListening = host.onSignal(["SIGINT", "SIGTERM"], stop);
  try {
    const project = { startedAs, cwd, variables: env };
    const reading = {
      ...project,
      signal: abort.signal,
      onWait: (ms: number, reason: string): void => {
        if (flags.quiet !== true) bar.print(`Waiting up to ${Math.ceil(ms / 1000)} s: ${reason}`);
      },
    };
    const writing = {
      ...reading,
      async ask({ text, type }: Question): Promise<Answer> {
        bar.clear();
        const io = { stdin: host.stdin, stderr, env, signal: abort.signal };
        prompting = true;
        // Only during a prompt: `nohup` makes a run ignore this signal, and a listener would undo that.
        const stopListeningToHangUp = host.onSignal(["SIGHUP"], stop);
        try {
          return await (type === null ? confirm(text, io) : confirmByName(text, type, io));
        } finally {
          prompting = false;
          stopListeningToHangUp();
        }
      },
    };
    return await verb({
      project,
      reading,
      writing,
      onProgress: (done, total, label, details) => {
        if (flags.quiet !== true) bar.update(done, total, label, details);
      },
      get input() {
        return host.stdin;
      },
    });
  } finally {
    bar.end();
    stopListening();
  }
}
