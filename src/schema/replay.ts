/**
 * Runs migrations one after the other, as D1 would, on a database that nobody minds.
 * @module
 */
import type { D1Database, D1Failure } from "../database/port.ts";

export interface ReplayedMigration {
  readonly name: string;
  readonly statements: readonly string[];
}

/** `index`: the place of the statement that failed, 0-based; null where the database does not say. */
export type Replayed =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly name: string;
      readonly index: number | null;
      readonly message: string;
    };

/**
 * One batch a migration; stops at the first that fails, and nothing of that one stays.
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
): Promise<Replayed> {
  for (const { name, statements } of migrations) {
    if (statements.length === 0) continue;
    try {
      await db.batch([...RESET, ...statements].map((statement) => db.prepare(statement)));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const index = error.index === undefined ? null : error.index - RESET.length;
      return { ok: false, name, index, message: error.message };
    }
  }
  return { ok: true };
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

function isRefusal(error: unknown): error is D1Failure {
  return error instanceof Error && error.message.startsWith("D1_");
}
