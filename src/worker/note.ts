/**
 * A line of the log for each request, under the id that the caller was told: nothing of what was sent, and no name of a person, tenant or session.
 * @module
 */
import type { Known, Step } from "./context.ts";

export interface Note {
  readonly level: "info" | "warn" | "error";
  readonly request_id: string;
  readonly method: string;
  /** Of the route, where there is one. */
  readonly operation: string | null;
  readonly status: number;
  /** Milliseconds. */
  readonly duration: number;
  /** `key:billing`, `token`: by what the caller was let in. */
  readonly by: string | null;
  /** Of a problem. */
  readonly code?: string;
  /** Of an error of ours, or of the database: what it said, and where. */
  readonly error?: string;
  readonly stack?: string;
}

export function noting(log: (note: Note) => void, now: () => Date): Step {
  return async (context, next) => {
    const from = now().getTime();
    await next();
    const { status } = context.res;
    const failure = context.get("failure");
    log({
      level: status >= 500 ? "error" : status === 401 || status === 403 ? "warn" : "info",
      request_id: context.get("requestId"),
      method: context.req.method,
      operation: context.get("operation") ?? null,
      status,
      duration: now().getTime() - from,
      by: context.get("by") ?? null,
      ...(failure !== undefined && { code: failure.problem.body.code }),
      ...(failure !== undefined && status >= 500 && detailsOf(failure)),
    });
  };
}

function detailsOf({ error }: Known["Variables"]["failure"]): Pick<Note, "error" | "stack"> {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  if (!(cause instanceof Error)) return { error: String(cause) };
  return { error: cause.message, stack: cause.stack ?? "" };
}
