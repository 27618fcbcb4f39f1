/**
 * Finds what D1 certainly rejects in a migration: what is too large for a request, transaction statements, and characters that only
 * look like white space.
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
  const { text, isSplit } = migration;
  if (!SUSPICIOUS.test(text)) return [];
  if (!isSplit && PLAIN.test(text) && !hasTransactionStatement(text)) return [];
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

/** Bytes per statement (developers.cloudflare.com/d1/platform/limits; workerd's own limit is the same). */
export const STATEMENT_BYTES = 100_000;

/** Bytes per request at Cloudflare's edge (developers.cloudflare.com/workers/platform/limits). D1 documents no limit of its own. */
export const REQUEST_BYTES = 100_000_000;

export interface Oversize {
  readonly kind: "too-large";
  readonly migration: Migration;
  /** 0-based; null for the whole file. */
  readonly statement: number | null;
  readonly bytes: number;
  readonly limit: number;
}

/** Returns the first part of a migration that is too large. Only a long file is split into statements. */
export function oversizeOf(migration: Migration): Oversize | null {
  const { text } = migration;
  // A UTF-16 unit is at most three bytes of UTF-8.
  if (text.length * 3 <= STATEMENT_BYTES) return null;
  const { statements } = migration;
  const statement = statements.findIndex((one) => bytesOf(one.text) > STATEMENT_BYTES);
  if (statement >= 0) {
    const bytes = bytesOf(statements[statement]?.text ?? "");
    return { kind: "too-large", migration, statement, bytes, limit: STATEMENT_BYTES };
  }
  const bytes = bytesOf(text);
  return bytes > REQUEST_BYTES
    ? { kind: "too-large", migration, statement: null, bytes, limit: REQUEST_BYTES }
    : null;
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
