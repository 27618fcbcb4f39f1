/**
 * What is answered instead of what was asked for: problem details (RFC 9457), never a word of a driver.
 * @module
 */
import { failureOf } from "../failure/kind.ts";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import {
  isOnboardingError,
  type OnboardingCode,
  type OnboardingError,
  type OnboardingErrors,
} from "../onboarding/errors.ts";
import { OpsError } from "../report/error.ts";

/** The Worker's own codes. They are a promise to programs. */
export type RefusalCode =
  | "BODY_UNREADABLE"
  | "CLAIM_MISSING"
  | "UNAUTHENTICATED"
  | "TENANT_NOT_ALLOWED"
  | "USER_NOT_ALLOWED"
  | "ROUTE_UNKNOWN"
  | "METHOD_NOT_ALLOWED"
  | "BODY_TOO_LARGE"
  | "BODY_NOT_JSON"
  | "TOO_MANY_REQUESTS"
  | "INTERNAL"
  | "DATABASE_UNAVAILABLE"
  | "IDENTITY_UNAVAILABLE"
  | "NOT_CONFIGURED";

interface Kind {
  readonly status: ContentfulStatusCode;
  readonly title: string;
}

/** Only the command line reports a missing schema as an error of onboarding. */
type OnboardingProblemCode = Exclude<OnboardingCode, "ONBOARDING_NOT_READY">;

/** All there are, with those of onboarding. */
export const KINDS: Readonly<Record<RefusalCode | OnboardingProblemCode, Kind>> = {
  BODY_UNREADABLE: { status: 400, title: "The body cannot be read" },
  CLAIM_MISSING: { status: 400, title: "A tenant and a user have to be named" },
  UNAUTHENTICATED: { status: 401, title: "Nobody is let in without credentials" },
  TENANT_NOT_ALLOWED: { status: 403, title: "These credentials do not open this tenant" },
  USER_NOT_ALLOWED: { status: 403, title: "These credentials are another user's" },
  ONBOARDING_FORBIDDEN: { status: 403, title: "This caller may not do this" },
  ROUTE_UNKNOWN: { status: 404, title: "There is nothing here" },
  ONBOARDING_NOT_FOUND: { status: 404, title: "This tenant has no such session" },
  METHOD_NOT_ALLOWED: { status: 405, title: "This is not how it is asked for" },
  ONBOARDING_CONFLICT: { status: 409, title: "It is somebody else's, or over" },
  ONBOARDING_OUT_OF_ORDER: { status: 409, title: "Steps that come first are not done" },
  BODY_TOO_LARGE: { status: 413, title: "The body is too large" },
  BODY_NOT_JSON: { status: 415, title: "The body has to be JSON" },
  ONBOARDING_INVALID: { status: 422, title: "The input cannot be taken" },
  TOO_MANY_REQUESTS: { status: 429, title: "Too many requests" },
  INTERNAL: { status: 500, title: "Something went wrong here" },
  DATABASE_UNAVAILABLE: { status: 503, title: "The database does not answer" },
  IDENTITY_UNAVAILABLE: { status: 503, title: "The keys of the issuer cannot be read" },
  NOT_CONFIGURED: { status: 503, title: "The Worker is not set up" },
};

/** One of ours that is no error of onboarding. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: RefusalCode;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: RefusalCode,
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
  /** As all answers have it: `true` in those that are no problem. */
  readonly success: false;
  /** `urn:d1ops:problem:onboarding-conflict:number-taken` */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** The request's id. */
  readonly instance: string;
  readonly code: string;
  readonly hint?: string | undefined;
  /** Of a conflict, or of what is forbidden. */
  readonly reason?: string | undefined;
  /** Of an input: all that is wrong with it. */
  readonly problems?: OnboardingErrors["ONBOARDING_INVALID"]["problems"] | undefined;
  /** Of a step that is out of order: those that come first. */
  readonly missing?: OnboardingErrors["ONBOARDING_OUT_OF_ORDER"]["missing"] | undefined;
}

export interface Problem {
  readonly status: ContentfulStatusCode;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ProblemBody;
}

/** In words for the outside. Of what nobody has foreseen nothing is told. */
export function problemOf(error: unknown, instance: string): Problem {
  if (isOfOnboarding(error)) return ofOnboarding(error, instance);
  const refusal = error instanceof Refusal ? error : unforeseen(error);
  const body = bodyOf(refusal.code, null, refusal.message, instance);
  return { status: KINDS[refusal.code].status, headers: refusal.headers, body };
}

function isOfOnboarding(error: unknown): error is OnboardingError<OnboardingProblemCode> {
  return isOnboardingError(error) && error.code in KINDS;
}

function unforeseen(error: unknown): Refusal {
  const failure = error instanceof OpsError ? null : failureOf(error);
  return failure !== null && failure.kind !== "refused"
    ? new Refusal(
        "DATABASE_UNAVAILABLE",
        "Send it again in a moment: what is done twice is done once.",
        { "retry-after": "5" },
      )
    : new Refusal("INTERNAL", "It is in the log, under the id of this request.");
}

function ofOnboarding(
  { code, details, message, hint }: OnboardingError<OnboardingProblemCode>,
  instance: string,
): Problem {
  const reason = "reason" in details ? details.reason : null;
  const body = {
    ...bodyOf(code, reason, message, instance),
    hint,
    ...(reason !== null && { reason }),
    ...("problems" in details && { problems: details.problems }),
    ...("missing" in details && { missing: details.missing }),
  };
  return { status: KINDS[code].status, headers: {}, body };
}

function bodyOf(
  code: keyof typeof KINDS,
  reason: string | null,
  detail: string,
  instance: string,
): ProblemBody {
  const { status, title } = KINDS[code];
  const name = code.toLowerCase().replaceAll("_", "-");
  const type = `urn:d1ops:problem:${name}${reason === null ? "" : `:${reason}`}`;
  return { success: false, type, title, status, detail, instance, code };
}
