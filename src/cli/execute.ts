/**
 * Runs one verb: its report to the outputs, its errors to stderr, and what its exit code is. Every command ends here.
 * @module
 */
import type { Readable } from "node:stream";
import type { ProjectOptions, Question } from "../project/project-options.ts";
import type { OnProgress } from "../report/progress.ts";
import type { Report } from "../report/report.ts";
import { progress } from "../terminal/progress-bar.ts";
import { makePaint, supportsUnicode, wantsColor } from "../terminal/style.ts";
import { type Answer, confirm, confirmByName } from "../terminal/prompt.ts";
import { deliver } from "./deliver.ts";
import type { ProcessExit } from "./exit.ts";
import type { Flags } from "./shared-flags.ts";
import type { Host } from "./host.ts";
import { discardOutputs, openOutputs, type Output, parseOutputs } from "./output.ts";
import { printError } from "./print-error.ts";

/** What a verb is given of the terminal, and of the process around it. */
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
  /** The standard input; opened when it is asked for. */
  readonly input: Readable;
}

type Verb = (terminal: Terminal) => Promise<Report>;

/** What a command hands its verb to. */
export interface Runner {
  /** For a verb that only reads. */
  readonly execute: (flags: Flags, verb: Verb) => Promise<void>;
  /** For a verb that changes something, unless it is a dry run: what a lost report means depends on it. */
  readonly executeWrite: (flags: Flags, verb: Verb) => Promise<void>;
}

/** `end` hears the exit code, once everything is written. */
export function makeRunner(host: Host, end: (code: ProcessExit) => void): Runner {
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
    const { exitCode, error } = await deliver(report, outputs, flags, changed, host);
    if (error !== null) await printError(error, flags, host);
    return exitCode;
  } catch (error) {
    discardOutputs(outputs);
    return printError(error, flags, host);
  }
}

/** `ok` found nothing to do, `failed` changed nothing. */
function mayHaveChanged({ outcome }: Report): boolean {
  return outcome !== "ok" && outcome !== "failed";
}

async function withTerminal(
  flags: Flags,
  verb: Verb,
  leave: () => void,
  host: Host,
): Promise<Report> {
  const { startedAs, cwd, env, stderr } = host;
  const bar = progress(stderr, {
    now: () => performance.now(),
    every: (ms, tick) => {
      const timer = setInterval(tick, ms).unref();
      return () => clearInterval(timer);
    },
    dumb: env["TERM"] === "dumb",
    paint: await makePaint(wantsColor(flags.color, env, stderr)),
    unicode: supportsUnicode(env, process.platform),
  });
  const interruption = new AbortController();
  let asking = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (interruption.signal.aborted) {
      leave();
      host.leave(130);
    }
    interruption.abort(signal);
    if (asking) return;
    bar.clear();
    stderr.write("\nFinishing what is under way; again to leave now.\n");
  };
  const stopHearing = host.onSignal(["SIGINT", "SIGTERM"], stop);
  try {
    const project = { startedAs, cwd, variables: env };
    const reading = {
      ...project,
      signal: interruption.signal,
      onWait: (ms: number, reason: string): void => {
        if (flags.quiet !== true) bar.say(`Waiting up to ${Math.ceil(ms / 1000)} s: ${reason}`);
      },
    };
    const writing = {
      ...reading,
      async ask({ text, type }: Question): Promise<Answer> {
        bar.clear();
        const io = { stdin: host.stdin, stderr, env, signal: interruption.signal };
        asking = true;
        // Only here: a run that goes on without its terminal (nohup) ignores this signal, and listening would undo that.
        const stopHearingHangUp = host.onSignal(["SIGHUP"], stop);
        try {
          return await (type === null ? confirm(text, io) : confirmByName(text, type, io));
        } finally {
          asking = false;
          stopHearingHangUp();
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
    stopHearing();
  }
}
