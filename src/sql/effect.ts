/**
 * Decides from its words whether a statement can change anything. In doubt, it can.
 * @module
 */
import { leadingWords } from "./classify.ts";
import { unquoteIdentifier, upperCase } from "./quote.ts";
import { isSignificant, tokenize } from "./tokens.ts";

const WRITING: ReadonlySet<string> = new Set(["INSERT", "UPDATE", "DELETE", "REPLACE"]);

/**
 * Returns true for a statement that only reads: a SELECT, VALUES or EXPLAIN, a WITH that contains no writing word, or a
 * PRAGMA that sets nothing.
 */
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
  "TABLE_LIST TABLE_INFO TABLE_XINFO INDEX_INFO INDEX_XINFO INDEX_LIST FOREIGN_KEY_LIST FOREIGN_KEY_CHECK QUICK_CHECK".split(
    " ",
  ),
);

function pragmaReads(statement: string): boolean {
  const [, ...words] = tokenize(statement)
    .filter(isSignificant)
    .map(({ start, end }) => upperCase(unquoteIdentifier(statement.slice(start, end))));
  const [name = "", next = ";"] = words[1] === "." ? words.slice(2) : words;
  if (name === "OPTIMIZE") return false;
  return next === ";" || (next === "(" && ASKING.has(name));
}

/** A word before `(` is the function `replace(…)`: no statement that writes continues so. */
function hasWord(statement: string, words: ReadonlySet<string>): boolean {
  return tokenize(statement)
    .filter(isSignificant)
    .some(({ kind, start, end }, i, all) => {
      if (kind !== "word" || !words.has(upperCase(statement.slice(start, end)))) return false;
      const next = all[i + 1];
      return next === undefined || statement.slice(next.start, next.end) !== "(";
    });
}
