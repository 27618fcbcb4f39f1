/** @module The tables that the user chose for a restore. */
import type { Project } from "../../project/project.ts";
import {
  chooseTables,
  type ChosenTables,
  withTables,
} from "../../snapshots/restore/choose-tables.ts";
import type { Manifest, SnapshotDatabase } from "../../snapshots/store/manifest.ts";
import type { Chosen } from "./choose.ts";
import type { SnapshotRestoreOptions } from "./restore-options.ts";

export interface TablesOf {
  readonly chosen: ChosenTables;
  readonly now: SnapshotDatabase;
  /** The present after the restore. */
  readonly after: SnapshotDatabase;
  /** What the temporary file with the rows of the snapshot contains. */
  readonly wanted: SnapshotDatabase;
}

/** @throws OpsError USAGE, SNAPSHOT_INCOMPLETE */
export function tablesOf(
  { settings }: Project<SnapshotRestoreOptions>,
  names: readonly string[],
  { database: now }: Manifest,
  { snapshot, short }: Chosen,
): TablesOf {
  const { database: then } = snapshot.manifest;
  if (now === null || then === null) throw new Error("a restore of tables concerns a database");
  const { migrationsTable } = settings.database;
  const isOwn = (name: string): boolean =>
    /^d1ops_/i.test(name) || name.toLowerCase() === migrationsTable.toLowerCase();
  const chosen = chooseTables({ names, present: now, snapshot: then, short, isOwn });
  const { schema, tables } = chosen.content;
  const sequence = then.tables.filter(({ name }) => name === "sqlite_sequence");
  return {
    chosen,
    now,
    after: withTables(now, chosen),
    wanted: { ...then, schema, tables: [...tables, ...sequence] },
  };
}
