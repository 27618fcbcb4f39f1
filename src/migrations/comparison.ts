/** @module Compares the folder with the ledger. Pure. */
import { type Accepted, type Applied, NO_FILE, type Recorded } from "./ledger.ts";
import type { Migration } from "./migration.ts";

/** A file that was edited after it was applied. */
export interface Changed {
  readonly migration: Migration;
  readonly recorded: string;
}

/** A ledger row without a file, and a pending file with exactly its text. */
export interface Renamed {
  readonly from: string;
  readonly to: Migration;
}

/** An accepted difference, which no longer counts as changed or missing. */
export interface AcceptedFile {
  readonly name: string;
  /** Null if there is no file. */
  readonly migration: Migration | null;
  readonly accepted: Accepted;
}

export interface Comparison {
  /** Oldest first, in the order of the ledger. */
  readonly applied: readonly Applied[];
  /** In wrangler's order. */
  readonly pending: readonly Migration[];
  /** In the ledger, without a file. Excludes renamed ones. */
  readonly missing: readonly Applied[];
  readonly renamed: readonly Renamed[];
  readonly changed: readonly Changed[];
  readonly accepted: readonly AcceptedFile[];
  /** Pending, although a later file is applied. */
  readonly outOfOrder: readonly Migration[];
  /** Applied by wrangler alone, so d1ops has no checksum to compare with. */
  readonly unverified: readonly string[];
}

export function compareWithLedger(
  folder: readonly Migration[],
  applied: readonly Applied[],
): Comparison {
  const files = new Map(folder.map((migration) => [migration.name, migration]));
  const rows = new Map(applied.map((row) => [row.name, row]));
  const pending = folder.filter((migration) => !rows.has(migration.name));
  const fileless = applied.filter((row) => !files.has(row.name));
  const renamed = findRenamed(fileless, pending);
  const renamedFrom = new Set(renamed.map((pair) => pair.from));
  const renamedTo = new Set(renamed.map((pair) => pair.to));
  const accepted = applied.flatMap((row): AcceptedFile[] => {
    const migration = files.get(row.name) ?? null;
    if (row.accepted === undefined) return [];
    if (migration !== null && row.record?.checksum === migration.checksum) return [];
    if (row.accepted.checksum !== (migration?.checksum ?? NO_FILE)) return [];
    return [{ name: row.name, migration, accepted: row.accepted }];
  });
  const isAccepted = new Set(accepted.map(({ name }) => name));
  const lastApplied = folder.findLastIndex((migration) => rows.has(migration.name));
  return {
    applied,
    pending,
    missing: fileless.filter((row) => !renamedFrom.has(row.name) && !isAccepted.has(row.name)),
    renamed,
    changed: applied.flatMap((row) => {
      const migration = files.get(row.name);
      const recorded = row.record?.checksum;
      if (migration === undefined || recorded === undefined || isAccepted.has(row.name)) return [];
      return isAsApplied(migration, row.record) ? [] : [{ migration, recorded }];
    }),
    accepted: accepted.filter(({ name }) => !renamedFrom.has(name)),
    outOfOrder: folder
      .slice(0, lastApplied + 1)
      .filter((migration) => !rows.has(migration.name) && !renamedTo.has(migration)),
    unverified: applied.filter((row) => row.record === null).map((row) => row.name),
  };
}

/** The same text has the same checksum. So a file with the recorded mark does not have to be split into tokens. */
function isAsApplied(migration: Migration, record: Recorded | null): boolean {
  if (record === null) return false;
  const { checksum, textMark } = record;
  return migration.textMark(checksum) === textMark || migration.checksum === checksum;
}

/**
 * Matches each file with at most one row. An empty file matches none, because equal empty files prove nothing. Of several rows with the
 * same text, one that is accepted as deleted comes last: a file that is renamed twice leaves such a row.
 */
function findRenamed(fileless: readonly Applied[], pending: readonly Migration[]): Renamed[] {
  const taken = new Set<Migration>();
  const isDeleted = ({ accepted }: Applied): boolean => accepted?.checksum === NO_FILE;
  const rows = [...fileless.filter((row) => !isDeleted(row)), ...fileless.filter(isDeleted)];
  return rows.flatMap((row) => {
    const checksum = row.record?.checksum;
    if (checksum === undefined) return [];
    const to = pending.find(
      (migration) =>
        migration.checksum === checksum && migration.statements.length > 0 && !taken.has(migration),
    );
    if (to === undefined) return [];
    taken.add(to);
    return [{ from: row.name, to }];
  });
}
