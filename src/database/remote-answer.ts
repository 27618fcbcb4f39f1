/**
 * The API's answers, as the client wants them. The API's types promise nothing, so every field is looked at.
 * @module
 */
import type { DatabaseRawResponse } from "cloudflare/resources/d1/database";
import type { Answer } from "./client.ts";

/** One for each statement. */
export function answersOf(results: readonly DatabaseRawResponse[]): Answer[] {
  return results.map(({ results: table, meta = {} }) => ({
    columns: table?.columns ?? [],
    rows: table?.rows ?? [],
    meta: {
      ...meta,
      duration: meta.duration ?? 0,
      size_after: meta.size_after ?? 0,
      rows_read: meta.rows_read ?? 0,
      rows_written: meta.rows_written ?? 0,
      last_row_id: meta.last_row_id ?? 0,
      changed_db: meta.changed_db ?? false,
      changes: meta.changes ?? 0,
    },
  }));
}
