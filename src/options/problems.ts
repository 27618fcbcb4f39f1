/** @module Finds the problems of a value and its parts. Options of functions and settings of a file use the same words. */
import { nearest } from "../report/nearest.ts";
import { type AnyKind, SERIALIZABLE } from "./kinds.ts";

/** The keys and indexes that lead to a value. */
export type Path = readonly string[];

export interface Problem {
  readonly path: Path;
  /** Continues a sentence that begins with the name: `is missing; it has to be a text`. */
  readonly problem: string;
  /** The known word that was probably meant, or null. */
  readonly nearest: string | null;
  /** True if the key itself is wrong, and not its value. */
  readonly ofKey: boolean;
}

/** What the keys of the value are. */
export type Noun = "option" | "setting";

/** All problems of a value and its parts, in the order of the kind. */
export function problemsOf(
  value: unknown,
  kind: AnyKind,
  noun: Noun,
  path: Path = [],
): readonly Problem[] {
  if (value === undefined && kind.optional) return [];
  const judged = kind.judge(value);
  if (judged.length > 0) {
    return judged.map((one) => ({ ...one, path: [...path, ...one.path], ofKey: false }));
  }
  if (!kind.fits(value)) return [wrong(value, kind, path)];
  if (value === null) return [];
  const problems = [
    ...problemsOfKeys(value, kind, noun, path),
    ...problemsOfEntries(value, kind, noun, path),
    ...problemsOfItems(value, kind, noun, path),
  ];
  if (problems.length > 0) return problems;
  const part = kind.wrongPart(value);
  return part === null
    ? []
    : [mistaken([...path, ...part], part.reduce(partOf, value), SERIALIZABLE)];
}

function problemsOfKeys(
  value: unknown,
  { shape, open }: AnyKind,
  noun: Noun,
  path: Path,
): readonly Problem[] {
  if (typeof value !== "object" || value === null || shape === null) return [];
  const problems = Object.entries(shape).flatMap(([key, inner]) =>
    problemsOf(Reflect.get(value, key), inner, noun, [...path, key]),
  );
  if (open) return problems;
  const known = Object.keys(shape);
  const others = Object.keys(value).filter((key) => !Object.hasOwn(shape, key));
  return [...problems, ...others.map((key) => unknown([...path, key], known, noun))];
}

function problemsOfEntries(
  value: unknown,
  { entries }: AnyKind,
  noun: Noun,
  path: Path,
): readonly Problem[] {
  if (typeof value !== "object" || value === null || entries === null) return [];
  const { key: known, words, kind } = entries;
  return Object.entries(value).flatMap(([key, one]) =>
    known.test(key)
      ? problemsOf(one, kind, noun, [...path, key])
      : [{ path: [...path, key], problem: `has to be ${words}`, nearest: null, ofKey: true }],
  );
}

function problemsOfItems(
  value: unknown,
  { items }: AnyKind,
  noun: Noun,
  path: Path,
): readonly Problem[] {
  if (!Array.isArray(value) || items === null) return [];
  // Visits the holes of a list, too.
  return Array.from(value, (item, at) =>
    problemsOf(item, items, noun, [...path, String(at)]),
  ).flat();
}

function wrong(value: unknown, kind: AnyKind, path: Path): Problem {
  const known = kind.values.filter((one) => typeof one === "string");
  const guess = typeof value === "string" ? nearest(value, known) : null;
  return { ...mistaken(path, value, kind.words(value)), nearest: guess };
}

function mistaken(path: Path, value: unknown, words: string): Problem {
  const is = value === undefined ? "is missing" : `is ${shown(value)}`;
  return { path, problem: `${is}; it has to be ${words}`, nearest: null, ofKey: false };
}

function unknown(path: Path, known: readonly string[], noun: Noun): Problem {
  const a = noun === "option" ? "an option" : "a setting";
  return {
    path,
    problem: `is not ${a}; the ${noun}s are ${known.join(", ")}`,
    nearest: nearest(path.at(-1) ?? "", known),
    ofKey: true,
  };
}

function partOf(value: unknown, part: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Reflect.get(value, part);
}

/** User name and password of an address, and a secret identity of age. */
const SECRET = /\/\/[^/\s]*@|(?<=AGE-SECRET-KEY-)\w+/gi;

/** A short form, without the contents of an object, which may be a secret. */
function shown(value: unknown): string {
  if (typeof value === "string") {
    const safe = value.replaceAll(SECRET, "…");
    return safe.length > 60 ? `${JSON.stringify(safe.slice(0, 60))}…` : JSON.stringify(safe);
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
