/**
 * Runs migrations one after the other, as D1 would, on a database that nobody minds.
 * @module
 */
import type { D1Database } from "../database/port.ts";
import { refusalOf } from "../failure/kind.ts";

export interface ReplayedMigration {
  readonly name: string;
  readonly statements: readonly string[];
  /** Runs after them in the same batch, whatever becomes of it. */
  readonly record?: string;
}

/**
 * `index`: the place of the statement that failed, 0-based; null where the database does not say. `place`: where in its text
 * what SQLite complains of stands, in UTF-16 units.
 */
export type Replayed =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly name: string;
      readonly index: number | null;
      readonly place: number | null;
      /** Without D1's `D1_ERROR: `. */
      readonly message: string;
    };

/**
 * One batch a migration; stops at the first that fails, and nothing of that one stays. A statement that may fail is left
 * out where it does.
 *
 * ```ts
 * const { d1, close } = openMemory();
 * const replayed = await replay(d1, migrations);
 * const schema = replayed.ok ? await readSchema(d1) : null;
 * ```
 */
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
  /** Among the migration's own statements, 0-based; null for the record. */
  readonly index: number | null;
}

/** Runs them again without one that failed and may. */
async function runBatch(
  db: D1Database,
  statements: readonly Ordered[],
  mayFail: (statement: string) => boolean,
): Promise<{ index: number | null; place: number | null; message: string } | null> {
  if (statements.length === 0) return null;
  try {
    await db.batch(
      [...RESET, ...statements.map(({ text }) => text)].map((text) => db.prepare(text)),
    );
    return null;
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === null) throw error;
    const { index, place, reason: message } = refusal;
    const failed = index === null ? undefined : statements[index - RESET.length];
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
 * These outlive the batch that sets them, also where it fails. On D1 they last until the database is evicted,
 * which may be before the next migration or not: none may count on them.
 */
const RESET = [
  "PRAGMA case_sensitive_like = OFF",
  "PRAGMA ignore_check_constraints = OFF",
  "PRAGMA legacy_alter_table = OFF",
  "PRAGMA recursive_triggers = OFF",
  "PRAGMA reverse_unordered_selects = OFF",
];
