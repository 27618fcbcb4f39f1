/**
 * Tokenizes SQL exactly as SQLite's tokenizer does (version 3.54).
 *
 * SQLite reads UTF-8 bytes and d1ops reads UTF-16 units. The result is the same: a name may contain every byte from 0x80
 * up, and likewise every unit from 0x80 up. The only exception on both sides is the byte order mark.
 * @module
 */

/** `quoted` is a name in `"…"`, `` `…` `` or `[…]`; `illegal` is SQLite's "unrecognized token". */
export type TokenKind =
  | "space"
  | "comment"
  | "string"
  | "blob"
  | "number"
  | "word"
  | "quoted"
  | "variable"
  | "operator"
  | "semicolon"
  | "illegal";

/** A piece of the text from `start` (inclusive) to `end` (exclusive), in UTF-16 units. */
export interface Token {
  readonly kind: TokenKind;
  readonly start: number;
  readonly end: number;
}

/** Returns all tokens. Joined, they are the whole text, without gaps. */
export function tokenize(sql: string): Token[] {
  return [...tokens(sql)];
}

/**
 * Yields the tokens one by one, for callers that need only the first few.
 *
 * For SQLite the text ends at its first NUL. The NUL and the rest are one last `illegal` token, so that no caller drops
 * them silently.
 * @yields {Token} The next token; there are no gaps.
 */
export function* tokens(sql: string): Generator<Token, void, undefined> {
  const nul = sql.indexOf("\0");
  const text = nul < 0 ? sql : sql.slice(0, nul);
  for (let start = 0; start < text.length;) {
    const token = tokenAt(text, start);
    yield token;
    start = token.end;
  }
  if (nul >= 0) yield { kind: "illegal", start: nul, end: sql.length };
}

export function textOf(sql: string, token: Token | undefined): string {
  return token === undefined ? "" : sql.slice(token.start, token.end);
}

/** True if SQLite's parser sees the token: it is neither white space nor a comment. */
export function isSignificant(token: Token): boolean {
  return token.kind !== "space" && token.kind !== "comment";
}

/** True if a name may contain this UTF-16 unit: a letter, a digit, `_`, `$`, or anything from 0x80 up. */
export function isNameUnit(unit: number): boolean {
  return (
    (unit >= 97 && unit <= 122) ||
    (unit >= 65 && unit <= 90) ||
    isDigit(unit) ||
    unit === 95 ||
    unit === 36 ||
    unit >= 128
  );
}

function isDigit(unit: number): boolean {
  return unit >= 48 && unit <= 57;
}

function isHexDigit(unit: number): boolean {
  return isDigit(unit) || (unit >= 97 && unit <= 102) || (unit >= 65 && unit <= 70);
}

/** Includes the vertical tab: SQLite rejects it at the start of a token but accepts it inside white space. */
function isSpace(unit: number): boolean {
  return unit === 32 || (unit >= 9 && unit <= 13);
}

/** Digits may have `_` between them. SQLite's parser, not its tokenizer, checks where. */
function isDigitOrSeparator(unit: number): boolean {
  return isDigit(unit) || unit === 95;
}

/** Reads the token at an offset of a text without NUL. */
export function tokenAt(text: string, start: number): Token {
  const unit = text.charCodeAt(start);
  // A shortcut past the cases below for the most frequent tokens.
  if (unit === 32 || unit === 10) return space(text, start);
  if (isPlainLetter(unit)) return word(text, start);
  const next = text.charAt(start + 1);
  switch (text.charAt(start)) {
    case "\t":
    case "\f":
    case "\r":
      return space(text, start);
    case "\uFEFF":
      return { kind: "space", start, end: start + 1 };
    case "-":
      if (next === "-") return { kind: "comment", start, end: lineEnd(text, start + 2) };
      if (next !== ">") return operator(start, 1);
      return operator(start, text.charAt(start + 2) === ">" ? 3 : 2);
    case "/":
      // SQLite needs a character after `/*`: at the very end of the text, `/*` is two operators.
      if (next !== "*" || start + 2 >= text.length) return operator(start, 1);
      return { kind: "comment", start, end: blockEnd(text, start + 2) };
    case ";":
      return { kind: "semicolon", start, end: start + 1 };
    case "'":
      return quoted(text, start, "string");
    case '"':
    case "`":
      return quoted(text, start, "quoted");
    case "[":
      return bracketed(text, start);
    case "x":
    case "X":
      return next === "'" ? blob(text, start) : word(text, start);
    case "?":
      return { kind: "variable", start, end: skip(text, start + 1, isDigit) };
    case "$":
    case "@":
    case ":":
    case "#":
      return variable(text, start);
    case ".":
      return isDigit(text.charCodeAt(start + 1)) ? number(text, start) : operator(start, 1);
    case "=":
      return operator(start, next === "=" ? 2 : 1);
    case "<":
      return operator(start, next === "=" || next === ">" || next === "<" ? 2 : 1);
    case ">":
      return operator(start, next === "=" || next === ">" ? 2 : 1);
    case "|":
      return operator(start, next === "|" ? 2 : 1);
    case "!":
      return next === "=" ? operator(start, 2) : { kind: "illegal", start, end: start + 1 };
    case "(":
    case ")":
    case ",":
    case "+":
    case "*":
    case "%":
    case "&":
    case "~":
      return operator(start, 1);
    default:
      if (isDigit(unit)) return number(text, start);
      if (isNameUnit(unit)) return word(text, start);
      return { kind: "illegal", start, end: start + 1 };
  }
}

