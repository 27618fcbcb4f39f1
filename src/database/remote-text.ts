/**
 * A text of several statements over an API that answers each of them: cut before it is sent, and put together again after.
 * @module
 */
import { split } from "../sql/split.ts";
import type { Answer, Query } from "./client.ts";
import { hasText } from "./connection.ts";
import { parameters } from "./parameters.ts";
import { Refusal } from "./d1-error.ts";
import { NO_STATEMENT, ONLY_THE_LAST } from "./run-query.ts";

/** One statement of the text of a query. */
export interface Piece extends Query {
  /** The text's place in the batch, 0-based. */
  readonly of: number;
}

/** A text of one statement goes as it is, so that places in it mean what they say. Only the last one has parameters, as at D1. */
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

/** The answer of a text is that of its last statement; what it changed and cost is that of all. */
export function joined(asked: readonly Piece[], answers: readonly Answer[]): Answer[] {
  const texts: Answer[] = [];
  for (const [i, answer] of answers.entries()) {
    const before = i > 0 && asked[i - 1]?.of === asked[i]?.of ? texts.pop() : undefined;
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
