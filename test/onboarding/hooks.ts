/** @module A database with hooks before and after its batches, and before its queries. */
import type { D1Database, D1PreparedStatement } from "../../src/database/port.ts";

export interface Hooks {
  /** Called before each batch; `count` begins with 1. May return other statements, which run instead. */
  readonly beforeBatch?: (
    statements: D1PreparedStatement[],
    count: number,
  ) => Promise<D1PreparedStatement[] | undefined>;
  /** Called after each successful batch. If it throws, the caller gets that error instead of the answer. */
  readonly afterBatch?: (count: number) => void;
  /** Called before each query that is not a batch. */
  readonly beforeQuery?: () => Promise<void>;
}

export function withHooks(
  d1: D1Database,
  { beforeBatch, afterBatch, beforeQuery }: Hooks,
): D1Database {
  let batches = 0;
  const prepare = (query: string): D1PreparedStatement => hooked(d1.prepare(query));
  const hooked = (statement: D1PreparedStatement): D1PreparedStatement => {
    const bind = statement.bind.bind(statement);
    const first = statement.first.bind(statement);
    return Object.assign(statement, {
      bind: (...values: unknown[]) => hooked(bind(...values)),
      first: async (column?: string) => {
        await beforeQuery?.();
        return column === undefined ? first() : first(column);
      },
    });
  };
  return {
    prepare,
    async batch<T>(statements: D1PreparedStatement[]) {
      batches += 1;
      const count = batches;
      const others = await beforeBatch?.(statements, count);
      const answers = await d1.batch<T>(others ?? statements);
      afterBatch?.(count);
      return answers;
    },
    exec: (query) => d1.exec(query),
  };
}
