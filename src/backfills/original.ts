/**
 * A row as JSON, in SQL and in a program: what the quarantine keeps of it, and what a report shows.
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

/** The same of a row that was read. Integers that JSON would round are texts. Null where it has no JSON. */
export function originalText(row: Readonly<Record<string, unknown>>): string | null {
  try {
    return JSON.stringify(row, plain);
  } catch {
    // Longer than a string can be, or a program has changed how values become JSON.
    return null;
  }
}

function plain(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (!Array.isArray(value)) return value;
  return value.map((byte) => Number(byte).toString(16).padStart(2, "0").toUpperCase()).join("");
}
