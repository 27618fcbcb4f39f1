/** @module Describes the problems of options. The command line uses the same words for flags. */
import { type OptionProblem, OpsError } from "../report/error.ts";
import { nearest } from "../report/nearest.ts";
import type { AnyKind } from "./kinds.ts";

/** The part of zod's issues that d1ops reads. */
interface Issue {
  readonly code: string;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[];
  readonly values?: readonly unknown[];
}

export function problemsOf(
  issues: readonly Issue[],
  kind: AnyKind,
  given: unknown,
): OptionProblem[] {
  return issues.flatMap(({ code, path, message, keys = [], values = [] }) => {
    if (code === "unrecognized_keys") return keys.map((key) => unknown(path, key, kind));
    const value = path.reduce(partOf, given);
    const known = values.filter((one) => typeof one === "string");
    const problem =
      value === undefined
        ? `is missing; it has to be ${message}`
        : `is ${shown(value)}; it has to be ${message}`;
    const guess = typeof value === "string" ? nearest(value, known) : null;
    return { option: nameOf(path), problem, nearest: guess };
  });
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

function unknown(path: readonly PropertyKey[], key: string, kind: AnyKind): OptionProblem {
  const inner = path.reduce<AnyKind | undefined>((at, part) => at?.shape?.[String(part)], kind);
  const known = Object.keys(inner?.shape ?? {});
  return {
    option: nameOf([...path, key]),
    problem: `is not an option; the options are ${known.join(", ")}`,
    nearest: nearest(key, known),
  };
}

function nameOf(path: readonly PropertyKey[]): string {
  return path.map(String).join(".");
}

function partOf(value: unknown, part: PropertyKey): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Reflect.get(value, part);
}

/** A short form, without the contents of an object, which may be a secret. */
function shown(value: unknown): string {
  if (typeof value === "string") {
    return value.length > 60 ? `${JSON.stringify(value.slice(0, 60))}…` : JSON.stringify(value);
  }
  if (typeof value === "number") {
    return value.toLocaleString("en", { maximumFractionDigits: 20 });
  }
  if (typeof value === "boolean" || typeof value === "bigint" || value === null) {
    return String(value);
  }
  if (typeof value === "object") return Array.isArray(value) ? "a list" : "an object";
  return `a ${typeof value}`;
}
