/**
 * What a statement is, as far as its first words tell.
 * @module
 */
import { upperCase } from "./quote.ts";
import { isSignificant, tokens } from "./tokens.ts";

/**
 * The first words of a statement in upper case, comments skipped, at most `count` of them. The first token that is not a
 * bare word ends them: `CREATE TABLE "x"` has two.
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
