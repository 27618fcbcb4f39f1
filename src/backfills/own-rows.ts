/**
 * Replaces `WHERE id IN (SELECT id FROM todo)` in a write to the source itself by a condition on the rows. Both select the same rows,
 * but SQLite needs half the time for the condition.
 * @module
 */
import { sameIdentifier, unquoteIdentifier, upperCase } from "../sql/quote.ts";
import { isSignificant, tokens } from "../sql/tokens.ts";
import type { SqlBackfill } from "./backfill.ts";

/** `WHERE key IN ( SELECT key FROM todo )` */
const LIST_LENGTH = 9;

/** The statement before its `WHERE`, if that is exactly such a list; otherwise null. */
export function beforeOwnRows({ source, key, outcome }: SqlBackfill, text: string): string | null {
  const [column, ...more] = key;
  if (column === undefined || more.length > 0) return null;
  // A table's name may mean another table outside of the common table expressions.
  if (/\b(?:select|slice|judged|todo)\b/i.test(outcome ?? "")) return null;
  const found = [...tokens(text)].filter(isSignificant);
  const words = found.map(({ start, end }) => text.slice(start, end));
  const isName = (i: number, name: string): boolean =>
    /^(?:word|quoted)$/.test(found[i]?.kind ?? "") &&
    sameIdentifier(unquoteIdentifier(words[i] ?? ""), name);
  const place = words.length - LIST_LENGTH;
  const list = words
    .slice(place)
    .map((word, i) => (isName(place + i, column) ? "KEY" : upperCase(word)));
  if (place < 0 || list.join(" ") !== "WHERE KEY IN ( SELECT KEY FROM TODO )") return null;
  const head = words.slice(0, place).map(upperCase);
  const updates = head[0] === "UPDATE" && isName(1, source) && head[2] === "SET";
  const deletes = head[0] === "DELETE" && head[1] === "FROM" && isName(2, source) && place === 3;
  const others = head.slice(3).some((word) => ["SELECT", "FROM", "WHERE"].includes(word));
  return (updates || deletes) && !others ? text.slice(0, found[place]?.start) : null;
}
