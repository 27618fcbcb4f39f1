/**
 * What migrations have written, and what D1 bills for it.
 * @module
 */
import { costOfAll } from "../backfills/sent.ts";
import type { D1Result } from "../database/port.ts";
import type { MigrationOutcome } from "./apply.ts";
import type { MigrationBatch } from "./batch.ts";
import type { Migration } from "./migration.ts";

export interface Spent {
  /** Rows that the migrations' own statements changed, as the ledger counts them. */
  readonly rows: number;
  /** What D1 bills for the whole batches: rows read and rows written, index entries included. Locally this is no bill. */
  readonly billed: { readonly read: number; readonly written: number };
}

/** Of one migration, from the answers of its batch. */
export function spentOn(
  { first }: MigrationBatch,
  migration: Migration,
  answers: readonly D1Result<unknown>[],
): Spent {
  const own = answers.slice(first, first + migration.statements.length);
  return {
    rows: own.reduce((sum, { meta }) => sum + meta.changes, 0),
    billed: costOfAll(answers),
  };
}

/** Of all that are done. What a lost answer has cost is not in it: only the ledger's count of its rows is known. */
export function spentSoFar(outcomes: readonly MigrationOutcome[]): Spent {
  const done = outcomes.flatMap((outcome) => (outcome.status === "done" ? [outcome.spent] : []));
  return {
    rows: done.reduce((sum, { rows }) => sum + rows, 0),
    billed: {
      read: done.reduce((sum, { billed }) => sum + billed.read, 0),
      written: done.reduce((sum, { billed }) => sum + billed.written, 0),
    },
  };
}
