/**
 * Runs one verb: its report to the outputs, its errors to stderr, its exit code to the process. Every command ends here.
 * @module
 */
import type { OnProgress } from "../report/progress.ts";
import type { ExitCode, Report } from "../report/report.ts";
import type { Question } from "../commands/options.ts";
import { hasPrograms } from "../commands/program.ts";
import { progress } from "../terminal/progress.ts";
import { makePaint, supportsUnicode, wantsColor } from "../terminal/style.ts";
import { type Answer, confirm, confirmByName } from "../terminal/prompt.ts";
import { deliver } from "./deliver.ts";
import type { Flags } from "./flags.ts";
import { discardOutputs, openOutputs, type Output, parseOutputs } from "./output.ts";
import { settle } from "./presume.ts";
import { printError } from "./print-error.ts";

/** What a verb is given of the terminal. */
export interface Terminal {
  /** For a verb that reads. */
  readonly reading: {
    readonly signal: AbortSignal;
    readonly onWait: (ms: number, reason: string) => void;
  };
  /** For a verb that writes. */
  readonly writing: Terminal["reading"] & {
    readonly ask: (question: Question) => Promise<Answer>;
  };
  readonly onProgress: OnProgress;
}

type Verb = (terminal: Terminal) => Promise<Report>;

/** For a verb that only reads. */
export async function execute(flags: Flags, verb: Verb): Promise<void> {
  end(await run(flags, verb, false));
}

/** For a verb that changes something, unless it is a dry run: what a lost report means depends on it. */
export async function executeWrite(flags: Flags, verb: Verb): Promise<void> {
  end(await run(flags, verb, flags.dryRun !== true));
}

function end(code: ExitCode): void {
  settle(code);
  // All is written. A timer or a connection that a backfill's program has left open would keep the process waiting.
  if (hasPrograms()) process.exit();
}

async function run(flags: Flags, verb: Verb, writes: boolean): Promise<ExitCode> {
  let outputs: Output[] = [];
  try {
    outputs = openOutputs(parseOutputs(flags));
    const report = await withTerminal(flags, verb, () => discardOutputs(outputs));
    const changed = writes && mayHaveChanged(report);
    const { exitCode, error } = await deliver(report, outputs, flags, changed);
    if (error !== null) await printError(error, flags);
    return exitCode;
  } catch (error) {
    discardOutputs(outputs);
    return printError(error, flags);
  }
}

/** `ok` found nothing to do, `failed` changed nothing. */
function mayHaveChanged({ outcome }: Report): boolean {
  return outcome !== "ok" && outcome !== "failed";
}

async function withTerminal(flags: Flags, verb: Verb, leave: () => void): Promise<Report> {
  const { env, platform } = process;
  const bar = progress(process.stderr, {
    now: () => performance.now(),
    every: (ms, tick) => {
      const timer = setInterval(tick, ms).unref();
      return () => clearInterval(timer);
    },
    dumb: env["TERM"] === "dumb",
    paint: await makePaint(wantsColor(flags.color, env, process.stderr)),
    unicode: supportsUnicode(env, platform),
  });
  const interruption = new AbortController();
  let asking = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (interruption.signal.aborted) {
      leave();
      settle(130);
      process.exit(130);
    }
    interruption.abort(signal);
    if (asking) return;
    bar.clear();
    process.stderr.write("\nFinishing what is under way; again to leave now.\n");
  };
  process.on("SIGINT", stop).on("SIGTERM", stop);
  try {
    const reading = {
      signal: interruption.signal,
      onWait: (ms: number, reason: string): void => {
        if (flags.quiet !== true) bar.say(`Waiting up to ${Math.ceil(ms / 1000)} s: ${reason}`);
      },
    };
    const writing = {
      ...reading,
      async ask({ text, type }: Question): Promise<Answer> {
        bar.clear();
        const { stdin, stderr } = process;
        const io = { stdin, stderr, env, signal: interruption.signal };
        asking = true;
        try {
          return await (type === null ? confirm(text, io) : confirmByName(text, type, io));
        } finally {
          asking = false;
        }
      },
    };
    return await verb({
      reading,
      writing,
      onProgress: (done, total, label, details) => {
        if (flags.quiet !== true) bar.update(done, total, label, details);
      },
    });
  } finally {
    bar.end();
    process.off("SIGINT", stop).off("SIGTERM", stop);
  }
}
