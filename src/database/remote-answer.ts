/**
 * Converts the API's answers for the client. The API's types guarantee nothing, so d1ops checks every field.
 * @module
 */
import type { DatabaseRawResponse } from "cloudflare/resources/d1/database";
import type { Answer } from "./client.ts";

/** One answer per statement; an empty list if any of them is malformed or reports a failure. */
export function answersOf(results: unknown): Answer[] {
  return Array.isArray(results) && results.every(isResult) ? results.map(answerOf) : [];
}

function isResult(value: unknown): value is DatabaseRawResponse {
  if (typeof value !== "object" || value === null) return false;
  if ("success" in value && value.success === false) return false;
  const table: unknown = "results" in value ? value.results : {};
  if (typeof table !== "object" || table === null) return false;
  const columns: unknown = "columns" in table ? table.columns : [];
  const rows: unknown = "rows" in table ? table.rows : [];
  return Array.isArray(columns) && Array.isArray(rows) && rows.every((row) => Array.isArray(row));
}

function answerOf({ results: table, meta = {} }: DatabaseRawResponse): Answer {
  // `api.ts` makes a BigInt of a large integer, but D1Meta has a number.
  const lastRowId: unknown = meta.last_row_id ?? 0;
  return {
    columns: table?.columns ?? [],
    rows: table?.rows ?? [],
    meta: {
      ...meta,
      duration: meta.duration ?? 0,
      size_after: meta.size_after ?? 0,
      rows_read: meta.rows_read ?? 0,
      rows_written: meta.rows_written ?? 0,
      last_row_id: Number(lastRowId),
      changed_db: meta.changed_db ?? false,
      changes: meta.changes ?? 0,
    },
  };
}
