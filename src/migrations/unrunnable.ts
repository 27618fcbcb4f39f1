/**
 * What D1 would refuse in a migration for sure: the words of a transaction, and characters that only look like white
 * space. wrangler takes some of both out of a file before D1 sees it; those are gone from the statements. Pure.
 * @module
 */
import { positionAt } from "../sql/position.ts";
import { unseenIn } from "../sql/space.ts";
import type { Statement } from "../sql/split.ts";
import { tokens } from "../sql/tokens.ts";
import { transactionWord } from "../sql/transaction.ts";
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

/** Every statement that speaks of transactions, and the first unseen character of each line. */
export function unrunnableOf(migration: Migration): Unrunnable[] {
  return migration.statements.flatMap((statement) => {
    const word = transactionWord(statement.text);
    if (word === null) return unseenOf(migration, statement);
    return [{ kind: "transaction", migration, line: statement.line, word } as const];
  });
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

/** Most statements are, and need no second look. */
const PLAIN = /^[\t\n\f\r -~]*$/;
