/** @module The canonical form of SQL, from which checksums are computed. */
import type { Token } from "./tokens.ts";

/**
 * The canonical form of one statement, from the tokens that `migrationPieces` yields for it: its tokens, a space after each, then `;` and a
 * line feed. Joined for all statements, these lines are the canonical form of a file.
 *
 * It drops comments, white space outside quotes, byte order marks, empty statements, a missing last `;`, drizzle's
 * breakpoints, and the `BEGIN TRANSACTION;` that wrangler removes. It keeps everything else, the case of words too.
 *
 * Two different token sequences never have the same canonical form, because the tokens can be read back from it:
 *
 * - A closed token ends where it ended before: the space after it neither belongs to it nor doubles its quote.
 * - A line feed outside a token always ends a statement.
 * - An unclosed token is the last one, or the last before a NUL, which takes the rest. Exactly one ` ;` and a line feed
 *   (or one space) follow it.
 * - A vertical tab after a space is a token of its own here. That causes no collision, since kept white space has none.
 */
export function canonicalStatement(sql: string, piece: readonly Token[]): string {
  const last = piece.at(-1);
  const closing = last?.kind === "semicolon" ? last : null;
  let text = "";
  for (const token of piece) {
    if (token !== closing) text += `${sql.slice(token.start, token.end)} `;
  }
  return `${text};\n`;
}
