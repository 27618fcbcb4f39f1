/**
 * What is wrong with an option, said of the flag that was typed.
 * @module
 */
import { OpsError } from "../report/error.ts";

/** Where a flag or an argument is not called as its option is. */
const NAMES: Readonly<Record<string, string>> = {
  targetMs: "--target",
  pauseMs: "--pause",
  documents: "--document",
  name: "<name>",
  file: "<file>",
  session: "<session>",
};

/** Every other error stays what it is. */
export function inFlags(error: OpsError): OpsError {
  const { details } = error;
  if (!("caller" in details)) return error;
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
      hint: [...guesses, "--help shows what each flag takes."].join(" "),
    },
    { cause: error },
  );
}

/** `options.maxWindow` becomes `--max-window`. */
function flagOf(option: string): string {
  const last = option.split(".").at(-1) ?? option;
  return NAMES[last] ?? `--${last.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
