/**
 * Classifies a statement by its first words.
 * @module
 */
import { upperCase } from "./quote.ts";
import { isSignificant, tokens } from "./tokens.ts";

/**
 * Returns at most `count` leading words of a statement in upper case, without comments. The first token that is not a
 * bare word ends the list: `CREATE TABLE "x"` has two words.
 */
export function leadingWords(statement: string, count: number): string[] {
  const words: string[] = [];
  for (const token of tokens(statement)) {
    if (words.length >= count) break;
    if (!isSignificant(token)) continue;
    if (token.kind !== "word") break;
    words.push(upperCase(statement.slice(token.start, token.end)));
  }
  return words;
}
