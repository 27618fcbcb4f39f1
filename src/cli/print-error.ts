/** @module Prints an error on stderr: as JSON if the user chose JSON, else as text. */
import { errorJson, errorText } from "../report/error-text.ts";
import { OpsError } from "../report/error.ts";
import { type Environment, lookOf } from "../terminal/style.ts";
import { writeOut } from "../terminal/streams.ts";
import { exitCodeOf, type ProcessExit } from "./exit.ts";
import type { Flags } from "./shared-flags.ts";
import type { TextOutput } from "../terminal/text-output.ts";
import type { Host } from "./host.ts";
import { flagError } from "./flag-error.ts";

export type ErrorFlags = Pick<Flags, "format" | "json" | "color" | "debug">;

/** Returns the exit code. If stderr fails, prints on stdout. */
export async function printError(
  error: unknown,
  flags: ErrorFlags,
  { stdout, stderr, env }: Host,
): Promise<ProcessExit> {
  const known = error instanceof OpsError ? flagError(error) : bug(error);
  if ((await writeOut(stderr, await textOf(known, flags, stderr, env))) !== null) {
    await writeOut(stdout, await textOf(known, flags, stdout, env));
  }
  return exitCodeOf(known);
}

async function textOf(
  error: OpsError,
  flags: ErrorFlags,
  stream: TextOutput,
  env: Environment,
): Promise<string> {
  if (wantsJson(flags)) return errorJson(error);
  return errorText(error, {
    ...(await lookOf(stream, flags.color, env)),
    debug: flags.debug === true,
  });
}

/** True if the report on stdout would be JSON. */
export function wantsJson(flags: Pick<Flags, "format" | "json">): boolean {
  if (flags.json === true) return true;
  return flags.format?.some((format) => /^json(=-|=\/dev\/stdout)?$/.test(format)) === true;
}

function bug(error: unknown): OpsError {
  const reason = error instanceof Error ? error.message : String(error);
  const message = `This is a bug in d1ops: ${reason}`;
  const hint =
    "Run the command again with --debug, and report its output together with the command.";
  return new OpsError("INTERNAL", { reason }, { message, hint }, { cause: error });
}
