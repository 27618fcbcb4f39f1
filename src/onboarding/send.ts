/**
 * Sends the batch of a step, and says why where it is refused.
 * @module
 */
import type { D1Database, D1PreparedStatement, D1Result } from "../database/port.ts";
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
 * that it is looked for, so that the batch is sent once more. Where an answer was lost, who asked knows how long to wait before
 * he asks again: done twice it is done once.
 * @throws what `why` answers, and errors of the database
 */
export async function send<T>(
  d1: D1Database,
  statements: D1PreparedStatement[],
  why: () => Promise<Error | null>,
): Promise<T[]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const answers: D1Result<T>[] = await d1.batch<T>(statements);
      return answers.at(-1)?.results ?? [];
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const reason = await why();
      if (reason !== null) throw reason;
      if (attempt === ATTEMPTS) throw error;
    }
  }
}

export function isRefusal(error: unknown): error is Error {
  return error instanceof Error && error.message.startsWith("D1_ERROR");
}
