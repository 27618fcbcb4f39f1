/** @module Describes the problems of options. The command line uses the same words for flags. */
import { type OptionProblem, OpsError } from "../report/error.ts";
import { nearest } from "../report/nearest.ts";
import { type AnyKind, SERIALIZABLE } from "./kinds.ts";

/** The keys and indexes that lead to a value. */
type Path = readonly string[];

/** All problems of a value and its parts, in the order of the options. */
export function problemsOf(value: unknown, kind: AnyKind, path: Path = []): OptionProblem[] {
  if (value === undefined && kind.optional) return [];
  if (!kind.fits(value)) return [wrong(value, kind, path)];
  if (value === null) return [];
  const problems = [...problemsOfOptions(value, kind, path), ...problemsOfItems(value, kind, path)];
  if (problems.length > 0) return problems;
  const part = kind.wrongPart(value);
  return part === null
    ? []
    : [mistaken([...path, ...part], part.reduce(partOf, value), SERIALIZABLE)];
}

function problemsOfOptions(value: unknown, { shape, open }: AnyKind, path: Path): OptionProblem[] {
  if (typeof value !== "object" || value === null || shape === null) return [];
  const problems = Object.entries(shape).flatMap(([key, inner]) =>
    problemsOf(Reflect.get(value, key), inner, [...path, key]),
  );
  if (open) return problems;
  const known = Object.keys(shape);
  const others = Object.keys(value).filter((key) => !Object.hasOwn(shape, key));
  return [...problems, ...others.map((key) => unknown([...path, key], known))];
}

function problemsOfItems(value: unknown, { items }: AnyKind, path: Path): OptionProblem[] {
  if (!Array.isArray(value) || items === null) return [];
  // Visits the holes of a list, too.
  return Array.from(value, (item, at) => problemsOf(item, items, [...path, String(at)])).flat();
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

function wrong(value: unknown, kind: AnyKind, path: Path): OptionProblem {
  const known = kind.values.filter((one) => typeof one === "string");
  const guess = typeof value === "string" ? nearest(value, known) : null;
  return { ...mistaken(path, value, kind.words(value)), nearest: guess };
}

function mistaken(path: Path, value: unknown, words: string): OptionProblem {
  const is = value === undefined ? "is missing" : `is ${shown(value)}`;
  return { option: nameOf(path), problem: `${is}; it has to be ${words}`, nearest: null };
}

function unknown(path: Path, known: readonly string[]): OptionProblem {
  return {
    option: nameOf(path),
    problem: `is not an option; the options are ${known.join(", ")}`,
    nearest: nearest(path.at(-1) ?? "", known),
  };
}

function nameOf(path: Path): string {
  return path.join(".");
}

function partOf(value: unknown, part: string): unknown {
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
