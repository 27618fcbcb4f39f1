/**
 * Builds a SQLite file from a snapshot. It creates what SQLite's own VACUUM creates, in the same order: tables and their rows, then indexes,
 * and then the entries of views, triggers and virtual tables in `sqlite_schema`. So a view or a trigger may refer to what is missing, and
 * the shadow tables of a virtual table are ordinary tables that keep their rows as they are.
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import type { SchemaObject } from "../snapshots/store/manifest.ts";
import { COPY_NEEDS, translateLoadError } from "./load-errors.ts";
import { type ChunkText, loadRows, type LoadRowsOptions, type TableRows } from "./load-rows.ts";
import { createObject, createSystemTables, enterObject, orderObjects } from "./schema-entries.ts";
import { isVirtual } from "../snapshots/rows/virtual-tables.ts";
import { requireModules } from "./virtual-modules.ts";

export interface RebuildOptions extends LoadRowsOptions {
  /** In bytes. Default: 4096, as D1. A file that `restoreInto` puts in the place of another needs that one's. */
  readonly pageSize?: number;
}

/** A `SnapshotDatabase`, or a part of one. */
export interface RebuildSource {
  readonly schema: readonly SchemaObject[];
  readonly tables: readonly TableRows[];
}

/**
 * `path` is a missing or an empty file. After an error its content is undefined. Afterwards it is in WAL mode, as a file of workerd, but a
 * power failure may still damage it.
 * @throws OpsError SNAPSHOT_INCOMPLETE, FILE_UNWRITABLE, INTERRUPTED, and what `read` throws
 */
export async function rebuild(
  database: RebuildSource,
  read: ChunkText,
  path: string,
  options: RebuildOptions = {},
): Promise<void> {
  const db = new DatabaseSync(path, {
    limits: { attach: 0 },
    // SQLite's own tables and the entries of `sqlite_schema` are written like others.
    defensive: false,
    enableForeignKeyConstraints: false,
    enableDoubleQuotedStringLiterals: true,
  });
  const { schema, tables } = database;
  const each = (isWanted: (one: SchemaObject) => boolean, act: typeof createObject): void => {
    for (const one of schema) if (isWanted(one)) act(db, one);
  };
  try {
    // No other process uses the file, and a failed one is discarded.
    db.exec(
      `PRAGMA page_size = ${options.pageSize ?? 4096}; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; ` +
        "PRAGMA cache_size = -8192; PRAGMA ignore_check_constraints = ON; PRAGMA writable_schema = ON; BEGIN",
    );
    requireModules(db, schema);
    each(isTable, createObject);
    createSystemTables(db, tables);
    await loadRows(db, tables, read, options);
    each(isIndex, createObject);
    each((one) => !isTable(one) && !isIndex(one), enterObject);
    orderObjects(db, schema);
    db.exec("COMMIT; PRAGMA writable_schema = RESET; PRAGMA journal_mode = WAL");
  } catch (error) {
    throw translateLoadError(error, path, COPY_NEEDS);
  } finally {
    db.close();
  }
}

function isTable({ type, sql }: SchemaObject): boolean {
  return type === "table" && !isVirtual(sql);
}

function isIndex({ type }: SchemaObject): boolean {
  return type === "index";
}
