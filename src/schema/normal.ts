/**
 * Normalizes SQL: expressions that differ only in white space, comments, the case of words, the kind of quotes or outer
 * parentheses become equal. The contents of strings stay unchanged.
 * @module
 */
import { quoteIdentifier, quoteString, unquoteIdentifier, upperCase } from "../sql/quote.ts";
import { canBeKeyword, isKeyword, SHOWN_IN_UPPER_CASE } from "./keywords.ts";
import { closing, contents, isSign, isWord, type Lexeme, lexemes } from "../sql/lexemes.ts";

/** Folds a name as SQLite does: only the case of ASCII letters is ignored. */
export function fold(name: string): string {
  return /[A-Z]/.test(name) ? name.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase()) : name;
}

/** Normalizes a type: `VARCHAR(20)`, `UNSIGNED BIG INT`. */
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

/** Normalizes a DEFAULT, where SQLite reads a name as a string. Returns null for NULL, which equals no default. */
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

/** True if an object of this folded name exists; null if that is undecided. */
export type IsName = (name: string) => boolean | null;

/** SQLite reads `"x"` as a string if it cannot be a name. If `isName` leaves that undecided, the quotes stay. By default, all are names. */
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
 * Normalizes an argument of a virtual table's module. The module parses its arguments itself. The known ones
 * (FTS5, R*Tree) ignore the kind of quotes: `content="docs"`, `content=docs`.
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

/** True if a lexeme is in quotes of any kind and the grammar requires a name at its place. */
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

/** True for a sign that belongs to the next piece: the minus in `-5`, not in `a - 5`. */
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

/** Returns a folded name without quotes if possible, so that `"name"` and `name` are equal. */
function quoteName(name: string): string {
  const isBare = BARE.test(name) && !canBeKeyword(name);
  if (!isBare) return quoteIdentifier(name);
  return SHOWN_IN_UPPER_CASE.has(upperCase(name)) ? upperCase(name) : name;
}

/** Excludes the byte order mark, which is white space. */
const BARE = /^[a-z_\u0080-\uFEFE\uFF00-\uFFFF][a-z0-9_\u0080-\uFEFE\uFF00-\uFFFF]*$/;
