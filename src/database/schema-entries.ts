/** @module Creates the objects of a schema in a new file, in which `sqlite_schema` can be written. */
import type { DatabaseSync } from "node:sqlite";
import { OpsError } from "../snapshots/errors.ts";
import type { SchemaObject, SnapshotTable } from "../snapshots/store/manifest.ts";
import { upperCase } from "../sql/quote.ts";
import { isStatementError } from "./sqlite-error.ts";

/** SQLite creates the tables `sqlite_sequence` and `sqlite_stat1` itself, and the schema of a snapshot does not contain them. */
export function isSystemTable(name: string): boolean {
  return upperCase(name).startsWith("SQLITE_");
}

/** Runs the text of a table or an index. @throws OpsError SNAPSHOT_INCOMPLETE */
export function createObject(db: DatabaseSync, one: SchemaObject): void {
  if (isSystemTable(one.name)) return;
  try {
    db.exec(one.sql);
  } catch (error) {
    if (!isStatementError(error)) throw error;
    throw rejected(one, error);
  }
}

/** Creates what only ANALYZE would create, and `sqlite_sequence` if the last AUTOINCREMENT table was dropped. */
export function createSystemTables(
  db: DatabaseSync,
  tables: readonly Pick<SnapshotTable, "name" | "columns">[],
): void {
  for (const { name, columns } of tables.filter((table) => isSystemTable(table.name))) {
    const names = columns.filter((column) => column !== "rowid").join(",");
    db.exec(`CREATE TABLE IF NOT EXISTS ${name}(${names})`);
  }
}

/** Enters an object that has no rows of its own without running its text, as SQLite's VACUUM does. */
export function enterObject(db: DatabaseSync, { type, name, table, sql }: SchemaObject): void {
  db.prepare("INSERT INTO sqlite_schema VALUES (?, ?, ?, 0, ?)").run(type, name, table, sql);
}

/** The index of a constraint has no text. SQLite must read it after its table. */
const ENTRIES =
  "SELECT rowid AS id, iif(sql IS NULL, 'table ' || tbl_name, type || ' ' || name) AS key FROM sqlite_schema ORDER BY rowid";

/** Gives the entries the order of the snapshot, so that a snapshot of the new file has the same content. */
export function orderObjects(db: DatabaseSync, schema: readonly SchemaObject[]): void {
  const places = new Map(schema.map(({ type, name }, i) => [`${type} ${name}`, i]));
  const entries = db
    .prepare(ENTRIES)
    .all()
    .map(({ id, key }) => ({ id: Number(id), place: places.get(String(key)) ?? schema.length }));
  const sorted = entries.toSorted((a, b) => a.place - b.place);
  if (sorted.every((entry, i) => entry === entries[i])) return;
  const move = db.prepare("UPDATE sqlite_schema SET rowid = ? WHERE rowid = ?");
  const last = entries.at(-1)?.id ?? 0;
  for (const [i, { id }] of sorted.entries()) move.run(last + 1 + i, id);
}

function rejected({ type, name, table }: SchemaObject, cause: Error): OpsError {
  const reason = cause.message;
  const text = {
    message: `SQLite cannot create the ${type} ${name}: ${reason}.`,
    hint: "A newer SQLite may accept it: install a newer node, and run the same command again.",
  };
  return new OpsError("SNAPSHOT_INCOMPLETE", { table, reason }, text, { cause });
}
