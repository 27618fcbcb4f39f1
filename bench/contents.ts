/** @module Compares the database after a run with what its folder creates. */
import type { Folder } from "./folders.ts";

export type Ledger = "with ledger" | "no ledger";

export interface Contents {
  /** The names in the schema. */
  readonly objects: readonly string[];
  /** The number of rows in all tables of the folder. */
  readonly rows: number;
  /** The ledger's names in their order; null for a contestant without a ledger. */
  readonly recorded: readonly string[] | null;
}

/** Throws if an object or a row of the folder is missing, or a name in the ledger, if there is one. */
export function requireContents(
  { objects, rows, recorded }: Contents,
  { files, expected }: Folder,
): void {
  const present = new Set(objects);
  const missing = expected.objects.filter((name) => !present.has(name));
  if (missing.length > 0)
    throw new Error(`${missing.length} objects are missing, ${missing[0]} is the first`);
  if (rows !== expected.rows) throw new Error(`${rows} rows instead of ${expected.rows}`);
  if (recorded !== null && recorded.join() !== files.map(({ name }) => name).join()) {
    throw new Error(
      `the ledger has ${recorded.length} names, not the ${files.length} of the folder in their order`,
    );
  }
}
