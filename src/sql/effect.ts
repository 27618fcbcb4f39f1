/**
 * Whether a statement can change anything, as far as its words tell. In doubt it can.
 * @module
 */
import { leadingWords } from "./classify.ts";
import { upperCase } from "./quote.ts";
import { isSignificant, tokens } from "./tokens.ts";

const WRITING: ReadonlySet<string> = new Set(["INSERT", "UPDATE", "DELETE", "REPLACE"]);

/** True for what only reads: a SELECT, VALUES or EXPLAIN; a WITH in which nothing writes; a PRAGMA that sets nothing. */
export function onlyReads(statement: string): boolean {
  const [first] = leadingWords(statement, 1);
  switch (first ?? "") {
    case "SELECT":
    case "VALUES":
    case "EXPLAIN":
      return true;
    case "WITH":
      return !hasWord(statement, WRITING);
    case "PRAGMA":
      return !/=|\boptimize\b|_(?:constraints|table|keys|like|triggers|selects)\s*\(/i.test(
        statement,
      );
    default:
      return false;
  }
}

/** A function `replace(…)` counts too: a read that is taken for a write is only asked once. */
function hasWord(statement: string, words: ReadonlySet<string>): boolean {
  for (const token of tokens(statement)) {
    if (!isSignificant(token) || token.kind !== "word") continue;
    if (words.has(upperCase(statement.slice(token.start, token.end)))) return true;
  }
  return false;
}
