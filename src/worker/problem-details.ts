/** @module Problem details (RFC 9457): the response to a request that fails. It never contains a message of the database. */
import { failureOf } from "../failure/kind.ts";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import {
  isOnboardingError,
  type OnboardingCode,
  type OnboardingError,
  type OnboardingErrors,
} from "../onboarding/errors.ts";
import { OpsError } from "../report/error.ts";

interface Kind {
  readonly status: ContentfulStatusCode;
  readonly title: string;
}

/** The Worker's codes and those of onboarding. They are stable. */
const KINDS = {
  BODY_UNREADABLE: { status: 400, title: "The body cannot be read" },
  CLAIM_MISSING: { status: 400, title: "The tenant or the user is missing" },
  UNAUTHENTICATED: { status: 401, title: "The credentials are missing or unknown" },
  TENANT_NOT_ALLOWED: { status: 403, title: "The credentials are for other tenants" },
  USER_NOT_ALLOWED: { status: 403, title: "The credentials belong to another user" },
  ONBOARDING_FORBIDDEN: { status: 403, title: "The caller is not allowed to do this" },
  ROUTE_UNKNOWN: { status: 404, title: "There is no such route" },
  ONBOARDING_NOT_FOUND: { status: 404, title: "The tenant has no such session" },
  METHOD_NOT_ALLOWED: { status: 405, title: "The route does not accept this method" },
  ONBOARDING_CONFLICT: { status: 409, title: "Conflict: owned by another tenant, or finished" },
  ONBOARDING_OUT_OF_ORDER: { status: 409, title: "Earlier steps are not done" },
  BODY_TOO_LARGE: { status: 413, title: "The body is too large" },
  BODY_NOT_JSON: { status: 415, title: "The body must be JSON" },
  ONBOARDING_INVALID: { status: 422, title: "The input is invalid" },
  TOO_MANY_REQUESTS: { status: 429, title: "Too many requests" },
  INTERNAL: { status: 500, title: "Internal error" },
  DATABASE_UNAVAILABLE: { status: 503, title: "The database is unavailable" },
  IDENTITY_UNAVAILABLE: { status: 503, title: "The keys of the issuer are unavailable" },
  NOT_CONFIGURED: { status: 503, title: "The Worker is not configured" },
} as const;

/** Only the command line reports a missing schema as an error of onboarding. */
type OnboardingProblemCode = Exclude<OnboardingCode, "ONBOARDING_NOT_READY">;

export type WorkerProblemCode = Exclude<keyof typeof KINDS, OnboardingProblemCode>;

export const PROBLEM_KINDS: Readonly<Record<WorkerProblemCode | OnboardingProblemCode, Kind>> =
  KINDS;

/** A request fails with one of the Worker's own codes. The message is the problem's `detail`. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly code: WorkerProblemCode;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: WorkerProblemCode,
    detail: string,
    headers: Readonly<Record<string, string>> = {},
    options?: ErrorOptions,
  ) {
    super(detail, options);
    this.code = code;
    this.headers = headers;
  }
}

export interface ProblemBody {
  /** Every response has `success`. It is true unless the response is a problem. */
  readonly success: false;
  /** `urn:d1ops:problem:onboarding-conflict:number-taken` */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** The id of the request. */
  readonly instance: string;
  readonly code: string;
  readonly hint?: string | undefined;
  /** Of `ONBOARDING_CONFLICT` and `ONBOARDING_FORBIDDEN`. */
  readonly reason?: string | undefined;
  readonly problems?: OnboardingErrors["ONBOARDING_INVALID"]["problems"] | undefined;
  readonly missing?: OnboardingErrors["ONBOARDING_OUT_OF_ORDER"]["missing"] | undefined;
}

export interface Problem {
  readonly status: ContentfulStatusCode;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ProblemBody;
}

/** The details of an unexpected error stay in the log. */
export function toProblem(error: unknown, instance: string): Problem {
  if (hasProblemCode(error)) return onboardingProblem(error, instance);
  const { code, message, headers } =
    error instanceof ProblemError ? error : unexpectedProblem(error);
  const body = problemBody(code, null, message, instance);
  return { status: PROBLEM_KINDS[code].status, headers, body };
}

function hasProblemCode(error: unknown): error is OnboardingError<OnboardingProblemCode> {
  return isOnboardingError(error) && error.code in PROBLEM_KINDS;
}

function unexpectedProblem(error: unknown): ProblemError {
  const failure = error instanceof OpsError ? null : failureOf(error);
  return failure !== null && failure.kind !== "refused"
    ? new ProblemError(
        "DATABASE_UNAVAILABLE",
        "Send the request again in a moment. A repeated request has no further effect.",
        { "retry-after": "5" },
      )
    : new ProblemError("INTERNAL", "The log has the details under the id of this request.");
}

function onboardingProblem(
  { code, details, message, hint }: OnboardingError<OnboardingProblemCode>,
  instance: string,
): Problem {
  const reason = "reason" in details ? details.reason : null;
  const body = {
    ...problemBody(code, reason, message, instance),
    hint,
    ...(reason !== null && { reason }),
    ...("problems" in details && { problems: details.problems }),
    ...("missing" in details && { missing: details.missing }),
  };
  return { status: PROBLEM_KINDS[code].status, headers: {}, body };
}

function problemBody(
  code: keyof typeof PROBLEM_KINDS,
  reason: string | null,
  detail: string,
  instance: string,
): ProblemBody {
  const { status, title } = PROBLEM_KINDS[code];
  const name = code.toLowerCase().replaceAll("_", "-");
  const type = `urn:d1ops:problem:${name}${reason === null ? "" : `:${reason}`}`;
  return { success: false, type, title, status, detail, instance, code };
}
