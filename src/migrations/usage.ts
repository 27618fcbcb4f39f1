/**
 * What migrations have written, and what D1 bills for it.
 * @module
 */
import type { D1Result } from "../database/port.ts";
import { addCosts, type Cost, costOfAll, NO_COST } from "../report/billing.ts";
import type { MigrationBatch } from "./batch.ts";
import type { Migration } from "./migration.ts";

export interface Usage {
  /** Rows changed by the migrations' own statements, as the ledger counts them. */
  readonly rows: number;
  /** Rows that D1 bills for the whole batches, index entries included. A local database costs nothing. */
  readonly billed: Cost;
}

export function usageOf(
  { first }: MigrationBatch,
  migration: Migration,
  answers: readonly D1Result<unknown>[],
): Usage {
  const own = answers.slice(first, first + migration.statements.length);
  return {
    rows: own.reduce((sum, { meta }) => sum + meta.changes, 0),
    billed: costOfAll(answers),
  };
}

/** The sum. A lost answer contributes only the rows in the ledger: what it cost is unknown. */
export function totalUsage(all: readonly Usage[]): Usage {
  return {
    rows: all.reduce((sum, { rows }) => sum + rows, 0),
    billed: all.map(({ billed }) => billed).reduce(addCosts, NO_COST),
  };
}
