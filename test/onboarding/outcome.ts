/** @module The outcome of a step as a short text, the same for every client. */
import { OpsError } from "../../src/report/error.ts";

/** `invalid company_name:required`, `not-found`, `forbidden placeholder-identity`, `conflict number-taken`, `out-of-order agents`. */
export function errorText(error: unknown): string {
  if (!(error instanceof OpsError)) throw error;
  const { code, details } = error;
  const rest = Object.entries(details as Record<string, unknown>);
  const detail = (name: string): unknown => rest.find(([key]) => key === name)?.[1];
  switch (code) {
    case "ONBOARDING_INVALID": {
      const problems = detail("problems") as readonly { path: string; code: string }[];
      return `invalid ${problems.map(({ path, code: one }) => `${path}:${one}`).join(" ")}`;
    }
    case "ONBOARDING_NOT_FOUND":
      return "not-found";
    case "ONBOARDING_FORBIDDEN":
      return `forbidden ${String(detail("reason"))}`;
    case "ONBOARDING_CONFLICT":
      return `conflict ${String(detail("reason"))}`;
    case "ONBOARDING_OUT_OF_ORDER":
      return `out-of-order ${(detail("missing") as readonly string[]).join(" ")}`;
    default:
      throw error;
  }
}

/** The answer, or the error as a text. */
export async function outcomeOf<T>(work: Promise<T>): Promise<T | string> {
  try {
    return await work;
  } catch (error) {
    return errorText(error);
  }
}
