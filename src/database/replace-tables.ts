/**
 * Gives some tables of a local database the rows of another file, in one transaction of the live file. Other tables stay as they are, also
 * what others have just written to them. No foreign key acts, and no trigger fires.
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import { sameText } from "../snapshots/compare/compare-schema.ts";
import { OpsError } from "../snapshots/errors.ts";
import type { SchemaObject } from "../snapshots/store/manifest.ts";
import { isVirtual } from "../snapshots/rows/virtual-tables.ts";
import { quoteIdentifier } from "../sql/quote.ts";
import { translateFileError } from "./file-error.ts";
import type { TableRows } from "./load-rows.ts";
import { syncOrReport, type RestoreIntoOptions } from "./restore-into.ts";
import { createObject, enterObject } from "./schema-entries.ts";
import { isStatementError } from "./sqlite-error.ts";
import { emptyLog } from "./watch-file.ts";
import { createFile } from "./writer.ts";

export interface Replacement {
  /** The file that has the rows. */
  readonly from: string;
  /** The definitions of the tables, and the indexes and triggers of those that are created. */
  readonly schema: readonly SchemaObject[];
  /** The names of the tables that the live file lacks. */
  readonly created: readonly string[];
  readonly tables: readonly Pick<TableRows, "name" | "columns">[];
}

/**
 * Creates the file and its folders if they are missing, and tables that the live file lacks. Returns when the rows survive a power failure.
 * `requireUnchanged` is called under the write lock, so no write of others is lost.
 * @throws what `requireUnchanged` throws, OpsError SNAPSHOT_INCOMPLETE, DATABASE_BUSY, DATABASE_FULL, DATABASE_READ_ONLY, DATABASE_UNREADABLE, DATABASE_NOT_SQLITE: the live file is unchanged.
 * DATABASE_NOT_SYNCED: the rows are replaced.
 */
export function replaceTables(
  live: string,
  replacement: Replacement,
  { busyTimeoutMs: timeout = 5000, requireUnchanged }: RestoreIntoOptions = {},
): void {
  const started = performance.now();
  try {
    createFile(live, timeout);
    const db = new DatabaseSync(live, {
      timeout,
      // Shadow tables, and the entries of virtual tables, are written like others.
      defensive: false,
      enableForeignKeyConstraints: false,
      enableDoubleQuotedStringLiterals: true,
    });
    try {
      // If the disk is full later, only a log without transactions can be emptied.
      if (requireUnchanged === undefined) emptyLog(db, timeout);
      db.prepare("ATTACH ? AS source").run(replacement.from);
      db.exec("PRAGMA ignore_check_constraints = ON; BEGIN IMMEDIATE");
      requireUnchanged?.();
      replaceAll(db, replacement);
      db.exec("COMMIT");
      syncOrReport(db, live);
    } finally {
      if (db.isTransaction) db.exec("ROLLBACK");
      emptyLog(db, timeout);
      db.close();
    }
  } catch (error) {
    throw translateFileError(error, live, Math.round(performance.now() - started));
  }
}

function replaceAll(db: DatabaseSync, { schema, created, tables }: Replacement): void {
  const texts = tableTexts(db);
  const create = (isWanted: (one: SchemaObject) => boolean, act: typeof createObject): void => {
    for (const one of schema)
      if (isWanted(one) && !(isTable(one) && texts.has(one.name))) act(db, one);
  };
  for (const { name, sql } of schema.filter(isTable)) {
    const present = texts.get(name);
    const planned = created.includes(name) ? undefined : sql;
    if (!sameText(present ?? "", planned ?? "")) throw changed(name);
  }
  create((one) => isTable(one) && !isVirtual(one.sql), createObject);
  const dropped = dropTriggers(db, tables);
  for (const table of tables) copyRows(db, table);
  for (const { name } of tables) raiseSequence(db, name);
  create(({ type }) => type === "index", createObject);
  const virtual = schema.filter((one) => isTable(one) && isVirtual(one.sql));
  if (virtual.some(({ name }) => created.includes(name))) {
    db.exec("PRAGMA writable_schema = ON");
    create((one) => virtual.includes(one), enterObject);
    db.exec(`PRAGMA writable_schema = OFF; PRAGMA schema_version = ${versionOf(db) + 1}`);
  }
  for (const sql of dropped) db.exec(sql);
  create(({ type }) => type === "trigger", createObject);
}

