/**
 * Transaction statements in a migration. Each migration is one transaction already, so D1 rejects them all. Before it
 * sends a file to D1, wrangler removes one spelling of them: `BEGIN TRANSACTION;` and `COMMIT;`, as in SQLite's dumps
 * (since wrangler 3.1, in `d1/trimmer.ts`).
 *
 * wrangler replaces text, so it also changes strings and comments that contain these words. d1ops removes whole statements only.
 * @module
 */
import { leadingWords } from "./classify.ts";
import { upperCase } from "./quote.ts";
import { pieces } from "./split.ts";
import type { Token } from "./tokens.ts";

const BEGIN = "BEGIN TRANSACTION";
const DROPPED: readonly string[] = [`${BEGIN};`, "COMMIT;"];

/**
 * Splits a migration into the tokens of its statements, without the transaction statements that wrangler removes.
 * @yields {readonly Token[]} The significant tokens of one statement, as {@link pieces} yields them.
 */
export function* migrationPieces(sql: string): Generator<readonly Token[], void, undefined> {
  // wrangler removes COMMIT only if the file also contains BEGIN TRANSACTION.
  const left = new Set(sql.includes(BEGIN) ? DROPPED : []);
  for (const piece of pieces(sql)) {
    // wrangler removes each of them once.
    if (left.size === 0 || !left.delete(sql.slice(piece[0]?.start, piece.at(-1)?.end))) yield piece;
  }
}

const WORDS: ReadonlySet<string> = new Set(
  "BEGIN COMMIT END ROLLBACK SAVEPOINT RELEASE".split(" "),
);

/** Returns the first word, in upper case, of a statement that begins, ends or rolls back a transaction; null for all others. */
export function transactionWord(statement: string): string | null {
  const [first = ""] = leadingWords(statement, 1);
  return isTransactionWord(first) ? first : null;
}

export function isTransactionWord(word: string): boolean {
  return WORDS.has(upperCase(word));
}
