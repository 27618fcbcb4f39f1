/**
 * A database that something happens to: before a batch, in the middle of it, after it, or before a question.
 * @module
 */
import type { D1Database, D1PreparedStatement } from "../../src/database/port.ts";

export interface Between {
  /** Before each batch; `count` begins with 1. May give other statements in its place. */
  readonly batch?: (
    statements: D1PreparedStatement[],
    count: number,
  ) => Promise<D1PreparedStatement[] | undefined>;
  /** After each batch that stands: throws what the caller gets instead of the answer. */
  readonly answered?: (count: number) => void;
  /** Before each question that is no batch. */
  readonly asked?: () => Promise<void>;
}

export function between(d1: D1Database, { batch, answered, asked }: Between): D1Database {
  let batches = 0;
  const prepare = (query: string): D1PreparedStatement => watched(d1.prepare(query));
  const watched = (statement: D1PreparedStatement): D1PreparedStatement => {
    const bind = statement.bind.bind(statement);
    const first = statement.first.bind(statement);
    return Object.assign(statement, {
      bind: (...values: unknown[]) => watched(bind(...values)),
      first: async (column?: string) => {
        await asked?.();
        return column === undefined ? first() : first(column);
      },
    });
  };
  return {
    prepare,
    async batch<T>(statements: D1PreparedStatement[]) {
      batches += 1;
      const count = batches;
      const others = await batch?.(statements, count);
      const answers = await d1.batch<T>(others ?? statements);
      answered?.(count);
      return answers;
    },
    exec: (query) => d1.exec(query),
  };
}
