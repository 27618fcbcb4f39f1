/**
 * Whether a statement can change anything, as far as its words tell. In doubt it can.
 * @module
 */
import { leadingWords } from "./classify.ts";
import { unquoteIdentifier, upperCase } from "./quote.ts";
import { isSignificant, tokenize, tokens } from "./tokens.ts";

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
      return pragmaReads(statement);
    default:
      return false;
  }
}

/** Those whose argument says what is asked for; that of any other sets something. */
const ASKING: ReadonlySet<string> = new Set([
  "TABLE_LIST",
  "TABLE_INFO",
  "TABLE_XINFO",
  "INDEX_INFO",
  "INDEX_XINFO",
  "INDEX_LIST",
  "FOREIGN_KEY_LIST",
  "FOREIGN_KEY_CHECK",
  "QUICK_CHECK",
]);

function pragmaReads(statement: string): boolean {
  const [, ...words] = tokenize(statement)
    .filter(isSignificant)
    .map(({ start, end }) => upperCase(unquoteIdentifier(statement.slice(start, end))));
  const [name = "", next = ";"] = words[1] === "." ? words.slice(2) : words;
  if (name === "OPTIMIZE") return false;
  return next === ";" || (next === "(" && ASKING.has(name));
}

/** A function `replace(…)` counts too: a read that is taken for a write is only asked once. */
function hasWord(statement: string, words: ReadonlySet<string>): boolean {
  for (const token of tokens(statement)) {
    if (!isSignificant(token) || token.kind !== "word") continue;
    if (words.has(upperCase(statement.slice(token.start, token.end)))) return true;
  }
  return false;
}
