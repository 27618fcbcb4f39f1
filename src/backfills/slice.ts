/**
 * The rows of a window, as SQL: what `slice`, `judged` and `todo` are for the statements of a backfill.
 * @module
 */
import { leadingWords } from "../sql/classify.ts";
import { quoteIdentifier, quoteString } from "../sql/quote.ts";
import type { Backfill, SqlBackfill } from "./backfill.ts";
import { BACKFILLS, TODO } from "./state.ts";

/** A source is a table's name, unless it is this. */
export function isQuery(source: string): boolean {
  const [first] = leadingWords(source, 1);
  return first === "SELECT" || first === "WITH" || first === "VALUES";
}

/** `from (…)` of a backfill's source: a table as it is, a query in parentheses. It may end in a comment. */
export function sourceOf({ source }: Pick<Backfill, "source">): string {
  return isQuery(source) ? `(${source}\n)` : quoteIdentifier(source);
}

export function keyList({ key }: Pick<Backfill, "key">, suffix = ""): string {
  return key.map((column) => `${quoteIdentifier(column)}${suffix}`).join(", ");
}

/** A column's value as SQL would write it, as a text. `quote()` ends a text at its first NUL. */
export function literalOf(column: string): string {
  const value = quoteIdentifier(column);
  return `CASE WHEN typeof(${value}) = 'text' AND instr(${value}, char(0)) > 0 THEN 'CAST(x''' || hex(${value}) || ''' AS TEXT)' ELSE quote(${value}) END`;
}

/** `(a, b)` or `a` */
export function tuple(parts: readonly string[]): string {
  return parts.length === 1 ? (parts[0] ?? "") : `(${parts.join(", ")})`;
}

/** The checkpoint's columns of this backfill, as a value to compare a key with. */
function kept({ name, key }: Pick<Backfill, "name" | "key">, prefix: "cursor" | "until"): string {
  const columns = key.map((_, i) => `${prefix}_${i + 1}`).join(", ");
  return `(SELECT ${columns} FROM ${BACKFILLS} WHERE name = ${quoteString(name)})`;
}

/** Rows behind the cursor. Before the first window there is none, and no condition that would keep an index from being used. */
export function afterCursor(backfill: Pick<Backfill, "name" | "key">, first: boolean): string {
  if (first) return "1";
  return `${tuple(backfill.key.map(quoteIdentifier))} > ${kept(backfill, "cursor")}`;
}

/** The rows of the window, as a condition. */
export function inWindow(backfill: Pick<Backfill, "name" | "key">, first: boolean): string {
  return `(${afterCursor(backfill, first)} AND ${upTo(backfill)})`;
}

function upTo(backfill: Pick<Backfill, "name" | "key">): string {
  return `${tuple(backfill.key.map(quoteIdentifier))} <= ${kept(backfill, "until")}`;
}

/** The name of the column that `judged` has more than `slice`: nobody's column is called that. */
export const VERDICT = '"d1ops verdict"';

/** `WITH slice AS (…), judged AS (…), todo AS (…) ` */
export function withSlice(backfill: SqlBackfill, first: boolean): string {
  const { outcome, writes } = backfill;
  const slice = `slice AS (SELECT * FROM ${sourceOf(backfill)} WHERE ${inWindow(backfill, first)})`;
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

/** A verdict is `outcome` or `outcome: reason`. */
export function isOutcome(verdict: string, outcome: string): string {
  const length = outcome.length;
  return `(substr(${verdict}, 1, ${length}) = '${outcome}' AND substr(${verdict}, ${length + 1}, 1) IN ('', ':'))`;
}

/** In a statement that writes the source itself: the window as a condition, which is faster than a list of keys. */
export const WINDOW = "{window}";

/** A statement of a file, with the window's rows before it. One that has a WITH of its own keeps it. */
export function overSlice(backfill: SqlBackfill, text: string, first: boolean): string {
  const statement = text.replaceAll(WINDOW, () => inWindow(backfill, first));
  // A statement that asks for neither has nothing to gain from them.
  if (!/\b(?:slice|judged|todo)\b/i.test(statement)) return statement;
  const ours = withSlice(backfill, first);
  const own = /^\s*WITH\s+(RECURSIVE\s+)?/i.exec(statement);
  if (own === null) return ours + statement;
  const recursive = own[1] === undefined ? "" : "RECURSIVE ";
  return `WITH ${recursive}${ours.slice("WITH ".length).trimEnd()}, ${statement.slice(own[0].length)}`;
}
