/**
 * Which words in double quotes are names. To SQLite, those that name nothing are strings.
 * @module
 */
import { isKeyword } from "./keywords.ts";
import { contents, type Lexeme } from "./lexemes.ts";
import type { Schema } from "./model.ts";
import { fold, type IsName, isNamePlace } from "./normal.ts";

const ROWID = ["rowid", "oid", "_rowid_"];

/** In a CHECK, an index or a generated column: the columns of the table, and nothing else. */
export function columnNames(columns: readonly { readonly name: string }[]): IsName {
  const names = new Set([...ROWID, ...columns.map(({ name }) => fold(name))]);
  return (name) => names.has(name);
}

/**
 * In a trigger or a view: any table or column may be meant, and what the statement brings in by itself, as an
 * alias. Other words may be strings, or names of what is not there.
 */
export function statementNames(
  known: ReadonlySet<string>,
  list: readonly Lexeme[],
): (name: string) => true | null {
  const own = list.filter((lexeme, at) => {
    const { kind, text } = lexeme;
    if (kind === "word") return !isKeyword(lexeme, list[at + 1]);
    const isOtherQuote = kind === "quoted" && !text.startsWith('"');
    return isOtherQuote || isNamePlace(lexeme, list[at - 1], list[at + 1]);
  });
  const names = new Set(own.map((lexeme) => fold(contents(lexeme))));
  return (name) => known.has(name) || names.has(name) || null;
}

/** The folded names of all things and of their columns. */
export function allNames(things: readonly { readonly name: string }[]): ReadonlySet<string> {
  return new Set([...ROWID, ...things.map(({ name }) => fold(name))]);
}

export function schemaNames({ tables, views }: Schema): ReadonlySet<string> {
  const columns = views.flatMap((view) => (view.columns ?? []).map((name) => ({ name })));
  return allNames([...tables, ...tables.flatMap((table) => table.columns), ...views, ...columns]);
}
