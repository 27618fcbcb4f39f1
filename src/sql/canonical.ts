/**
 * The text on which a checksum is taken.
 * @module
 */
import { migrationPieces } from "./transaction.ts";

/**
 * The same SQL with nothing in it that does not matter: tokens with one space between them, one statement a line,
 * each with ` ;` at its end. Comments, white space outside quotes, byte order marks, empty statements, a missing
 * last `;`, drizzle's breakpoints and the `BEGIN TRANSACTION;` that wrangler takes out leave no trace; everything else does, the case of words too.
 *
 * Two different sequences of tokens never give the same text, since they can be read back from it. A closed
 * token ends where it ended before, because the space after it neither belongs to it nor doubles its quote,
 * and a line feed between tokens stands only between statements. An unclosed one can only be the very last
 * (or before a NUL, which takes all that follows): it gets exactly one ` ;` and line feed (or space) behind it.
 * That a vertical tab is a token of its own here, also after a space, is no trouble: white space holds none.
 */
export function canonical(sql: string): string {
  let text = "";
  for (const piece of migrationPieces(sql)) {
    for (const token of piece)
      if (token !== piece.at(-1) || token.kind !== "semicolon")
        text += `${sql.slice(token.start, token.end)} `;
    text += ";\n";
  }
  return text;
}
