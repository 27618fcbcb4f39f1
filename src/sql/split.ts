/**
 * Splits SQL into statements.
 *
 * `complete` and `cuts` behave exactly like `sqlite3_complete()` of SQLite 3.54. It reads text less precisely than
 * SQLite's tokenizer:
 *
 * - A byte order mark or vertical tab is not white space: `<BOM>CREATE TRIGGER` starts no trigger.
 * - A doubled quote inside quotes ends one string and starts another, with the same result.
 * - Nothing is complete after an unclosed quote, `[` or block comment, nor after `/*` at the very end.
 * - `$a(;)` is one variable for the tokenizer, but `sqlite3_complete()` cuts at its `;`.
 * - Since 3.54, text that ends inside a `--` comment without a line feed is incomplete. Before, it was complete.
 *
 * `split` runs the same state machine over the real tokens, so its statements are those that SQLite would take one by one
 * from the file. It also supports drizzle's breakpoints: the comment `--> statement-breakpoint` ends a statement without
 * `;`, unless a trigger is still open. As wrangler does, it trims spaces that SQLite does not know from both ends of a
 * statement: see `space.ts`.
 * @module
 */
import { inputOfWord, isInTrigger, step, type Input, type State } from "./machine.ts";
import { countLines } from "./position.ts";
import { trimEnd, trimStart } from "./space.ts";
import { isNameUnit, isSignificant, tokens, type Token } from "./tokens.ts";

export interface Statement {
  /** From its first token to its `;`, or to its last token if it has no `;`. Includes the comments in between. */
  readonly text: string;
  /** The offset of `text` in the file, in UTF-16 units. */
  readonly start: number;
  /** The line on which it starts, one-based. */
  readonly line: number;
}

/** Splits a file into statements. Comments, white space and `;` alone are not a statement. */
export function split(sql: string): Statement[] {
  return Array.from(pieces(sql), statementReader(sql));
}

/** Returns a function that builds the statements, in order, from their tokens. */
export function statementReader(sql: string): (piece: readonly Token[]) => Statement {
  let line = 1;
  let counted = 0;
  return (piece) => {
    const start = piece[0]?.start ?? 0;
    line += countLines(sql, counted, start);
    counted = start;
    return { text: sql.slice(start, piece.at(-1)?.end), start, line };
  };
}

/**
 * Splits a file into the tokens of its statements.
 * @yields {readonly Token[]} The significant tokens of one statement, including its `;`. At least one.
 */
export function* pieces(sql: string): Generator<readonly Token[], void, undefined> {
  let state: State = "start";
  let piece: Token[] = [];
  for (const found of tokens(sql)) {
    // Half of all tokens, and they change nothing below.
    if (found.kind === "space") continue;
    const token = piece.length === 0 ? trimStart(sql, found) : found;
    if (isBreakpoint(sql, token) && !isInTrigger(state)) {
      state = "start";
    } else if (isSignificant(token) && (piece.length > 0 || token.kind !== "semicolon")) {
      state = step(state, inputOf(sql, token));
      piece.push(token);
    }
    if (state === "start" && piece.length > 0) {
      yield trimEnd(sql, piece);
      piece = [];
    }
  }
  if (piece.length > 0) yield trimEnd(sql, piece);
}

function inputOf(sql: string, token: Token): Input {
  if (token.kind === "semicolon") return "semicolon";
  return token.kind === "word" ? inputOfWord(sql, token.start, token.end) : "other";
}

const BREAKPOINT = "--> statement-breakpoint";

/** True for the comment that drizzle-kit writes between statements, with no other text in it. */
function isBreakpoint(sql: string, token: Token): boolean {
  return (
    token.kind === "comment" &&
    sql.startsWith(BREAKPOINT, token.start) &&
    sql.slice(token.start, token.end).trimEnd() === BREAKPOINT
  );
}

/**
 * Returns the offset after each `;` that ends a statement: exactly where `sqlite3_complete()` returns true for the text
 * so far. An empty statement counts. To get statements, use {@link split}.
 */
export function cuts(sql: string): number[] {
  const found: number[] = [];
  follow(sql, (offset) => found.push(offset));
  return found;
}

/**
 * `sqlite3_complete()`: returns true if only white space and closed comments follow the last `;` that ends a statement.
 * If more text will follow on a new line, pass `sql + "\n"`.
 */
export function complete(sql: string): boolean {
  return follow(sql, () => undefined) === "start";
}

/** The state at the end of the text; null if it ends inside a quote or block comment. NUL ends the text, as in C. */
function follow(text: string, cut: (offset: number) => void): State | null {
  const nul = text.indexOf("\0");
  const sql = nul < 0 ? text : text.slice(0, nul);
  let state: State = "empty";
  for (let at = 0; at < sql.length;) {
    const [input, end] = crudeToken(sql, at);
    if (end < 0) return null;
    state = step(state, input);
    if (input === "semicolon" && state === "start") cut(end);
    at = end;
  }
  return state;
}

/** The token that `sqlite3_complete()` reads at `start`, and its end; -1 if it is not closed. */
function crudeToken(sql: string, start: number): [Input, number] {
  const first = sql.charAt(start);
  switch (first) {
    case ";":
      return ["semicolon", start + 1];
    case " ":
    case "\r":
    case "\t":
    case "\n":
    case "\f":
      return ["space", start + 1];
    case "/":
      if (sql.charAt(start + 1) !== "*") return ["other", start + 1];
      return ["space", after(sql, "*/", start + 2)];
    case "-":
      if (sql.charAt(start + 1) !== "-") return ["other", start + 1];
      return ["space", after(sql, "\n", start + 2)];
    case "[":
      return ["other", after(sql, "]", start + 1)];
    case "'":
    case '"':
    case "`":
      return ["other", after(sql, first, start + 1)];
    default: {
      let end = start;
      while (isNameUnit(sql.charCodeAt(end))) end += 1;
      return end === start ? ["other", start + 1] : [inputOfWord(sql, start, end), end];
    }
  }
}

function after(sql: string, closing: string, from: number): number {
  const at = sql.indexOf(closing, from);
  return at < 0 ? -1 : at + closing.length;
}
