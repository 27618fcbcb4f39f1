/**
 * A row as JSON, in SQL: what the quarantine keeps of it.
 * @module
 */
import { quoteIdentifier, quoteString } from "../sql/quote.ts";

/** A function of D1's takes 32 arguments: two for each column. */
const AT_ONCE = 15;

/** An expression over a row that has these columns. Blobs are written in hexadecimal, for JSON has none. */
export function originalOf(columns: readonly string[]): string {
  const parts: string[] = [];
  for (let i = 0; i < columns.length; i += AT_ONCE) {
    const pairs = columns.slice(i, i + AT_ONCE).map((column) => {
      const value = quoteIdentifier(column);
      return `${quoteString(column)}, CASE typeof(${value}) WHEN 'blob' THEN hex(${value}) ELSE ${value} END`;
    });
    parts.push(`json_object(${pairs.join(", ")})`);
  }
  const inner = parts.map((part) => `substr(${part}, 2, length(${part}) - 2)`);
  return inner.length === 1 ? (parts[0] ?? "NULL") : `'{' || ${inner.join(" || ',' || ")} || '}'`;
}
