/** @module Rewrites an error about options, so that it names the flags that the user typed. */
import { hasCode, OpsError } from "../report/error.ts";
import { flagName } from "../report/flag.ts";

/** Flags and arguments whose names differ from their options. */
const NAMES: Readonly<Record<string, string>> = {
  targetMs: "--target",
  pauseMs: "--pause",
  documents: "--document",
  name: "<name>",
  file: "<file>",
  session: "<session>",
};

/** Returns any other error unchanged. */
export function flagError(error: OpsError): OpsError {
  if (!hasCode(error, "OPTION_INVALID")) return error;
  const { details } = error;
  const lines = details.options.map(({ option, problem }) => `${flagOf(option)} ${problem}.`);
  const [first] = details.options;
  const guesses = details.options.flatMap(({ nearest }) =>
    nearest === null ? [] : [`Did you mean ${nearest}?`],
  );
  return new OpsError(
    "USAGE",
    { argument: flagOf(first?.option ?? "") },
    {
      message: lines.join("\n"),
      hint: [...guesses, "--help lists the flags and their values."].join(" "),
    },
    { cause: error },
  );
}

/** `options.maxWindow` becomes `--max-window`. */
function flagOf(option: string): string {
  const last = option.split(".").at(-1) ?? option;
  return NAMES[last] ?? flagName(last);
}
