/** @module Replays migrations one by one, as D1 would, on a scratch database. */
import type { D1Database } from "../database/port.ts";
import { refusalOf } from "../failure/kind.ts";

export interface ReplayedMigration {
  readonly name: string;
  readonly statements: readonly string[];
  /** Runs after the statements in the same batch, and may fail. */
  readonly record?: string;
}

export type Replayed =
  | { readonly ok: true }
  | ({ readonly ok: false; readonly name: string } & ReplayFailure);

export interface ReplayFailure {
  /** The failed statement, 0-based; null if the database does not report it. */
  readonly index: number | null;
  /** The offset of the error in the statement, in UTF-16 units. */
  readonly place: number | null;
  /** Without D1's prefix `D1_ERROR: `. */
  readonly message: string;
}

/** Runs one batch per migration. Stops at the first one that fails. Omits a failing statement if `mayFail` allows it. */
export async function replay(
  db: D1Database,
  migrations: readonly ReplayedMigration[],
  mayFail: (statement: string) => boolean = () => false,
): Promise<Replayed> {
  for (const { name, statements, record } of migrations) {
    const own = statements.map((text, index) => ({ text, index }));
    const all = record === undefined ? own : [...own, { text: record, index: null }];
    const failed = await runBatch(db, all, mayFail);
    if (failed !== null) return { ok: false, name, ...failed };
  }
  return { ok: true };
}

interface Ordered {
  readonly text: string;
  /** 0-based index among the migration's own statements; null for the record. */
  readonly index: number | null;
}

/** Runs a batch. If a statement fails that may fail, runs the batch again without it. */
async function runBatch(
  db: D1Database,
  statements: readonly Ordered[],
  mayFail: (statement: string) => boolean,
): Promise<ReplayFailure | null> {
  if (statements.length === 0) return null;
  try {
    const texts = [...RESET_PRAGMAS, ...statements.map(({ text }) => text)];
    await db.batch(texts.map((text) => db.prepare(text)));
    return null;
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === null) throw error;
    const { index, place, reason: message } = refusal;
    const failed = index === null ? undefined : statements[index - RESET_PRAGMAS.length];
    if (failed === undefined) return { index: null, place: null, message };
    if (failed.index !== null && !mayFail(failed.text)) {
      return { index: failed.index, place, message };
    }
    return runBatch(
      db,
      statements.filter((one) => one !== failed),
      mayFail,
    );
  }
}

/**
 * These settings outlive the batch that sets them, even if it fails. On D1 they last until the database is evicted, which
 * may happen before the next migration. So no migration may rely on them.
 */
export const RESET_PRAGMAS: readonly string[] = [
  "PRAGMA case_sensitive_like = OFF",
  "PRAGMA ignore_check_constraints = OFF",
  "PRAGMA legacy_alter_table = OFF",
  "PRAGMA recursive_triggers = OFF",
  "PRAGMA reverse_unordered_selects = OFF",
];
