/** @module Compares the present with a snapshot: what a restore would change, and what would be lost. */
import type { Manifest, SnapshotDatabase, SnapshotFile, SnapshotTable } from "../store/manifest.ts";
import { rowsOf } from "../store/sizes.ts";

/** `created`: only the snapshot has it. `removed`: only the present has it. */
export type Change = "same" | "changed" | "created" | "removed";

export interface TablePlan {
  readonly name: string;
  readonly change: Change;
  readonly rowsNow: number;
  readonly rowsThen: number;
  /** The rows of the present in ranges that the snapshot does not have: so many rows at most are lost. */
  readonly atRisk: number;
}

export interface FilePlan {
  readonly path: string;
  readonly change: Change;
  readonly bytesNow: number;
  readonly bytesThen: number;
}

export interface RestorePlan {
  /** Null if the restore does not concern the database. */
  readonly database: DatabasePlan | null;
  /** Files that only the present has are part of the plan if a pattern of the snapshot matches them. */
  readonly files: readonly FilePlan[];
  /** Only of a restore of some tables: rows that would refer to a row that does not exist. Null if SQLite could not check. */
  readonly orphans: readonly { readonly table: string; readonly rows: number }[] | null;
  /** Some tables of a remote database are restored, which Time Travel cannot do. */
  readonly needsTransactions: boolean;
}

export interface SchemaPlan {
  /** `index by_email` */
  readonly name: string;
  readonly change: Exclude<Change, "same">;
  /** True if {@link DatabasePlan.tables} says what happens to it. */
  readonly isPlannedTable: boolean;
}

export interface DatabasePlan {
  readonly tables: readonly TablePlan[];
  /** Objects of the schema that differ. */
  readonly schema: readonly SchemaPlan[];
  /** What else differs, each as the end of a sentence. Only a remote database has such differences. */
  readonly others: readonly string[];
  readonly rowsNow: number;
  readonly rowsThen: number;
}

/** `now`: a snapshot of the present, which need not be stored. It contains what the restore concerns. */
export function planRestore(
  now: Pick<Manifest, "database" | "files">,
  then: Pick<Manifest, "database" | "files">,
): RestorePlan {
  const before = new Map(now.files.map((file) => [file.path, file]));
  const wanted = new Set(then.files.map(({ path }) => path));
  const extra = now.files.filter(({ path }) => !wanted.has(path));
  return {
    orphans: [],
    needsTransactions: false,
    database: then.database && planDatabase(now.database, then.database),
    files: [
      ...then.files.map((file) => planFile(before.get(file.path), file)),
      ...extra.map(({ path, bytes }): FilePlan => ({
        path,
        change: "removed",
        bytesNow: bytes,
        bytesThen: 0,
      })),
    ],
  };
}

function planDatabase(now: SnapshotDatabase | null, then: SnapshotDatabase): DatabasePlan {
  const wanted = new Map(then.tables.map((table) => [table.name, table]));
  const present = new Map((now?.tables ?? []).map((table) => [table.name, table]));
  const names = [...new Set([...wanted.keys(), ...present.keys()])];
  const tables = names.map((name) => planTable(name, present.get(name), wanted.get(name)));
  return {
    tables,
    schema: planSchema(now, then, tables),
    others: [],
    rowsNow: rowsOf(now),
    rowsThen: rowsOf(then),
  };
}

function planTable(
  name: string,
  now: SnapshotTable | undefined,
  then: SnapshotTable | undefined,
): TablePlan {
  const kept = new Set((then?.chunks ?? []).map(({ id }) => id));
  const lost = (now?.chunks ?? []).filter(({ id }) => !kept.has(id));
  const same = now?.digest === then?.digest && now?.columns.join("\n") === then?.columns.join("\n");
  return {
    name,
    change:
      now === undefined ? "created" : then === undefined ? "removed" : same ? "same" : "changed",
    rowsNow: now?.rows ?? 0,
    rowsThen: then?.rows ?? 0,
    atRisk: lost.reduce((sum, { rows }) => sum + rows, 0),
  };
}

function planSchema(
  now: SnapshotDatabase | null,
  then: SnapshotDatabase,
  tables: readonly TablePlan[],
): SchemaPlan[] {
  const textsOf = (database: SnapshotDatabase | null): Map<string, string> =>
    new Map((database?.schema ?? []).map(({ type, name, sql }) => [`${type} ${name}`, sql]));
  const [present, wanted] = [textsOf(now), textsOf(then)];
  const planned = new Set(
    tables.filter(({ change }) => change !== "same").map(({ name }) => `table ${name}`),
  );
  return [...new Set([...wanted.keys(), ...present.keys()])]
    .filter((name) => present.get(name) !== wanted.get(name))
    .map((name) => ({
      name,
      change: !present.has(name) ? "created" : wanted.has(name) ? "changed" : "removed",
      isPlannedTable: planned.has(name),
    }));
}

function planFile(now: SnapshotFile | undefined, then: SnapshotFile): FilePlan {
  const same = now !== undefined && now.sha256 === then.sha256 && now.mode === then.mode;
  return {
    path: then.path,
    change: now === undefined ? "created" : same ? "same" : "changed",
    bytesNow: now?.bytes ?? 0,
    bytesThen: then.bytes,
  };
}

/** What the restore would change. */
export function changesOf({ database, files }: RestorePlan): {
  readonly tables: readonly TablePlan[];
  /** Objects of the schema, without those that `tables` contains. */
  readonly schema: readonly SchemaPlan[];
  readonly others: readonly string[];
  readonly files: readonly FilePlan[];
} {
  return {
    others: database?.others ?? [],
    schema: (database?.schema ?? []).filter(({ isPlannedTable }) => !isPlannedTable),
    tables: (database?.tables ?? []).filter(({ change }) => change !== "same"),
    files: files.filter(({ change }) => change !== "same"),
  };
}

/** True if the database differs from the snapshot in a row or in an object of the schema. */
export function changesDatabase({ database }: RestorePlan): boolean {
  if (database === null) return false;
  if (database.schema.length + database.others.length > 0) return true;
  return database.tables.some(({ change }) => change !== "same");
}
