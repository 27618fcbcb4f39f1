/**
 * Finds what D1 certainly rejects in a migration: transaction statements, and characters that only look like white space.
 * The statements already exclude those that wrangler removes before it sends a file to D1. Pure.
 * @module
 */
import { positionAt } from "../sql/position.ts";
import { unseenIn } from "../sql/space.ts";
import type { Statement } from "../sql/split.ts";
import { tokens } from "../sql/tokens.ts";
import { isTransactionWord, migrationPieces, transactionWord } from "../sql/transaction.ts";
import type { Migration } from "./migration.ts";

export type Unrunnable =
  | {
      readonly kind: "transaction";
      readonly migration: Migration;
      /** One-based. */
      readonly line: number;
      /** `BEGIN`, `COMMIT`, `END`, `ROLLBACK`, `SAVEPOINT` or `RELEASE`. */
      readonly word: string;
    }
  | {
      readonly kind: "unseen";
      readonly migration: Migration;
      readonly line: number;
      readonly column: number;
      /** `no-break space (U+00A0)`. */
      readonly character: string;
    };

/** Returns every transaction statement, and the first invisible character of each line. */
export function unrunnableOf(migration: Migration): Unrunnable[] {
  // Most files need not be split into statements for this, and the others need no checksum.
  if (!SUSPICIOUS.test(migration.text)) return [];
  if (PLAIN.test(migration.text) && !hasTransactionStatement(migration.text)) return [];
  return migration.statements.flatMap((statement) => {
    const word = transactionWord(statement.text);
    if (word === null) return unseenOf(migration, statement);
    return [{ kind: "transaction", migration, line: statement.line, word } as const];
  });
}

function hasTransactionStatement(text: string): boolean {
  for (const [first] of migrationPieces(text)) {
    if (first !== undefined && isTransactionWord(text.slice(first.start, first.end))) return true;
  }
  return false;
}

function unseenOf(migration: Migration, { text, start }: Statement): Unrunnable[] {
  if (PLAIN.test(text)) return [];
  const byLine = new Map<number, Unrunnable>();
  for (const token of tokens(text)) {
    for (const { offset, name: character } of unseenIn(text, token)) {
      const { line, column } = positionAt(migration.text, start + offset);
      if (!byLine.has(line))
        byLine.set(line, { kind: "unseen", migration, line, column, character });
    }
  }
  return [...byLine.values()];
}

/** What a file contains that has such a statement or character. Many others contain it too. */
const SUSPICIOUS = /\b(?:begin|commit|end|rollback|savepoint|release)\b|[^\t\n\f\r -~]/i;

/** Printable ASCII: most statements, which need no further check. */
const PLAIN = /^[\t\n\f\r -~]*$/;
