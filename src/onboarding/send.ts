/**
 * Sends the batch of a step, and says why where it is refused.
 * @module
 */
import type { D1Database, D1PreparedStatement, D1Result } from "../database/port.ts";
import { type Claims, whyRefused } from "./refusal.ts";
import type { Statement } from "./statement.ts";
import type { StepName } from "./steps.ts";

export function bindAll<P>(
  d1: D1Database,
  statements: readonly Statement<P>[],
  values: P,
): D1PreparedStatement[] {
  return statements.map((bind) => bind(d1, values));
}

/**
 * Answers the rows of the last statement. What stood in the way may be gone by the time that it is looked for: then it is
 * sent once more.
 * @throws OpsError ONBOARDING_NOT_FOUND, ONBOARDING_FORBIDDEN, ONBOARDING_CONFLICT, ONBOARDING_OUT_OF_ORDER, and those of the database
 */
export async function send<T>(
  d1: D1Database,
  step: StepName,
  claims: Claims,
  statements: D1PreparedStatement[],
): Promise<T[]> {
  try {
    return rowsOf(await d1.batch<T>(statements));
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const why = await whyRefused(d1, step, claims);
    if (why !== null) throw why;
    return rowsOf(await d1.batch<T>(statements));
  }
}

function rowsOf<T>(answers: readonly D1Result<T>[]): T[] {
  return answers.at(-1)?.results ?? [];
}

export function isRefusal(error: unknown): error is Error {
  return error instanceof Error && error.message.startsWith("D1_ERROR");
}
