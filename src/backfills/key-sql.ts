/**
 * SQL for the key columns of a backfill.
 * @module
 */
import { quoteIdentifier } from "../sql/quote.ts";
import type { Backfill } from "./backfill.ts";

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
