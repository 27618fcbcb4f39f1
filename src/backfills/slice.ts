/** @module The rows of a window as SQL: the common table expressions `slice`, `judged` and `todo` of a backfill's statements. */
import type { D1Database } from "../database/port.ts";
import { refusalOf } from "../failure/kind.ts";
import { leadingWords } from "../sql/classify.ts";
import {
  quoteIdentifier,
  quoteString,
  sameIdentifier,
  unquoteIdentifier,
  upperCase,
} from "../sql/quote.ts";
import type { Backfill, Outcome, SqlBackfill } from "./backfill.ts";
import { type Edges, tuple } from "./window-keys.ts";
import { TODO } from "./backfill-state.ts";
import { isSignificant, tokens } from "../sql/tokens.ts";

/** Whether the source is a query. Otherwise it is a table's name. */
export function isQuery(source: string): boolean {
  const [first] = leadingWords(source, 1);
  return first === "SELECT" || first === "WITH" || first === "VALUES";
}

/** The source after `FROM`: a quoted table, or a query in parentheses. The line break ends a trailing comment of the query. */
export function sourceOf({ source }: Pick<Backfill, "source">): string {
  return isQuery(source) ? `(${source}\n)` : quoteIdentifier(source);
}

/** Rows of the source, for the percentage of the progress display. Null for a query, whose count may cost as much as the backfill. */
export async function countSource(d1: D1Database, { source }: Backfill): Promise<number | null> {
  if (/\s/.test(source)) return null;
  try {
    return await d1
      .prepare(`SELECT count(*) AS n FROM ${quoteIdentifier(source)}`)
      .first<number>("n");
  } catch (error) {
    // The run itself reports what is wrong with the source.
    if (refusalOf(error) === null) throw error;
    return null;
  }
}

export function behind({ key }: Pick<Backfill, "key">, after: string | null): string {
  return after === null ? "1" : `${tuple(key.map(quoteIdentifier))} > ${after}`;
}

export function inWindow({ key }: Pick<Backfill, "key">, { after, until }: Edges): string {
  return `(${behind({ key }, after)} AND ${tuple(key.map(quoteIdentifier))} <= ${until})`;
}

/** The column that `judged` has in addition to `slice`. No source has a column of this name. */
export const VERDICT = '"d1ops verdict"';

/** `WITH slice AS (…), judged AS (…), todo AS (…) ` */
export function withSlice(backfill: SqlBackfill, edges: Edges): string {
  const { outcome, writes } = backfill;
  const slice = `slice AS (SELECT * FROM ${sourceOf(backfill)} WHERE ${inWindow(backfill, edges)})`;
  const judged = `judged AS (SELECT *, ${outcome === null ? "'changed'" : `(${outcome})`} AS ${VERDICT} FROM slice)`;
  const chosen = writes.length > 1 ? isNoted(backfill) : judgedChanged(outcome);
  return `WITH ${slice}, ${judged}, todo AS (SELECT * FROM slice WHERE ${chosen}) `;
}

function judgedChanged(outcome: string | null): string {
  return outcome === null ? "1" : isOutcome(`(${outcome})`, "changed");
}

function isNoted({ name, key }: SqlBackfill): string {
  const columns = key.map((_, i) => `key_${i + 1}`).join(", ");
  return `${tuple(key.map(quoteIdentifier))} IN (SELECT ${columns} FROM ${TODO} WHERE backfill = ${quoteString(name)})`;
}

/** A verdict is `outcome` or `outcome: reason`. The condition contains it once, because it may be a long expression. */
export function isOutcome(verdict: string, outcome: string): string {
  return `(substr(${verdict}, 1, ${outcome.length + 1}) IN ('${outcome}', '${outcome}:'))`;
}

/** Compares without cutting, which is faster. A column's own collation must not count: it may ignore case. */
export function isPlainly(verdict: string, outcome: Outcome): string {
  return `(${verdict} COLLATE BINARY = '${outcome}')`;
}

/** In a statement that writes the source itself: the window as a condition, which is faster than a list of keys. */
export const WINDOW = "{window}";

/** A statement of a file with the common table expressions of the window. It keeps its own WITH. */
export function overSlice(backfill: SqlBackfill, text: string, edges: Edges): string {
  const simple = backfill.writes.length === 1 && !isQuery(backfill.source);
  const head = simple ? beforeOwnRows(backfill, text) : null;
  if (head !== null) {
    const { outcome } = backfill;
    // A plain comparison is cheaper than `substr`, and most rows need no other.
    const plainly = outcome === null ? "1" : isPlainly(`(${outcome})`, "changed");
    return `${head}WHERE ${inWindow(backfill, edges)} AND (${plainly} OR ${judgedChanged(outcome)})`;
  }
  const statement = text.replaceAll(WINDOW, () => inWindow(backfill, edges));
  // The statement reads none of them.
  if (!/\b(?:slice|judged|todo)\b/i.test(statement)) return statement;
  const ours = withSlice(backfill, edges);
  const own = /^\s*WITH\s+(RECURSIVE\s+)?/i.exec(statement);
  if (own === null) return ours + statement;
  const recursive = own[1] === undefined ? "" : "RECURSIVE ";
  return `WITH ${recursive}${ours.slice("WITH ".length).trimEnd()}, ${statement.slice(own[0].length)}`;
}

/** `WHERE key IN ( SELECT key FROM todo )` */
const LIST_LENGTH = 9;

/**
 * The statement before its `WHERE`, if that is exactly `id IN (SELECT id FROM todo)`, and it writes the source itself; otherwise null.
 * A condition on the rows of the window selects the same rows, and SQLite needs half the time for it.
 */
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
