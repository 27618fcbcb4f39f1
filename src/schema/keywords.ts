/** @module The bare words that may be keywords instead of names. */
import { upperCase } from "../sql/quote.ts";
import { isWord, type Lexeme } from "../sql/lexemes.ts";

/** Returns true for a word that may be a keyword without quotes, ignoring case. */
export function canBeKeyword(word: string): boolean {
  const upper = upperCase(word);
  return RESERVED.has(upper) || JOIN_WORDS.has(upper);
}

/** Words of a JOIN are names if no JOIN follows: `left` in `left > 0`. */
export function isKeyword(lexeme: Lexeme, after: Lexeme | undefined): boolean {
  if (lexeme.kind !== "word") return false;
  const upper = upperCase(lexeme.text);
  if (!JOIN_WORDS.has(upper)) return RESERVED.has(upper);
  return isWord(after, "JOIN") || (after?.kind === "word" && JOIN_WORDS.has(upperCase(after.text)));
}

/** Words shown in upper case for readability, as in `ORDER BY`, although they may be names. */
export const SHOWN_IN_UPPER_CASE: ReadonlySet<string> = new Set(
  "BY GLOB LIKE OVER PARTITION RECURSIVE REGEXP WITH".split(" "),
);

const JOIN_WORDS: ReadonlySet<string> = new Set(
  "CROSS FULL INNER LEFT NATURAL OUTER RIGHT".split(" "),
);

const RESERVED: ReadonlySet<string> = new Set(
  `ADD ALL ALTER AND AS AUTOINCREMENT BETWEEN CASE CHECK COLLATE COMMIT CONSTRAINT CREATE
  CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP DEFAULT DEFERRABLE DELETE DISTINCT DROP ELSE ESCAPE
  EXCEPT EXISTS FOREIGN FROM GROUP HAVING IN INDEX INSERT INTERSECT INTO IS ISNULL JOIN LIMIT NOT
  NOTHING NOTNULL NULL ON OR ORDER PRIMARY REFERENCES RETURNING SELECT SET TABLE THEN TO TRANSACTION
  UNION UNIQUE UPDATE USING VALUES WHEN WHERE`.split(/\s+/),
);
