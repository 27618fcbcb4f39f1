/** @module Detects destructive statements by keyword. Only a rehearsal can tell what else they delete, such as children by cascade. */
import type { Finding } from "../report/report.ts";
import { Cursor } from "../schema/cursor.ts";
import { isWord, lexemes } from "../sql/lexemes.ts";
import { leadingWords } from "../sql/classify.ts";
import { positionAt } from "../sql/position.ts";
import { sameIdentifier } from "../sql/quote.ts";
import type { Migration } from "./migration.ts";

/** One finding per statement. Dropping a table that the same migrations created is not destructive, unless they copied rows into it. */
export function destructionFindings(migrations: readonly Migration[]): Finding[] {
  let ownTables: readonly string[] = [];
  return migrations.flatMap((migration) =>
    migration.statements.flatMap(({ text, start }) => {
      ownTables = tablesAfter(text, ownTables);
      const loss = lossOf(text);
      if (loss === null || has(ownTables, loss.table)) return [];
      return [
        {
          rule: "destructive",
          level: "warning" as const,
          file: migration.file,
          line: positionAt(migration.text, start).line,
          table: loss.table,
          message: `${migration.name} ${loss.what}.`,
          help: "Check that there is a copy. Without a terminal, `migrate apply --remote` requires `--confirm NAME` with the database's name.",
        },
      ];
    }),
  );
}

function has(tables: readonly string[], table: string): boolean {
  return tables.some((name) => sameIdentifier(name, table));
}

/** The created tables without older data, after this statement. */
function tablesAfter(statement: string, tables: readonly string[]): readonly string[] {
  const [first = "", second = ""] = leadingWords(statement, 2);
  if (["INSERT", "REPLACE", "WITH"].includes(first)) {
    const copy = copiedInto(statement);
    return copy === null ? tables : tables.filter((name) => !sameIdentifier(name, copy));
  }
  if (second !== "TABLE" || (first !== "CREATE" && first !== "ALTER")) return tables;
  const cursor = new Cursor(lexemes(statement));
  if (cursor.words("CREATE", "TABLE")) {
    // IF NOT EXISTS may have created nothing.
    return cursor.sees("IF") || readsRows(statement) ? tables : [...tables, cursor.qualifiedName()];
  }
  cursor.words("ALTER", "TABLE");
  const from = cursor.qualifiedName();
  if (!cursor.words("RENAME", "TO")) return tables;
  const to = cursor.name();
  const others = tables.filter((name) => !sameIdentifier(name, from) && !sameIdentifier(name, to));
  return has(tables, from) ? [...others, to] : others;
}

/** The table that an INSERT writes rows of other tables into. */
function copiedInto(statement: string): string | null {
  if (!readsRows(statement)) return null;
  const cursor = new Cursor(lexemes(statement));
  cursor.until((at) => at.sees("INTO"));
  return cursor.words("INTO") ? cursor.qualifiedName() : null;
}

function readsRows(statement: string): boolean {
  if (!/\bFROM\b/i.test(statement)) return false;
  const list = lexemes(statement);
  return ["SELECT", "FROM"].every((word) => list.some((lexeme) => isWord(lexeme, word)));
}

/** Excludes REPLACE and UPDATE: what they destroy is unknown before they run. */
function lossOf(statement: string): { readonly table: string; readonly what: string } | null {
  const [first = ""] = leadingWords(statement, 1);
  if (!["DROP", "ALTER", "DELETE", "WITH"].includes(first)) return null;
  const cursor = new Cursor(lexemes(statement));
  if (first === "WITH") cursor.until((at) => at.sees("DELETE"));
  if (cursor.words("DROP", "TABLE")) {
    cursor.words("IF", "EXISTS");
    const table = cursor.qualifiedName();
    return { table, what: `drops the table ${table} with all its data` };
  }
  if (cursor.words("ALTER", "TABLE")) {
    const table = cursor.qualifiedName();
    if (!cursor.words("DROP")) return null;
    cursor.words("COLUMN");
    return { table, what: `drops the column ${table}.${cursor.name()} with all its data` };
  }
  if (!cursor.words("DELETE", "FROM")) return null;
  const table = cursor.qualifiedName();
  cursor.until((at) => at.sees("WHERE"));
  return { table, what: `deletes ${cursor.done ? "every row" : "rows"} of ${table}` };
}
