/**
 * The words of a transaction in a migration. A migration is one transaction by itself, so D1 refuses them all, and
 * wrangler takes one spelling of them out of the file before D1 sees it: `BEGIN TRANSACTION;` and `COMMIT;`, as SQLite's
 * own dumps have them (since wrangler 3.1, in `d1/trimmer.ts`).
 *
 * wrangler replaces text, so it also changes strings and comments that hold these words. Here only whole statements count.
 * @module
 */
import { leadingWords } from "./classify.ts";
import { pieces, type Statement, statementsOf } from "./split.ts";
import type { Token } from "./tokens.ts";

const BEGIN = "BEGIN TRANSACTION";
const DROPPED: readonly string[] = [`${BEGIN};`, "COMMIT;"];

/** The statements of a migration: those of its file, without the transaction that wrangler takes out. */
export function splitMigration(sql: string): Statement[] {
  return statementsOf(sql, migrationPieces(sql));
}

/**
 * The statements of a migration as tokens.
 * @yields {readonly Token[]} The significant tokens of one statement, as {@link pieces} yields them.
 */
export function* migrationPieces(sql: string): Generator<readonly Token[], void, undefined> {
  // wrangler looks for these words first, and leaves a COMMIT alone where they are missing.
  const left = new Set(sql.includes(BEGIN) ? DROPPED : []);
  for (const piece of pieces(sql)) {
    // Each is taken out once.
    if (!left.delete(sql.slice(piece[0]?.start, piece.at(-1)?.end))) yield piece;
  }
}

const WORDS: ReadonlySet<string> = new Set([
  "BEGIN",
  "COMMIT",
  "END",
  "ROLLBACK",
  "SAVEPOINT",
  "RELEASE",
]);

/** The first word of a statement that begins, ends or undoes a transaction, in upper case; null for all others. */
export function transactionWord(statement: string): string | null {
  const [first = ""] = leadingWords(statement, 1);
  return WORDS.has(first) ? first : null;
}
