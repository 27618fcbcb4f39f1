/** @module Decides which words in double quotes are names. SQLite reads a word that names nothing as a string. */
import { isKeyword } from "./keywords.ts";
import { contents, isSign, type Lexeme } from "../sql/lexemes.ts";
import type { Schema } from "./model.ts";
import { fold, type IsName, isNamePlace } from "./normal.ts";

const ROWID = ["rowid", "oid", "_rowid_"];

/** The names in a CHECK, an index or a generated column: only the table's columns. */
export function columnNames(columns: readonly { readonly name: string }[]): IsName {
  const names = new Set([...ROWID, ...columns.map(({ name }) => fold(name))]);
  return (name) => names.has(name);
}

/** The folded names of all tables and views, each with the folded names of its columns. */
export type Names = ReadonlyMap<string, readonly string[]>;

export function namesOf(schemas: readonly Schema[]): Names {
  const tables = schemas.flatMap((schema) => schema.tables);
  const views = schemas.flatMap((schema) => schema.views);
  return collectNames([
    ...tables.map(({ name, columns }) => ({ name, columns: columns.map((each) => each.name) })),
    ...views.map(({ name, columns }) => ({ name, columns: columns ?? [] })),
  ]);
}

export function collectNames(
  things: readonly { readonly name: string; readonly columns: readonly string[] }[],
): Names {
  const names = new Map<string, readonly string[]>();
  for (const { name, columns } of things) {
    const key = fold(name);
    names.set(key, [...(names.get(key) ?? []), ...columns.map(fold)]);
  }
  return names;
}

/**
 * The names in a trigger or a view: its own, such as an alias; all tables; and the columns of the tables that it
 * mentions. Any other word may be a string or the name of a missing object.
 */
export function statementNames(
  names: Names,
  list: readonly Lexeme[],
): (name: string) => true | null {
  const own = list.filter((lexeme, at) => {
    const { kind, text } = lexeme;
    const after = list[at + 1];
    if (kind === "word")
      return !isKeyword(lexeme, after) && !isSign(after, ".") && !isSign(after, "(");
    const isOtherQuote = kind === "quoted" && !text.startsWith('"');
    return isOtherQuote || isNamePlace(list, at);
  });
  const mentioned = list.flatMap((lexeme) => names.get(fold(contents(lexeme))) ?? []);
  const known = new Set([...ROWID, ...own.map((lexeme) => fold(contents(lexeme))), ...mentioned]);
  return (name) => known.has(name) || names.has(name) || null;
}
