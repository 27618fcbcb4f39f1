/** @module The row that the quarantine stores as it was read: as JSON, made by the database or by d1ops. */
import { quoteIdentifier, quoteString } from "../sql/quote.ts";

/** Columns per call: a function takes at most 32 arguments in D1, and each column needs two. */
const AT_ONCE = 15;

/** An SQL expression for the JSON of a row with these columns. Blobs become hexadecimal texts, because JSON has no blobs. */
export function originalSql(columns: readonly string[]): string {
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

/** The JSON of a row that was read. Integers that JSON would round are texts. Null if the row has no JSON. */
export function originalText(row: Readonly<Record<string, unknown>>): string | null {
  try {
    return JSON.stringify(row, plain);
  } catch {
    // The text is too long for a string, or a program has replaced a `toJSON`.
    return null;
  }
}

function plain(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (!Array.isArray(value)) return value;
  return value.map((byte) => Number(byte).toString(16).padStart(2, "0").toUpperCase()).join("");
}
