/** @module Describes the problems of options. The command line uses the same words for flags. */
import { type OptionProblem, OpsError } from "../report/error.ts";
import type { AnyKind } from "./kinds.ts";
import { problemsOf } from "./problems.ts";

/** All problems of the options, in the order of the kind. */
export function optionProblems(given: unknown, kind: AnyKind): OptionProblem[] {
  return problemsOf(given, kind, "option").map(({ path, problem, nearest }) => ({
    option: path.join("."),
    problem,
    nearest,
  }));
}

/** The error of a library call. `caller` is the name of the function. */
export function optionsInvalid(
  caller: string,
  problems: readonly OptionProblem[],
): OpsError<"OPTION_INVALID"> {
  const message = problems
    .map(({ option, problem }) => `${caller}: ${option || "the argument"} ${problem}.`)
    .join("\n");
  const hint = problems.map(hintOf).join("\n");
  return new OpsError("OPTION_INVALID", { caller, options: [...problems] }, { message, hint });
}

function hintOf({ option, nearest: guess }: OptionProblem): string {
  if (guess !== null) return `Did you mean ${guess}?`;
  return `Correct ${option || "the argument"}: docs/library.md of the package d1ops lists the options.`;
}
