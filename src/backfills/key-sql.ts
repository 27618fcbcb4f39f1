/**
 * Keys, as SQL.
 * @module
 */
import { quoteIdentifier } from "../sql/quote.ts";
import type { Backfill } from "./backfill.ts";

export function keyList({ key }: Pick<Backfill, "key">, suffix = ""): string {
  return key.map((column) => `${quoteIdentifier(column)}${suffix}`).join(", ");
}

/** As SQL would write it, so that no two keys are the same text. */
export function keyText({ key }: Pick<Backfill, "key">): string {
  return key.map(literalOf).join(" || ', ' || ");
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
