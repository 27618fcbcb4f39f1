/**
 * A file of SQL, cut into its statements.
 *
 * `complete` and `cuts` are `sqlite3_complete()` of SQLite 3.54, exactly. It reads text in a cruder way than
 * SQLite's real tokenizer does:
 *
 * - a byte order mark or vertical tab is no white space for it: `<BOM>CREATE TRIGGER` is no trigger;
 * - a quote doubled inside quotes is the end of one string and the start of another, which comes to the same;
 * - after an unclosed quote, `[` or block comment nothing is complete, nor after `/*` at the very end;
 * - `$a(;)` is one variable to the tokenizer, a cut to `sqlite3_complete`;
 * - a text that ends inside a `--` comment, its line feed missing, is not complete since 3.54; it was before.
 *
 * `split` is for work: the same state machine over the real tokens, so that its statements are the ones that
 * SQLite would take one by one from the file. It also knows drizzle's breakpoints: the comment
 * `--> statement-breakpoint` ends a statement whose `;` is missing, unless a trigger is still open. As wrangler does,
 * it takes spaces that SQLite does not know from both ends of a statement: see `space.ts`.
 * @module
 */
import { inputOfWord, isInTrigger, step, type Input, type State } from "./machine.ts";
import { countLines } from "./position.ts";
import { trimEnd, trimStart } from "./space.ts";
import { isNameUnit, isSignificant, tokens, type Token } from "./tokens.ts";

export interface Statement {
  /** From its first token up to its `;`, or to its last token where there is none. Comments inside stay. */
  readonly text: string;
  /** Where `text` begins in the file, in UTF-16 units. */
  readonly start: number;
  /** The line on which it begins, one-based. */
  readonly line: number;
}

/** The statements of a file. Pieces of nothing but comments, white space and `;` are none. */
export function split(sql: string): Statement[] {
  return statementsOf(sql, pieces(sql));
}

/** The statements whose tokens these are. */
export function statementsOf(sql: string, all: Iterable<readonly Token[]>): Statement[] {
  const statements: Statement[] = [];
  let line = 1;
  let counted = 0;
  for (const piece of all) {
    const start = piece[0]?.start ?? 0;
    line += countLines(sql, counted, start);
    counted = start;
    statements.push({ text: sql.slice(start, piece.at(-1)?.end), start, line });
  }
  return statements;
}

/**
 * The statements as tokens.
 * @yields {readonly Token[]} The significant tokens of one statement, its `;` with them. At least one.
 */
export function* pieces(sql: string): Generator<readonly Token[], void, undefined> {
  let state: State = "start";
  let piece: Token[] = [];
  for (const found of tokens(sql)) {
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

/** The comment that drizzle-kit writes between statements, alone in its comment. */
function isBreakpoint(sql: string, token: Token): boolean {
  return (
    token.kind === "comment" &&
    sql.startsWith(BREAKPOINT, token.start) &&
    sql.slice(token.start, token.end).trimEnd() === BREAKPOINT
  );
}

/**
 * The offsets just after each `;` that ends a statement, as `sqlite3_complete()` sees it: exactly where
 * it would say yes to the text so far. An empty statement is one too. To get at statements, use {@link split}.
 */
export function cuts(sql: string): number[] {
  const found: number[] = [];
  follow(sql, (offset) => found.push(offset));
  return found;
}

/**
 * `sqlite3_complete()`: does the text end after a `;` that ends a statement, but for white space and closed comments?
 * Where more text will be put behind it on a new line, ask for `sql + "\n"`.
 */
export function complete(sql: string): boolean {
  return follow(sql, () => undefined) === "start";
}

/** The state at the end of the text, null where it ends inside a quote or block comment. NUL is the end for C. */
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

/** What `sqlite3_complete()` takes for a token at this place, and its end: -1 where the closing is missing. */
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
