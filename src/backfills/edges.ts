/**
 * The first and last key of a window. SQLite updates rows while it finds them only if the condition has no subquery, which is twice as fast.
 * So the answer of each window contains the edges of the next one, and the SQL of that window contains them as literals.
 * @module
 */
import { quoteString } from "../sql/quote.ts";
import type { Backfill } from "./backfill.ts";
import { literalOf, tuple } from "./key-sql.ts";
import { BACKFILLS, type Row } from "./backfill-state.ts";

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

/** Edges that the SQL of the window reads from the state's row: they work for every window. */
export function keptEdges(backfill: Keyed, first: boolean): Edges {
  return { after: first ? null : kept(backfill, "cursor"), until: kept(backfill, "until") };
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

/** Null if they are not known. A window of one row finds its edges again: a row that was inserted since is not the row that was refused. */
export function edgesOf(ahead: Ahead | null, windows: number, rows: number): Edges | null {
  return ahead?.windows === windows && ahead.rows === rows && rows > 1 ? ahead.edges : null;
}
