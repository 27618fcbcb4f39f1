/**
 * The exit code until a command has reported. Node exits with 0 as soon as nothing is pending, even if the command still waits for
 * a promise that will never settle. And any code may call `process.exit`. Neither is a success.
 * @module
 */
import { writeSync } from "node:fs";
import { errorJson, errorText } from "../report/error-text.ts";
import { OpsError } from "../report/error.ts";
import { plain } from "../report/text-style.ts";

const INTERNAL = 70;

let reported = false;

/** If the process ends before {@link settleExit}, it exits with 70 and reports that on stderr. */
export function guardExit(json: boolean, startedAs: string): void {
  process.exitCode = INTERNAL;
  process.once("exit", (code) => {
    if (reported) return;
    process.exitCode = INTERNAL;
    const error = unreported(code, startedAs);
    const text = json
      ? errorJson(error)
      : errorText(error, { paint: plain, width: Infinity, unicode: false });
    try {
      // An exit handler cannot do anything asynchronous.
      writeSync(2, text);
    } catch {
      // Stderr is broken: the exit code remains.
    }
  });
}

/** The command has reported. `code` becomes the exit code. */
export function settleExit(code: number): void {
  reported = true;
  process.exitCode = code;
}

function unreported(code: number, startedAs: string): OpsError<"INTERNAL"> {
  const reason =
    code === INTERNAL
      ? "nothing was pending, and the command had not ended"
      : `the process was ended with exit code ${code}`;
  const message = `d1ops ended before the command could report: ${reason}. What it wrote before that stays.`;
  const hint = `\`${startedAs} status\` shows what is applied. This is a bug in d1ops: please report it, with the command you typed.`;
  return new OpsError("INTERNAL", { reason }, { message, hint });
}
