/** @module Sends the batch of a step, and finds the reason if it is rejected. */
import type { D1Database, D1PreparedStatement, D1Result } from "../database/port.ts";
import { failureOf } from "../failure/kind.ts";
import { retry } from "../failure/retry.ts";
import { OpsError } from "../report/error.ts";
import type { Statement } from "./statement.ts";

export function bindAll<P>(
  d1: D1Database,
  statements: readonly Statement<P>[],
  values: P,
): D1PreparedStatement[] {
  return statements.map((bind) => bind(d1, values));
}

const MAX_ATTEMPTS = 3;

/**
 * Returns the rows of the last statement. After a failure, `findReason` returns the reason as an error, the rows if an earlier batch did
 * the same, or null. On null, the batch is sent again: the reason no longer exists, or the Worker's binding lost the answer. A batch is idempotent.
 * If Cloudflare's API lost an answer, its client decides how long to wait.
 * @throws the error that `findReason` returns, and errors of the database
 */
export async function sendBatch<T>(
  d1: D1Database,
  statements: D1PreparedStatement[],
  findReason: () => Promise<Error | T[] | null>,
): Promise<T[]> {
  const sendOnce = async (): Promise<T[]> => {
    const answers: D1Result<T>[] = await d1.batch<T>(statements);
    return answers.at(-1)?.results ?? [];
  };
  return retry(sendOnce, {
    sleep: async () => {},
    after: async (error, made) => {
      if (error instanceof OpsError || failureOf(error) === null) throw error;
      const reason = await findReason();
      if (reason instanceof Error) throw reason;
      if (reason !== null) return { answer: reason };
      if (made === MAX_ATTEMPTS) throw error;
      return { waitMs: 0 };
    },
  });
}
