/**
 * Invisible characters that SQLite reads as part of a name, such as a no-break space copied from a web page, an
 * ideographic space or a line separator.
 *
 * wrangler splits a file into statements and calls `trim()` on each, so these characters are harmless between two
 * statements. Inside a statement they reach D1.
 * @module
 */
import type { Token } from "./tokens.ts";

/** Removes such characters from the start of a statement's first token. A token of nothing else becomes white space. */
export function trimStart(sql: string, token: Token): Token {
  if (!canHold(sql, token) || !isTrimmed(sql.charCodeAt(token.start))) return token;
  let start = token.start;
  while (start < token.end && isTrimmed(sql.charCodeAt(start))) start += 1;
  return start === token.end ? { ...token, kind: "space" } : { ...token, start };
}

/** Removes such characters from the end of a statement, and with them its `;`. */
export function trimEnd(sql: string, piece: readonly Token[]): readonly Token[] {
  const closed = piece.at(-1)?.kind === "semicolon";
  let last = piece.length - (closed ? 2 : 1);
  for (; last >= 0; last -= 1) {
    const token = piece[last];
    if (token === undefined || !canHold(sql, token)) break;
    let end = token.end;
    while (end > token.start && isTrimmed(sql.charCodeAt(end - 1))) end -= 1;
    if (end === token.end) break;
    if (end > token.start) return [...piece.slice(0, last), { ...token, end }];
  }
  return last === piece.length - (closed ? 2 : 1) ? piece : piece.slice(0, last + 1);
}

/** In strings, comments and quoted names, the author wrote them on purpose. */
function canHold(sql: string, { kind, start, end }: Token): boolean {
  if (kind === "illegal") return !/^[xX]?['"`[]/.test(sql.slice(start, end));
  return kind === "word" || kind === "variable";
}

/** ECMAScript's white space and line terminators, which `trim()` removes. */
function isTrimmed(unit: number): boolean {
  if (unit < 0xa0) return unit === 32 || (unit >= 9 && unit <= 13);
  return TRIMMED.has(unit) || (unit >= 0x2000 && unit <= 0x200a);
}

const TRIMMED: ReadonlySet<number> = new Set([
  0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000, 0xfeff,
]);

/** An invisible character that SQLite does not skip. */
export interface Unseen {
  /** In UTF-16 units of the text. */
  readonly offset: number;
  /** `no-break space (U+00A0)`. */
  readonly name: string;
}

/** Finds them in a token. Zero width joiners count as letters, because Persian and Indic words need them. */
export function unseenIn(sql: string, token: Token): Unseen[] {
  if (!canHold(sql, token)) return [];
  return [...sql.slice(token.start, token.end).matchAll(UNSEEN)].map(({ 0: character, index }) => ({
    offset: token.start + index,
    name: nameOf(character.codePointAt(0) ?? 0),
  }));
}

const UNSEEN = /(?![\u200C\u200D])[\v\p{Cf}\p{Zs}\u2028\u2029]/gu;

function nameOf(point: number): string {
  const code = `U+${point.toString(16).toUpperCase().padStart(4, "0")}`;
  return `${NAMES.get(point) ?? (point >= 0x2000 && point <= 0x200a ? "typographic space" : "invisible character")} (${code})`;
}

const NAMES: ReadonlyMap<number, string> = new Map([
  [0x0b, "vertical tab"],
  [0xa0, "no-break space"],
  [0xad, "soft hyphen"],
  [0x200b, "zero width space"],
  [0x200e, "direction mark"],
  [0x200f, "direction mark"],
  [0x2028, "line separator"],
  [0x2029, "paragraph separator"],
  [0x202f, "narrow no-break space"],
  [0x205f, "mathematical space"],
  [0x2060, "word joiner"],
  [0x3000, "ideographic space"],
  [0xfeff, "byte order mark"],
]);
