/** @module SQL as a list of words and operators with their texts, without white space and comments. */
import { unquoteIdentifier, upperCase } from "./quote.ts";
import { isSignificant, type TokenKind, tokens } from "./tokens.ts";

export interface Lexeme {
  readonly kind: TokenKind;
  readonly text: string;
}

export function lexemes(sql: string): Lexeme[] {
  const found: Lexeme[] = [];
  for (const token of tokens(sql)) {
    if (isSignificant(token)) {
      found.push({ kind: token.kind, text: sql.slice(token.start, token.end) });
    }
  }
  return found;
}

/** True for this bare word, ignoring case. `word` is in upper case. */
export function isWord(lexeme: Lexeme | undefined, word: string): boolean {
  return (
    lexeme?.kind === "word" && lexeme.text.length === word.length && upperCase(lexeme.text) === word
  );
}

export function isSign(lexeme: Lexeme | undefined, sign: string): boolean {
  return lexeme?.text === sign && (lexeme.kind === "operator" || lexeme.kind === "semicolon");
}

/** The text between the quotes, with doubled quotes made single; the text itself if it has no quotes. */
export function contents({ text }: Lexeme): string {
  return unquoteIdentifier(text);
}

/** The index of the parenthesis that closes the one at `open`; the length of the list if none does. */
export function closing(list: readonly Lexeme[], open: number): number {
  let depth = 0;
  for (let at = open; at < list.length; at += 1) {
    if (isSign(list[at], "(")) depth += 1;
    else if (isSign(list[at], ")")) {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  return list.length;
}

/** Splits the list at this operator, outside parentheses. */
export function splitAt(list: readonly Lexeme[], sign: string): Lexeme[][] {
  const pieces: Lexeme[][] = [[]];
  let depth = 0;
  for (const lexeme of list) {
    if (isSign(lexeme, "(")) depth += 1;
    else if (isSign(lexeme, ")")) depth -= 1;
    if (depth === 0 && isSign(lexeme, sign)) pieces.push([]);
    else pieces.at(-1)?.push(lexeme);
  }
  return pieces;
}
