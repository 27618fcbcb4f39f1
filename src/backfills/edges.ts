/**
 * Between which keys a window lies. SQLite updates rows as it finds them only where the condition has no subquery, which is twice as fast:
 * so the end of the next window comes with the answer of this one, and the window's SQL has the keys in it.
 * @module
 */
import { quoteString } from "../sql/quote.ts";
import type { Backfill } from "./backfill.ts";
import { literalOf, tuple } from "./key-sql.ts";
import { BACKFILLS, type Row } from "./backfill-state.ts";

type Keyed = Pick<Backfill, "name" | "key">;

/** Both as SQL, to compare a key with. The window begins behind the one and ends with the other. */
export interface Edges {
  /** Null before the first window: no condition that would keep an index from being used. */
  readonly after: string | null;
  readonly until: string;
}

/** What the state's row has, read where it stands. */
export function kept({ name, key }: Keyed, prefix: "cursor" | "until"): string {
  const columns = key.map((_, i) => `${prefix}_${i + 1}`).join(", ");
  return `(SELECT ${columns} FROM ${BACKFILLS} WHERE name = ${quoteString(name)})`;
}

/** Good for every window. */
export function keptEdges(backfill: Keyed, first: boolean): Edges {
  return { after: first ? null : kept(backfill, "cursor"), until: kept(backfill, "until") };
}

/** Columns of the state that tell {@link knownEdges} both keys. */
export function edgeColumns({ key }: Keyed): string {
  return key
    .flatMap((_, i) => [
      `${literalOf(`cursor_${i + 1}`)} AS after_${i + 1}`,
      `${literalOf(`until_${i + 1}`)} AS end_${i + 1}`,
    ])
    .join(", ");
}

/** Keys that are on their way back what they were on their way here: no reals, no characters that an encoding may lose. */
const EXACT = /^(?:-?\d{1,18}|'(?:[ -&(-~]|''){0,200}')$/;

export function exactLiteral(literal: string): boolean {
  return EXACT.test(literal);
}

/** Null where only the database can tell. */
export function knownEdges({ key }: Keyed, row: Row): Edges | null {
  const after = key.map((_, i) => String(row[`after_${i + 1}`]));
  const until = key.map((_, i) => String(row[`end_${i + 1}`]));
  if (![...after, ...until].every(exactLiteral)) return null;
  return { after: tuple(after), until: tuple(until) };
}

/** What an answer has told of the window that comes after so many others, if it is to have so many rows. */
export interface Ahead {
  readonly windows: number;
  readonly rows: number;
  readonly edges: Edges | null;
}

/** Null: not known. A single row is looked for anew: what has come meanwhile must not be taken for the row that was refused. */
export function edgesOf(ahead: Ahead | null, windows: number, rows: number): Edges | null {
  return ahead?.windows === windows && ahead.rows === rows && rows > 1 ? ahead.edges : null;
}