function isTable({ type }: SchemaObject): boolean {
  return type === "table";
}

function tableTexts(db: DatabaseSync): Map<string, string> {
  const rows = db.prepare("SELECT name, sql FROM main.sqlite_schema WHERE type = 'table'").all();
  return new Map(rows.map(({ name, sql }) => [String(name), String(sql)]));
}

/** Returns the texts that create the triggers again, in their order. */
function dropTriggers(db: DatabaseSync, tables: Replacement["tables"]): string[] {
  const triggers = db.prepare(
    "SELECT name, sql FROM main.sqlite_schema WHERE type = 'trigger' AND tbl_name = ? COLLATE NOCASE ORDER BY rowid",
  );
  const found = tables.flatMap(({ name }) => triggers.all(name));
  for (const { name } of found) db.exec(`DROP TRIGGER main.${quoteIdentifier(String(name))}`);
  return found.map(({ sql }) => String(sql));
}

/** ON CONFLICT of a table does not apply: an index that was added later may exclude rows of the snapshot. */
function copyRows(db: DatabaseSync, { name, columns }: Replacement["tables"][number]): void {
  const table = quoteIdentifier(name);
  const list = columns.map(quoteIdentifier).join(",");
  try {
    db.exec(
      `DELETE FROM main.${table}; INSERT OR FAIL INTO main.${table}(${list}) SELECT ${list} FROM source.${table}`,
    );
  } catch (error) {
    if (!isStatementError(error)) throw error;
    throw rejected(name, error.message, error);
  }
}

/**
 * Tables that stay may refer to rows that were created since the snapshot, and a new row must not get the id of one of them. So the number
 * of an AUTOINCREMENT table never goes back.
 */
function raiseSequence(db: DatabaseSync, name: string): void {
  const has = db.prepare(
    "SELECT (SELECT count(*) FROM main.sqlite_schema WHERE name = 'sqlite_sequence') + (SELECT count(*) FROM source.sqlite_schema WHERE name = 'sqlite_sequence') AS n",
  );
  if (Number(has.get()?.["n"]) < 2) return;
  const wanted = "(SELECT seq FROM source.sqlite_sequence WHERE name = $name)";
  db.prepare(
    `UPDATE main.sqlite_sequence SET seq = ${wanted} WHERE name = $name AND seq < ${wanted}`,
  ).run({ name });
  db.prepare(
    "INSERT INTO main.sqlite_sequence(name, seq) SELECT name, seq FROM source.sqlite_sequence WHERE name = $name AND name NOT IN (SELECT name FROM main.sqlite_sequence)",
  ).run({ name });
}

/** Other connections read the schema again when this number changes. */
function versionOf(db: DatabaseSync): number {
  return Number(db.prepare("PRAGMA schema_version").get()?.["schema_version"]);
}

function changed(table: string): OpsError {
  const reason = "another program changed, created or dropped it meanwhile";
  const message = `The table ${table} cannot be restored: ${reason}. Nothing was changed.`;
  const hint = "Run the same command again when no migration runs.";
  return new OpsError("SNAPSHOT_INCOMPLETE", { table, reason }, { message, hint });
}

function rejected(table: string, reason: string, cause: Error): OpsError {
  const text = {
    message: `The table ${table} does not accept the rows of the snapshot: ${reason}. Nothing was changed.`,
    hint: "An index that was added after the snapshot may exclude some of its rows. Drop the index, or restore the whole database.",
  };
  return new OpsError("SNAPSHOT_INCOMPLETE", { table, reason }, text, { cause });
}
