/**
 * How the folder and the ledger stand to each other. Pure: the same inputs give the same answer.
 * @module
 */
import type { Applied } from "./ledger.ts";
import type { Migration } from "./migration.ts";

/** A file that says something else than when it was applied. */
export interface Changed {
  readonly migration: Migration;
  readonly recorded: string;
}

/** A ledger row without a file, and a pending file that says exactly the same. */
export interface Renamed {
  readonly from: string;
  readonly to: Migration;
}

export interface Standing {
  /** Oldest first, in the order in which the ledger has them. */
  readonly applied: readonly Applied[];
  /** In wrangler's order. */
  readonly pending: readonly Migration[];
  /** In the ledger, without a file. Those that were renamed are not among them. */
  readonly missing: readonly Applied[];
  readonly renamed: readonly Renamed[];
  readonly changed: readonly Changed[];
  /** Pending, although a later file is applied. */
  readonly outOfOrder: readonly Migration[];
  /** Applied by wrangler alone: nothing is known against them, and nothing for them. */
  readonly unverified: readonly string[];
}

/** Compares the folder (in wrangler's order) with the ledger. */
export function compareWithLedger(
  folder: readonly Migration[],
  applied: readonly Applied[],
): Standing {
  const files = new Map(folder.map((migration) => [migration.name, migration]));
  const rows = new Map(applied.map((row) => [row.name, row]));
  const pending = folder.filter((migration) => !rows.has(migration.name));
  const fileless = applied.filter((row) => !files.has(row.name));
  const renamed = findRenamed(fileless, pending);
  const renamedFrom = new Set(renamed.map((pair) => pair.from));
  const renamedTo = new Set(renamed.map((pair) => pair.to));
  const lastApplied = folder.findLastIndex((migration) => rows.has(migration.name));
  return {
    applied,
    pending,
    missing: fileless.filter((row) => !renamedFrom.has(row.name)),
    renamed,
    changed: applied.flatMap((row) => {
      const migration = files.get(row.name);
      const recorded = row.record?.checksum;
      if (migration === undefined || recorded === undefined) return [];
      return recorded === migration.checksum ? [] : [{ migration, recorded }];
    }),
    outOfOrder: folder
      .slice(0, lastApplied + 1)
      .filter((migration) => !rows.has(migration.name) && !renamedTo.has(migration)),
    unverified: applied.filter((row) => row.record === null).map((row) => row.name),
  };
}

/** Each file stands for one row at most, and an empty file for none: two of them say nothing about each other. */
function findRenamed(fileless: readonly Applied[], pending: readonly Migration[]): Renamed[] {
  const taken = new Set<Migration>();
  return fileless.flatMap((row) => {
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
