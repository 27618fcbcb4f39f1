/**
 * The keys of a backfill as SQL: its columns, and the first and last key of a window.
 *
 * SQLite updates rows while it finds them only if the condition of the window has no subquery, which is twice as fast.
 * So the answer of each window contains the edges of the next one, and the SQL of that window contains them as literals.
 * @module
 */
import { quoteIdentifier, quoteString } from "../sql/quote.ts";
import type { Backfill } from "./backfill.ts";
import { BACKFILLS, type Progress, type Row } from "./backfill-state.ts";

type Keyed = Pick<Backfill, "name" | "key">;

/** Two SQL expressions. The keys of the window are greater than `after`, and at most `until`. */
export interface Edges {
  /** Null for the first window: a condition could prevent the use of an index. */
  readonly after: string | null;
  readonly until: string;
}

/** A subquery that reads a key from the state's row. */
export function kept({ name, key }: Keyed, prefix: "cursor" | "until"): string {
  const columns = key.map((_, i) => `${prefix}_${i + 1}`).join(", ");
  return `(SELECT ${columns} FROM ${BACKFILLS} WHERE name = ${quoteString(name)})`;
}

/** The key after which the next window begins, read from the state's row; null before the first row. */
export function keptCursor(backfill: Keyed, { cursor }: Pick<Progress, "cursor">): string | null {
  return cursor === null ? null : kept(backfill, "cursor");
}

/** Edges that the SQL of the window reads from the state's row: they work for every window. */
export function keptEdges(backfill: Keyed, progress: Pick<Progress, "cursor">): Edges {
  return { after: keptCursor(backfill, progress), until: kept(backfill, "until") };
}

/** Columns of the state from which {@link knownEdges} reads both keys. */
export function edgeColumns({ key }: Keyed): string {
  return key
    .flatMap((_, i) => [
      `${literalOf(`cursor_${i + 1}`)} AS after_${i + 1}`,
      `${literalOf(`until_${i + 1}`)} AS end_${i + 1}`,
    ])
    .join(", ");
}

/** Keys that survive the way to d1ops and back unchanged: no reals, no characters that an encoding may lose. */
const EXACT = /^(?:-?\d{1,18}|'(?:[ -&(-~]|''){0,200}')$/;

export function exactLiteral(literal: string): boolean {
  return EXACT.test(literal);
}

/** Null if a key may not survive the way to d1ops and back. */
export function knownEdges({ key }: Keyed, row: Row): Edges | null {
  const after = key.map((_, i) => String(row[`after_${i + 1}`]));
  const until = key.map((_, i) => String(row[`end_${i + 1}`]));
  if (![...after, ...until].every(exactLiteral)) return null;
  return { after: tuple(after), until: tuple(until) };
}

/** The edges of a later window, from an answer. They hold if that window is number `windows` and has `rows` rows. */
export interface Ahead {
  readonly windows: number;
  readonly rows: number;
  readonly edges: Edges | null;
}

/** Null if they are not known. A window of one row finds its edges again: a row that was inserted since is not the row that D1 rejected. */
export function edgesOf(ahead: Ahead | null, windows: number, rows: number): Edges | null {
  return ahead?.windows === windows && ahead.rows === rows && rows > 1 ? ahead.edges : null;
}

export function keyList({ key }: Pick<Backfill, "key">, suffix = ""): string {
  return key.map((column) => `${quoteIdentifier(column)}${suffix}`).join(", ");
}

/** An expression: the key as SQL literals, so that two keys never have the same text. */
export function keyText({ key }: Pick<Backfill, "key">): string {
  return key.map(literalOf).join(" || ', ' || ");
}

/** An expression: the column's value as an SQL literal. `quote()` alone would cut a text at its first NUL. */
export function literalOf(column: string): string {
  const value = quoteIdentifier(column);
  return `CASE WHEN typeof(${value}) = 'text' AND instr(${value}, char(0)) > 0 THEN 'CAST(x''' || hex(${value}) || ''' AS TEXT)' ELSE quote(${value}) END`;
}

/** `(a, b)` or `a` */
export function tuple(parts: readonly string[]): string {
  return parts.length === 1 ? (parts[0] ?? "") : `(${parts.join(", ")})`;
}
