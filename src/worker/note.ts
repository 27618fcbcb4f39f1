/**
 * A line of the log: what went wrong, under the id that the caller was told. Nothing of what was sent, and no name of anybody.
 * @module
 */
import type { Problem } from "./problem.ts";

export interface Note {
  readonly level: "error" | "warn";
  readonly request_id: string;
  readonly method: string;
  readonly status: number;
  readonly code: string;
  /** Of an error: what it said itself, and where. */
  readonly reason?: string;
  readonly stack?: string;
}

/** Null: it is the caller's own affair. */
export function noteOf({ status, body }: Problem, error: unknown, method: string): Note | null {
  const note = { request_id: body.instance, method, status, code: body.code };
  if (status === 401 || status === 403) return { level: "warn", ...note, reason: body.detail };
  if (status < 500) return null;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const what =
    cause instanceof Error
      ? { reason: cause.message, stack: cause.stack ?? "" }
      : { reason: String(cause) };
  return { level: "error", ...note, ...what };
}
