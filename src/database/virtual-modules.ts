/** @module The modules of virtual tables that a database needs. */
import type { DatabaseSync } from "node:sqlite";
import { OpsError } from "../snapshots/errors.ts";
import type { SchemaObject } from "../snapshots/store/manifest.ts";
import { isVirtual, moduleOf } from "../snapshots/rows/virtual-tables.ts";
import { upperCase } from "../sql/quote.ts";

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
