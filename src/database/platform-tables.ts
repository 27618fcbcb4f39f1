/** @module Keeps the tables that belong to Cloudflare's platform when a database is replaced. */
import type { DatabaseSync } from "node:sqlite";
import { quoteIdentifier } from "../sql/quote.ts";
import { isDamage } from "./sqlite-error.ts";

/**
 * Copies the tables `_cf_…` of the file `path` into `db`. A running workerd creates `_cf_METADATA` only once, and fails if it is
 * missing later. If the file is damaged, it copies nothing: a restore must also replace a damaged database.
 */
export function keepPlatformTables(db: DatabaseSync, path: string): void {
  try {
    db.prepare("ATTACH ? AS live").run(path);
    db.exec("BEGIN");
    copyTables(db);
    db.exec("COMMIT; DETACH live");
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    if (!isDamage(error)) throw error;
  }
}

function copyTables(db: DatabaseSync): void {
  const tables = db
    .prepare(
      String.raw`SELECT name, sql FROM live.sqlite_schema WHERE type = 'table' AND name LIKE '\_cf\_%' ESCAPE '\'`,
    )
    .all();
  for (const { name, sql } of tables) {
    const table = quoteIdentifier(String(name));
    db.exec(`DROP TABLE IF EXISTS main.${table}`);
    db.exec(String(sql));
    db.exec(`INSERT INTO main.${table} SELECT * FROM live.${table}`);
  }
}
