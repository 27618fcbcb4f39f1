/** @module One log entry per request, under the id that the response has. It contains no input, and no name of a person, tenant or session. */
import type { AppEnv, Middleware } from "./app-types.ts";

export interface LogEntry {
  readonly level: "info" | "warn" | "error";
  readonly request_id: string;
  readonly method: string;
  /** The id of the route. Null if no route matches. */
  readonly operation: string | null;
  readonly status: number;
  /** Milliseconds. */
  readonly duration: number;
  /** The credentials that the Worker accepted: `key:billing` or `token`. */
  readonly by: string | null;
  readonly code?: string;
  /** The message and the stack of an error in the code or the database. */
  readonly error?: string;
  readonly stack?: string;
}

export function requestLog(log: (entry: LogEntry) => void, now: () => Date): Middleware {
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

function detailsOf({ error }: AppEnv["Variables"]["failure"]): Pick<LogEntry, "error" | "stack"> {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  if (!(cause instanceof Error)) return { error: String(cause) };
  return { error: cause.message, stack: cause.stack ?? "" };
}
