/**
 * Sends the batch of a step, and says why where it is refused.
 * @module
 */
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

const ATTEMPTS = 3;

/**
 * Answers the rows of the last statement. `why` says what stands in the way of a refused batch: null if that is gone by the time
 * that it is looked for, so that the batch is sent once more. So is a batch that a Worker's binding broke off: done twice it is done once.
 * Where Cloudflare's API lost an answer, who asked knows how long to wait before he asks again.
 * @throws what `why` answers, and errors of the database
 */
export async function sendBatch<T>(
  d1: D1Database,
  statements: D1PreparedStatement[],
  why: () => Promise<Error | null>,
): Promise<T[]> {
  const ask = async (): Promise<T[]> => {
    const answers: D1Result<T>[] = await d1.batch<T>(statements);
    return answers.at(-1)?.results ?? [];
  };
  return retry(ask, {
    sleep: async () => {},
    after: async (error, made) => {
      if (error instanceof OpsError || failureOf(error) === null) throw error;
      const reason = await why();
      if (reason !== null) throw reason;
      if (made === ATTEMPTS) throw error;
      return { waitMs: 0 };
    },
  });
}
