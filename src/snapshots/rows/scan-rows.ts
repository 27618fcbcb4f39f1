/** @module Splits the text of a chunk into rows and values. `row-text.ts` writes this text, and nothing else is accepted. */

/**
 * @yields {string[]} The values of each row, as SQL literals in the order of the columns.
 * @throws Error if the text is not what `row-text.ts` writes: a bug, because its hash was proven
 */
export function* scanRows(text: string): Generator<string[], void, undefined> {
  let at = 0;
  while (at < text.length) {
    const values: string[] = [];
    let end = expected(text, at, "(");
    for (;;) {
      const start = end;
      end = endOfLiteral(text, start);
      values.push(text.slice(start, end));
      if (text[end] !== ",") break;
      end += 1;
    }
    at = expected(text, end, ")");
    yield values;
    if (at < text.length) at = expected(text, at, ",\n");
  }
}

const CAST = "CAST(X'";

/** Each search begins where the one before it ended, so a value of several megabytes is read once. */
function endOfLiteral(text: string, at: number): number {
  if (text[at] === "'") return endOfString(text, at);
  if (text.startsWith("X'", at)) return afterQuote(text, at + 2);
  if (text.startsWith(CAST, at)) {
    return expected(text, afterQuote(text, at + CAST.length), " AS TEXT)");
  }
  WORD.lastIndex = at;
  if (!WORD.test(text)) throw unexpected(text, at);
  return WORD.lastIndex;
}

/** `-0.0`, `1.5e-07`, `9.0e+999` */
const WORD = /NULL|-?\d+(?:\.\d+(?:e[+-]\d+)?)?/y;

/** Two quotes are one character of the string. */
function endOfString(text: string, at: number): number {
  let end = afterQuote(text, at + 1);
  while (text[end] === "'") end = afterQuote(text, end + 1);
  return end;
}

function afterQuote(text: string, at: number): number {
  const quote = text.indexOf("'", at);
  if (quote === -1) throw unexpected(text, at);
  return quote + 1;
}

function expected(text: string, at: number, part: string): number {
  if (!text.startsWith(part, at)) throw unexpected(text, at);
  return at + part.length;
}

function unexpected(text: string, at: number): Error {
  return new Error(`not the text of rows at ${at}: ${JSON.stringify(text.slice(at, at + 20))}`);
}
