/** @module The SQL literals of the rows of a snapshot: those that `row-text.ts` makes SQLite write. */
import { quoteString } from "../../sql/quote.ts";
import { bytesOfHex, hexOf } from "../store/bytes.ts";

/** The type of a text or a blob, and its bytes. */
export interface RawValue {
  readonly type: "text" | "blob";
  /** Upper case. */
  readonly hex: string;
}

/** The same literal that `row-text.ts` gives this value. */
export function literalOf({ type, hex }: RawValue): string {
  if (type === "blob") return `X'${hex}'`;
  const text = textOfHex(hex);
  return text === null || text.includes("\0") ? `CAST(X'${hex}' AS TEXT)` : quoteString(text);
}

export function literalOfText(text: string): string {
  if (!text.includes("\0")) return quoteString(text);
  return literalOf({ type: "text", hex: hexOf(new TextEncoder().encode(text)).toUpperCase() });
}

/** Null if the literal is not a text, or if its bytes are not UTF-8. */
export function textOfLiteral(literal: string): string | null {
  if (literal.startsWith("'")) return literal.slice(1, -1).replaceAll("''", "'");
  const hex = literal.startsWith("CAST(") ? hexIn(literal) : null;
  return hex === null ? null : textOfHex(hex);
}

/** The digits of a blob, and of a text that is written as bytes. Null for every other literal. */
export function hexIn(literal: string): string | null {
  return /^(?:CAST\()?X'([0-9A-F]*)'/.exec(literal)?.[1] ?? null;
}

/** Null if the bytes are not UTF-8. */
function textOfHex(hex: string): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytesOfHex(hex));
  } catch {
    return null;
  }
}
