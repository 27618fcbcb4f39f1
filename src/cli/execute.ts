/**
 * Runs one verb: its report to the outputs, its errors to stderr, its exit code to the process. Every command ends here.
 * @module
 */
import { errorJson, errorText } from "../report/error-text.ts";
import { OpsError } from "../report/error.ts";
import type { Report } from "../report/report.ts";
import type { Question } from "../commands/options.ts";
import { hasPrograms } from "../commands/program.ts";
import { progress } from "../terminal/progress.ts";
import { type Answer, confirm, confirmByName } from "../terminal/prompt.ts";
import { makePaint, supportsUnicode, wantsColor } from "../terminal/style.ts";
import { writeOut } from "../terminal/streams.ts";
import { exitCodeOf } from "./exit.ts";
import type { Flags } from "./flags.ts";
import { inFlags } from "./in-flags.ts";
import { parseOutputs, printReport } from "./output.ts";

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
  readonly onProgress: (done: number, total: number | null, label: string) => void;
}

export async function execute(
  flags: Flags,
  verb: (terminal: Terminal) => Promise<Report>,
): Promise<void> {
  try {
    const outputs = parseOutputs(flags);
    const report = await withTerminal(flags, verb);
    await printReport(report, outputs, flags);
    process.exitCode = report.exitCode;
  } catch (error) {
    process.exitCode = await printError(error, flags);
  }
  // All is written. A timer or a connection that a backfill's program has left open would keep the process waiting.
  if (hasPrograms()) process.exit();
}

async function withTerminal(
  flags: Flags,
  verb: (terminal: Terminal) => Promise<Report>,
): Promise<Report> {
  const interruption = new AbortController();
  const stop = (signal: NodeJS.Signals): void => {
    if (interruption.signal.aborted) process.exit(130);
    interruption.abort(signal);
    process.stderr.write("\nFinishing what is under way; again to leave now.\n");
  };
  const bar = progress(process.stderr, {
    now: () => performance.now(),
    dumb: process.env["TERM"] === "dumb",
  });
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
        const io = { stdin: process.stdin, stderr: process.stderr, env: process.env };
        return type === null ? confirm(text, io) : confirmByName(text, type, io);
      },
    };
    return await verb({
      reading,
      writing,
      onProgress: (done, total, label) => {
        if (flags.quiet !== true) bar.update(done, total, label);
      },
    });
  } finally {
    bar.end();
    process.off("SIGINT", stop).off("SIGTERM", stop);
  }
}

/** Says it on stderr, as JSON where JSON was asked for, and answers the exit code. */
export async function printError(
  error: unknown,
  flags: Pick<Flags, "format" | "json" | "color" | "debug">,
): Promise<number> {
  const known = error instanceof OpsError ? inFlags(error) : bug(error);
  const json = flags.json === true || flags.format?.includes("json") === true;
  const text = json
    ? errorJson(known)
    : errorText(known, {
        paint: await makePaint(wantsColor(flags.color, process.env, process.stderr)),
        width: process.stderr.isTTY ? process.stderr.columns : Infinity,
        unicode: supportsUnicode(process.env, process.platform),
        debug: flags.debug === true,
      });
  await writeOut(process.stderr, text);
  return exitCodeOf(known);
}

function bug(error: unknown): OpsError {
  const reason = error instanceof Error ? error.message : String(error);
  return new OpsError(
    "INTERNAL",
    { reason },
    {
      message: `This is a bug in d1ops: ${reason}`,
      hint: "Run it again with --debug and report what it prints, with the command you typed.",
    },
    { cause: error },
  );
}
