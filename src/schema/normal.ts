/**
 * One spelling for all spellings of the same: white space, comments, the case of words, the kind of
 * quotes and parentheses around the whole do not show. The contents of strings stay as they are.
 * @module
 */
import { quoteIdentifier, quoteString, unquoteIdentifier, upperCase } from "../sql/quote.ts";
import { canBeKeyword, isKeyword, LOUD } from "./keywords.ts";
import { closing, contents, isSign, isWord, type Lexeme, lexemes } from "./lexemes.ts";

/** Names are equal for SQLite when they are equal but for the case of ASCII letters. */
export function fold(name: string): string {
  return /[A-Z]/.test(name) ? name.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase()) : name;
}

/** `VARCHAR(20)`, `UNSIGNED BIG INT`. */
export function normalType(type: string): string {
  let text = "";
  let isTight = true;
  for (const lexeme of lexemes(type)) {
    const isSignHere = lexeme.kind === "operator";
    text += (isTight || isSignHere ? "" : " ") + upperCase(lexeme.text);
    isTight = isSignHere;
  }
  return text;
}

/** What stands after DEFAULT; a name there is a string to SQLite. Null for NULL, which is no default. */
export function normalDefault(expression: string): string | null {
  const list = withoutOuterParentheses(lexemes(expression));
  const [only] = list;
  if (only === undefined || (list.length === 1 && isWord(only, "NULL"))) return null;
  const isText =
    list.length === 1 &&
    (only.kind === "quoted" || (only.kind === "word" && !DEFAULT_WORDS.has(fold(only.text))));
  return isText ? quoteString(contents(only)) : normalExpression(list, () => false);
}

const DEFAULT_WORDS: ReadonlySet<string> = new Set([
  "true",
  "false",
  "current_date",
  "current_time",
  "current_timestamp",
]);

/** Whether there is a thing of this folded name; null: perhaps. */
export type IsName = (name: string) => boolean | null;

/**
 * The text of an expression, or of any stretch of SQL. To SQLite, `"x"` is a string wherever it cannot be a
 * name; where that cannot be told, it stays as it is. By default all are names.
 */
export function normalExpression(list: readonly Lexeme[], isName: IsName = () => true): string {
  const inner = withoutOuterParentheses(list);
  const pieces = inner.map((lexeme, at) => piece(lexeme, inner, at, isName));
  let text = "";
  for (const [at, { text: next }] of pieces.entries()) {
    text += isSpaced(pieces, at) ? ` ${next}` : next;
  }
  return text;
}

function withoutOuterParentheses(list: readonly Lexeme[]): readonly Lexeme[] {
  const isWrapped = list.length > 2 && isSign(list[0], "(") && closing(list, 0) === list.length - 1;
  return isWrapped ? withoutOuterParentheses(list.slice(1, -1)) : list;
}

/**
 * What is handed to a virtual table's module. It reads its arguments by itself, and those that we know
 * (FTS5, R*Tree) do not care for the kind of quotes: `content="docs"`, `content=docs`.
 */
export function normalArgument(list: readonly Lexeme[]): string {
  let text = "";
  for (const [at, lexeme] of list.entries()) {
    const isTight = at === 0 || isSign(lexeme, "=") || isSign(list[at - 1], "=");
    text += (isTight ? "" : " ") + argumentPiece(lexeme);
  }
  return text;
}

function argumentPiece(lexeme: Lexeme): string {
  const inner = contents(lexeme);
  const isQuoted = lexeme.kind === "string" || lexeme.kind === "quoted";
  return isQuoted && !/^\w+$/.test(inner) ? quoteString(inner) : fold(inner);
}

type Piece = { readonly kind: "name" | "keyword" | "value" | "sign"; readonly text: string };

function piece(lexeme: Lexeme, list: readonly Lexeme[], at: number, isName: IsName): Piece {
  const { kind, text } = lexeme;
  switch (kind) {
    case "word":
      return isKeyword(lexeme, list[at + 1])
        ? { kind: "keyword", text: text.toUpperCase() }
        : { kind: "name", text: quoteName(fold(text)) };
    case "quoted":
    case "string":
      return quotedPiece(lexeme, isNamePlace(list, at), isName);
    case "number":
      return { kind: "value", text: fold(text).replaceAll("_", "") };
    case "blob":
      return { kind: "value", text: text.toUpperCase() };
    case "operator":
    case "semicolon":
      return { kind: "sign", text: SAME_SIGNS[text] ?? text };
    case "variable":
    case "illegal":
    case "space":
    case "comment":
      break;
  }
  return { kind: "value", text };
}

function quotedPiece({ kind, text }: Lexeme, mustBeName: boolean, isName: IsName): Piece {
  const inner = unquoteIdentifier(text);
  const verdict =
    mustBeName || (kind === "quoted" && (!text.startsWith('"') || isName(fold(inner))));
  if (verdict === null) return { kind: "name", text: quoteIdentifier(inner) };
  return verdict
    ? { kind: "name", text: quoteName(fold(inner)) }
    : { kind: "value", text: quoteString(inner) };
}

const SAME_SIGNS: { readonly [sign: string]: string } = { "==": "=", "<>": "!=" };

/** Whether a lexeme is in quotes, of any kind, and stands where the grammar wants a name. */
export function isNamePlace(list: readonly Lexeme[], at: number): boolean {
  const [earlier, before, lexeme, after] = [list[at - 2], list[at - 1], list[at], list[at + 1]];
  if (lexeme?.kind !== "quoted" && lexeme?.kind !== "string") return false;
  if (isSign(before, ".") || isSign(after, ".")) return true;
  if (isSign(after, "(")) return lexeme.kind === "quoted";
  // IS DISTINCT FROM compares values.
  const isComparison = isWord(before, "FROM") && isWord(earlier, "DISTINCT");
  return NAME_FOLLOWS.some((word) => isWord(before, word)) && !isComparison;
}

const NAME_FOLLOWS = ["AS", "COLLATE", "FROM", "JOIN", "INTO", "UPDATE"];

function isSpaced(pieces: readonly Piece[], at: number): boolean {
  const [before, now] = [pieces[at - 1], pieces[at]];
  if (before === undefined || now === undefined) return false;
  if ([",", ")", ";", "."].includes(now.text)) return false;
  if (before.text === "(" || before.text === ".") return false;
  if (now.text === "(") return before.kind !== "name";
  return now.kind === "sign" || !isPrefix(pieces, at - 1);
}

/** A sign that belongs to what follows: the minus of `-5`, not of `a - 5`. */
function isPrefix(pieces: readonly Piece[], at: number): boolean {
  const [before, sign] = [pieces[at - 1], pieces[at]];
  return (
    sign !== undefined &&
    sign.kind === "sign" &&
    ["-", "+", "~"].includes(sign.text) &&
    (before === undefined ||
      before.kind === "keyword" ||
      (before.kind === "sign" && before.text !== ")"))
  );
}

/** Bare where it can be, so that `"name"` and `name` are one; `name` is folded. */
function quoteName(name: string): string {
  const isBare = BARE.test(name) && !canBeKeyword(name);
  if (!isBare) return quoteIdentifier(name);
  return LOUD.has(upperCase(name)) ? upperCase(name) : name;
}

/** Not with a byte order mark, which is white space. */
const BARE = /^[a-z_\u0080-\uFEFE\uFF00-\uFFFF][a-z0-9_\u0080-\uFEFE\uFF00-\uFFFF]*$/;