/** The first offset from `at` on whose unit does not belong. Past the end, `belongs` gets NaN and returns false. */
function skip(text: string, at: number, belongs: (unit: number) => boolean): number {
  let end = at;
  while (belongs(text.charCodeAt(end))) end += 1;
  return end;
}

function operator(start: number, length: number): Token {
  return { kind: "operator", start, end: start + length };
}

/** True for a letter that can only start a word. Excludes `x`, which may start a blob. */
function isPlainLetter(unit: number): boolean {
  const lower = unit | 32;
  return lower >= 97 && lower <= 122 && lower !== 120;
}

function word(text: string, start: number): Token {
  return { kind: "word", start, end: endOf(NAME_UNITS, text, start) };
}

function space(text: string, start: number): Token {
  return { kind: "space", start, end: endOf(SPACES, text, start) };
}

/** {@link isNameUnit} and {@link isSpace} as regular expressions, which are faster than a call per unit. */
const NAME_UNITS = /[\w$\u0080-\uFFFF]*/y;
const SPACES = /[\t-\r ]*/y;

/** The end of a match at an offset. The expression must also match an empty string. */
function endOf(expression: RegExp, text: string, at: number): number {
  expression.lastIndex = at;
  expression.test(text);
  return expression.lastIndex;
}

/** Stops before the line feed. A carriage return alone does not end a comment. */
function lineEnd(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end;
}

/** An unclosed comment runs to the end of the text; SQLite accepts it. */
function blockEnd(text: string, at: number): number {
  const end = text.indexOf("*/", at);
  return end < 0 ? text.length : end + 2;
}

/** A doubled quote stands for the quote itself. */
function quoted(text: string, start: number, kind: "string" | "quoted"): Token {
  const quote = text.charAt(start);
  let close = text.indexOf(quote, start + 1);
  while (close >= 0 && text.charAt(close + 1) === quote) close = text.indexOf(quote, close + 2);
  return close < 0 ? { kind: "illegal", start, end: text.length } : { kind, start, end: close + 1 };
}

/** Brackets have no escape for `]`. */
function bracketed(text: string, start: number): Token {
  const close = text.indexOf("]", start + 1);
  return close < 0
    ? { kind: "illegal", start, end: text.length }
    : { kind: "quoted", start, end: close + 1 };
}

/** `x'…'` with an even number of hex digits. Otherwise, everything up to the next quote is illegal. */
function blob(text: string, start: number): Token {
  const end = skip(text, start + 2, isHexDigit);
  if (text.charAt(end) === "'" && (end - start) % 2 === 0)
    return { kind: "blob", start, end: end + 1 };
  const close = text.indexOf("'", end);
  return { kind: "illegal", start, end: close < 0 ? text.length : close + 1 };
}

/** `:a`, `@a`, `$a`, `#a`, with Tcl's suffixes: `$a::b` and `$a(anything but space)`. */
function variable(text: string, start: number): Token {
  let end = start + 1;
  let named = false;
  for (;;) {
    if (isNameUnit(text.charCodeAt(end))) {
      named = true;
      end += 1;
    } else if (text.charAt(end) === "(" && named) {
      end = skip(text, end + 1, (unit) => unit >= 0 && unit !== 41 && !isSpace(unit));
      return text.charAt(end) === ")"
        ? { kind: "variable", start, end: end + 1 }
        : { kind: "illegal", start, end };
    } else if (text.charAt(end) === ":" && text.charAt(end + 1) === ":") {
      end += 2;
    } else {
      return { kind: named ? "variable" : "illegal", start, end };
    }
  }
}

/** A number directly followed by a name (`1a`, `0xfg`) is illegal as a whole. */
function number(text: string, start: number): Token {
  const end = digitsEnd(text, start);
  const tail = skip(text, end, isNameUnit);
  return { kind: tail === end ? "number" : "illegal", start, end: tail };
}

function digitsEnd(text: string, start: number): number {
  const prefix = text.charAt(start) === "0" ? text.charAt(start + 1) : "";
  if ((prefix === "x" || prefix === "X") && isHexDigit(text.charCodeAt(start + 2)))
    return skip(text, start + 3, (unit) => isHexDigit(unit) || unit === 95);
  let end = skip(text, start, isDigitOrSeparator);
  if (text.charAt(end) === ".") end = skip(text, end + 1, isDigitOrSeparator);
  const exponent = text.charAt(end);
  if (exponent !== "e" && exponent !== "E") return end;
  const sign = text.charAt(end + 1);
  const first = sign === "+" || sign === "-" ? end + 2 : end + 1;
  return isDigit(text.charCodeAt(first)) ? skip(text, first + 1, isDigitOrSeparator) : end;
}
