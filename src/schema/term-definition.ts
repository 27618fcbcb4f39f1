/**
 * Parses the terms of a key or an index.
 * @module
 */
import { closing, contents, isSign, isWord, type Lexeme, split } from "../sql/lexemes.ts";

/** One term as written: `email COLLATE NOCASE DESC`. */
export interface TermDefinition {
  readonly expression: readonly Lexeme[];
  /** Only a collation that applies to the whole expression. */
  readonly collation: string | null;
  readonly descending: boolean;
}

/** Parses `(a, lower(b) DESC)`, given without the parentheses. */
export function parseTerms(list: readonly Lexeme[]): TermDefinition[] {
  return split(list, ",").map(parseTerm);
}

function parseTerm(list: readonly Lexeme[]): TermDefinition {
  const term = [...list];
  if (isWord(term.at(-2), "NULLS")) term.splice(-2);
  const descending = isWord(term.at(-1), "DESC");
  if (term.length > 1 && (descending || isWord(term.at(-1), "ASC"))) term.pop();
  const collated = isWord(term.at(-2), "COLLATE") && isPrimary(term.slice(0, -2));
  const name = collated ? term.splice(-2).at(-1) : undefined;
  return { expression: term, collation: name ? contents(name) : null, descending };
}

/** True for a name, a value, a call or parentheses: COLLATE binds tighter than any operator. */
function isPrimary(list: readonly Lexeme[]): boolean {
  if (list.length === 1) return true;
  const open = list[0]?.kind === "operator" ? 0 : 1;
  return isSign(list[open], "(") && closing(list, open) === list.length - 1;
}
