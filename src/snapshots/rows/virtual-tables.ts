/** @module Virtual tables: what their text says, and which tables have their rows. */
import { unquoteIdentifier, upperCase } from "../../sql/quote.ts";
import { isSignificant, textOf, tokens } from "../../sql/tokens.ts";
import type { SchemaObject } from "../store/manifest.ts";

export function isVirtual(sql: string): boolean {
  return wordsOf(sql, 2)[1] === "VIRTUAL";
}

/** SQLite keeps the text from the name on: CREATE VIRTUAL TABLE name USING module(…). In upper case. */
export function moduleOf(sql: string): string {
  return upperCase(unquoteIdentifier(wordsOf(sql, 6)[5] ?? ""));
}

function wordsOf(sql: string, count: number): string[] {
  const words: string[] = [];
  for (const token of tokens(sql)) {
    if (isSignificant(token)) words.push(textOf(sql, token));
    if (words.length === count) break;
  }
  return words;
}

/**
 * `rowsOf` says where a virtual table has its rows:
 *
 * - `own`: in its shadow tables. They can be read from the virtual table, and written to it.
 * - `other table`: an FTS5 index of another table (`content=users`), which FTS5 can build again.
 * - `nowhere`: an FTS5 index without content (`content=''`). Its shadow tables cannot be made again from what it returns.
 * - `none`: it has no rows of its own, such as a table of fts5vocab.
 */
export type VirtualTable = IndexOfTable | OtherVirtualTable;

interface AnyVirtualTable {
  readonly name: string;
  readonly sql: string;
  /** In upper case. */
  readonly module: string;
  /** The names that its shadow tables may have. */
  readonly shadows: readonly string[];
}

export interface IndexOfTable extends AnyVirtualTable {
  readonly rowsOf: "other table";
  /** The name of the table or the view that the index is of. */
  readonly source: string;
}

interface OtherVirtualTable extends AnyVirtualTable {
  readonly rowsOf: "own" | "nowhere" | "none";
}

const SHADOWS: ReadonlyMap<string, readonly string[]> = new Map([
  ["FTS5", ["data", "idx", "content", "docsize", "config"]],
  ["RTREE", ["node", "parent", "rowid"]],
  ["RTREE_I32", ["node", "parent", "rowid"]],
]);

export function virtualTablesOf(schema: readonly SchemaObject[]): VirtualTable[] {
  return schema
    .filter(({ type, sql }) => type === "table" && isVirtual(sql))
    .map(({ name, sql }): VirtualTable => {
      const module = moduleOf(sql);
      const suffixes = SHADOWS.get(module) ?? [];
      const shadows = suffixes.map((suffix) => `${name}_${suffix}`);
      const table = { name, sql, module, shadows };
      if (suffixes.length === 0) return { ...table, rowsOf: "none" };
      const source = module === "FTS5" ? contentOf(sql) : null;
      if (source === null) return { ...table, rowsOf: "own" };
      return source === ""
        ? { ...table, rowsOf: "nowhere" }
        : { ...table, rowsOf: "other table", source };
    });
}

export function tableIndexesOf(schema: readonly SchemaObject[]): IndexOfTable[] {
  return virtualTablesOf(schema).filter((one) => one.rowsOf === "other table");
}

/** FTS5 accepts `content=users`, `content='users'` and `content = "users"`. Null without this option. */
function contentOf(sql: string): string | null {
  const words = wordsOf(sql, Number.POSITIVE_INFINITY);
  const at = words.findIndex(
    (word, i) => i > 5 && upperCase(word) === "CONTENT" && words[i + 1] === "=",
  );
  return at === -1 ? null : unquoteIdentifier(words[at + 2] ?? "");
}
