/** @module What a mask file says: which columns are masked, and how. Pure, so that settings can check the same shape. */
import { nearest } from "../report/nearest.ts";
import { sameIdentifier } from "../sql/quote.ts";
import { jsonPathOf } from "./json-path.ts";

export const maskKinds = ["email", "phone", "name", "text", "hash", "null", "keep"] as const;

/** `null` removes the value. `keep` copies it, and says that this is intended. */
export type MaskKind = (typeof maskKinds)[number];

export const tableMasks = ["empty", "keep"] as const;

/** The kind for the whole value, or one for each path into its JSON, such as `$.contact.email`. */
export type ColumnMask = MaskKind | Readonly<Record<string, MaskKind>>;

/** `empty` copies no rows. `keep` copies all columns, and says that this is intended. */
export type TableMask = (typeof tableMasks)[number] | Readonly<Record<string, ColumnMask>>;

/** By the name of the table, then of the column. */
export type Masks = Readonly<Record<string, TableMask>>;

export interface MaskProblem {
  /** The keys that lead to what is wrong. Empty: the whole value. */
  readonly path: readonly string[];
  /** Continues a sentence that begins with the path. */
  readonly problem: string;
  /** The known word that was probably meant, or null. */
  readonly nearest: string | null;
}

/** True for {@link Masks}. Whether the tables and columns exist, only the database knows. */
export function isMasks(value: unknown): value is Masks {
  return maskProblems(value).length === 0;
}

/** All problems of a value that should be {@link Masks}, in the order of its keys. */
export function maskProblems(value: unknown): readonly MaskProblem[] {
  if (!isObject(value)) return [wrong([], value, "an object with a key for each table")];
  return [
    ...respelled([], value),
    ...Object.entries(value).flatMap(([table, mask]) => ofTable([table], mask)),
  ];
}

/** The value with `keep` in the place of every wrong part. So d1ops can compare the rest with a database. */
export function soundMasks(value: unknown): Masks {
  if (!isObject(value)) return {};
  const tables = Object.entries(value).map(([table, mask]): [string, TableMask] => {
    if (!isObject(mask)) return [table, mask === "empty" ? mask : "keep"];
    const columns = Object.entries(mask).map(([column, one]): [string, ColumnMask] => [
      column,
      isColumnMask(one) ? one : "keep",
    ]);
    return [table, Object.fromEntries(columns)];
  });
  return Object.fromEntries(tables);
}

function isColumnMask(value: unknown): value is ColumnMask {
  return ofColumn([], value).length === 0;
}

/** SQLite does not distinguish these names, so one of the masks would not count. */
function respelled(path: readonly string[], masks: object): MaskProblem[] {
  const names = Object.keys(masks);
  return names.flatMap((name, at) => {
    const first = names.findIndex((one) => sameIdentifier(one, name));
    if (first === at) return [];
    const problem = `means the same as ${names[first]}; write it once`;
    return [{ path: [...path, name], problem, nearest: null }];
  });
}

function ofTable(path: readonly string[], mask: unknown): readonly MaskProblem[] {
  if (isObject(mask)) {
    return [
      ...respelled(path, mask),
      ...Object.entries(mask).flatMap(([column, one]) => ofColumn([...path, column], one)),
    ];
  }
  if (tableMasks.some((one) => one === mask)) return [];
  return [
    wrong(path, mask, `an object with a key for each column, ${listed(tableMasks)}`, tableMasks),
  ];
}

function ofColumn(path: readonly string[], mask: unknown): readonly MaskProblem[] {
  if (!isObject(mask)) return isKind(mask) ? [] : [wrong(path, mask, KIND_OR_PATHS, maskKinds)];
  return Object.entries(mask).flatMap(([key, one]) => {
    const at = [...path, key];
    if (jsonPathOf(key) === null) {
      const problem =
        'is not a path into JSON; write it like $.contact.email, $.tags[0], $.tags[*] or $."a key"';
      return [{ path: at, problem, nearest: null }];
    }
    return isKind(one) ? [] : [wrong(at, one, listed(maskKinds), maskKinds)];
  });
}

const KIND_OR_PATHS = `${listed(maskKinds)}, or an object with paths into JSON such as $.contact.email`;

function isKind(value: unknown): value is MaskKind {
  return maskKinds.some((one) => one === value);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function wrong(
  path: readonly string[],
  value: unknown,
  words: string,
  known: readonly string[] = [],
): MaskProblem {
  const shown = typeof value === "string" ? JSON.stringify(value.slice(0, 60)) : typeOf(value);
  const guess = typeof value === "string" ? nearest(value, known) : null;
  return { path, problem: `is ${shown}; it has to be ${words}`, nearest: guess };
}

function typeOf(value: unknown): string {
  if (value === null) return "null without quotes";
  return Array.isArray(value) ? "a list" : `of the type ${typeof value}`;
}

function listed(words: readonly string[]): string {
  return words.map((word) => JSON.stringify(word)).join(", ");
}
