/** @module The modules of virtual tables that a database needs. */
import type { DatabaseSync } from "node:sqlite";
import { OpsError } from "../snapshots/errors.ts";
import type { SchemaObject } from "../snapshots/manifest.ts";
import { unquoteIdentifier, upperCase } from "../sql/quote.ts";
import { isSignificant, textOf, tokens } from "../sql/tokens.ts";

export function isVirtual(sql: string): boolean {
  return wordsOf(sql)[1] === "VIRTUAL";
}

/** SQLite keeps the text from the name on: CREATE VIRTUAL TABLE name USING module(…). */
function moduleOf(sql: string): string {
  return upperCase(unquoteIdentifier(wordsOf(sql)[5] ?? ""));
}

function wordsOf(sql: string): string[] {
  const words: string[] = [];
  for (const token of tokens(sql)) {
    if (isSignificant(token)) words.push(textOf(sql, token));
    if (words.length === 6) break;
  }
  return words;
}

/** Without its module, SQLite could not read a virtual table. @throws OpsError SNAPSHOT_INCOMPLETE */
export function requireModules(db: DatabaseSync, schema: readonly SchemaObject[]): void {
  const rows = db.prepare("SELECT name FROM pragma_module_list").all();
  const known = new Set(rows.map(({ name }) => upperCase(String(name))));
  for (const { name, sql } of schema) {
    if (isVirtual(sql) && !known.has(moduleOf(sql))) throw missing(name, moduleOf(sql));
  }
}

function missing(table: string, module: string): OpsError {
  const reason = `its module ${module} is not part of this SQLite`;
  const text = {
    message: `The virtual table ${table} cannot be restored: ${reason}.`,
    hint: `D1 has the modules fts5, fts5vocab, rtree and rtree_i32 only. Drop ${table}, and take another snapshot.`,
  };
  return new OpsError("SNAPSHOT_INCOMPLETE", { table, reason }, text);
}
