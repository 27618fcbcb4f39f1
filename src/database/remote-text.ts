/**
 * Sends a text of several statements to an API that answers each statement: splits the text before, and converts and joins the answers
 * after.
 * @module
 */
import type { DatabaseRawResponse } from "cloudflare/resources/d1/database";
import { split } from "../sql/split.ts";
import type { Answer, Query } from "./client.ts";
import { hasText } from "./connection.ts";
import { parameters } from "./parameters.ts";
import { Refusal } from "./d1-error.ts";
import { NO_STATEMENT, ONLY_THE_LAST } from "./run-query.ts";

/** One statement of the text of a query. */
export interface Piece extends Query {
  /** The 0-based index of the text in the batch. */
  readonly of: number;
}

/** Leaves a text of one statement unchanged, so that offsets in it stay valid. As in D1, only the last statement may have parameters. */
export function pieces(query: Query, of: number): Piece[] {
  if (!hasText(query)) return [];
  const statements = split(query.sql);
  if (statements.length === 0) throw new Refusal(NO_STATEMENT, of);
  if (statements.length === 1) return [{ ...query, of }];
  return statements.map(({ text }, i) => {
    if (i === statements.length - 1) return { sql: text, params: query.params, of };
    if (parameters(text).count > 0) throw new Refusal(ONLY_THE_LAST, of);
    return { sql: text, params: [], of };
  });
}

/** Returns the last statement's answer for each text, with the changes and costs of all its statements. */
export function joined(sent: readonly Piece[], answers: readonly Answer[]): Answer[] {
  const texts: Answer[] = [];
  for (const [i, answer] of answers.entries()) {
    const before = i > 0 && sent[i - 1]?.of === sent[i]?.of ? texts.pop() : undefined;
    texts.push(before === undefined ? answer : { ...answer, meta: sum(before.meta, answer.meta) });
  }
  return texts;
}

function sum(one: Answer["meta"], other: Answer["meta"]): Answer["meta"] {
  return {
    ...other,
    duration: one.duration + other.duration,
    changes: one.changes + other.changes,
    changed_db: one.changed_db || other.changed_db,
    rows_read: one.rows_read + other.rows_read,
    rows_written: one.rows_written + other.rows_written,
  };
}

/** One answer per statement. Empty if any of them is malformed or reports a failure: the API's types guarantee nothing. */
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
