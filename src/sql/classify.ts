/** @module Classifies a statement by its words: what it is, and whether it can change anything. In doubt, it can. */
import { contents, lexemes } from "./lexemes.ts";
import { upperCase } from "./quote.ts";
import { isSignificant, tokens } from "./tokens.ts";

/** At most `count` leading words in upper case. The first other token ends the list: `CREATE TABLE "x"` has two words. */
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

const WRITING: ReadonlySet<string> = new Set(["INSERT", "UPDATE", "DELETE", "REPLACE"]);

/** True for a SELECT, VALUES or EXPLAIN, a WITH that contains no writing word, or a PRAGMA that sets nothing. */
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
      return pragmaReads(statement);
    default:
      return false;
  }
}

/** PRAGMAs whose argument selects what to read. An argument of any other PRAGMA sets a value. */
const ASKING: ReadonlySet<string> = new Set(
  `TABLE_LIST TABLE_INFO TABLE_XINFO INDEX_INFO INDEX_XINFO INDEX_LIST FOREIGN_KEY_LIST
  FOREIGN_KEY_CHECK QUICK_CHECK`.split(/\s+/),
);

function pragmaReads(statement: string): boolean {
  const [, ...words] = lexemes(statement).map((lexeme) => upperCase(contents(lexeme)));
  const [name = "", next = ";"] = words[1] === "." ? words.slice(2) : words;
  if (name === "OPTIMIZE") return false;
  return next === ";" || (next === "(" && ASKING.has(name));
}

/** A word before `(` is the function `replace(…)`: no statement that writes continues so. */
function hasWord(statement: string, words: ReadonlySet<string>): boolean {
  return lexemes(statement).some(
    ({ kind, text }, i, all) =>
      kind === "word" && words.has(upperCase(text)) && all[i + 1]?.text !== "(",
  );
}
