/** @module The errors of onboarding: their codes, details, exit codes and texts. */
import { AnyOpsError, type ErrorConstructorOf } from "../report/error-class.ts";
import type { CoreErrors } from "../report/error.ts";
import type { ExitCode } from "../report/report.ts";
import type { StepName } from "./steps.ts";

export interface OnboardingErrors {
  ONBOARDING_INVALID: { problems: { path: string; code: string; message: string }[] };
  ONBOARDING_NOT_FOUND: { session: string };
  ONBOARDING_FORBIDDEN: { reason: string };
  ONBOARDING_CONFLICT: { reason: string };
  ONBOARDING_OUT_OF_ORDER: { step: string; missing: string[] };
  ONBOARDING_NOT_READY: { reason: string };
}

export type OnboardingCode = keyof OnboardingErrors;

export const ONBOARDING_EXIT_CODES: Readonly<Record<OnboardingCode, ExitCode>> = {
  ONBOARDING_INVALID: 2,
  ONBOARDING_NOT_FOUND: 3,
  ONBOARDING_FORBIDDEN: 3,
  ONBOARDING_CONFLICT: 3,
  ONBOARDING_OUT_OF_ORDER: 3,
  ONBOARDING_NOT_READY: 3,
};

export type OnboardingError<C extends OnboardingCode = OnboardingCode> = AnyOpsError<
  C,
  OnboardingErrors[C]
>;

export function isOnboardingError(error: unknown): error is OnboardingError {
  return error instanceof AnyOpsError && Object.hasOwn(ONBOARDING_EXIT_CODES, error.code);
}

/** The codes that users of `d1ops/onboarding` can meet. */
export interface ErrorDetails extends CoreErrors, OnboardingErrors {}

export type OpsError<C extends keyof ErrorDetails = keyof ErrorDetails> = AnyOpsError<
  C,
  ErrorDetails[C]
>;

export const OpsError: ErrorConstructorOf<ErrorDetails> = AnyOpsError;

export interface Problem {
  /** For example `documents.0.title`. Empty: the whole input. */
  readonly path: string;
  /** For example `phone-too-short`. Programs and translations use it. */
  readonly code: string;
  readonly message: string;
}

export function invalidInput(problems: readonly Problem[]): OnboardingError<"ONBOARDING_INVALID"> {
  const lines = problems.map(({ path, message }) =>
    path === "" ? message : `${path}: ${message}`,
  );
  const text = {
    message: `The input is invalid: ${lines.join("; ")}.`,
    hint: "Correct the input and send it again. Nothing was changed.",
  };
  return new OpsError("ONBOARDING_INVALID", { problems: [...problems] }, text);
}

/** Also for a session of another tenant, so that the error does not reveal that it exists. */
export function sessionNotFound(session: string): OnboardingError<"ONBOARDING_NOT_FOUND"> {
  const message = `This tenant has no onboarding session ${session}.`;
  const hint = "The step start creates a session and returns its id.";
  return new OpsError("ONBOARDING_NOT_FOUND", { session }, { message, hint });
}

const FORBIDDEN = {
  /** `default` or `anonymous`. */
  "placeholder-identity": "The tenant or the user is a placeholder.",
  "user-of-another-tenant": "The user belongs to another tenant.",
} as const;

export type Forbidden = keyof typeof FORBIDDEN;

export function forbidden(reason: Forbidden): OnboardingError<"ONBOARDING_FORBIDDEN"> {
  const hint = "Name the tenant and one of its users. Nothing was changed.";
  return new OpsError("ONBOARDING_FORBIDDEN", { reason }, { message: FORBIDDEN[reason], hint });
}

/** A completed session cannot be changed, and a tenant keeps its number. */
const CONFLICTS = {
  "number-taken": {
    message: "The phone number belongs to another tenant.",
    hint: "Pass another number: d1ops rejects a number that belongs to another tenant. Nothing was changed.",
  },
  "email-taken": {
    message: "The e-mail address belongs to another tenant or user.",
    hint: "Use another address. Nothing was changed.",
  },
  "session-completed": {
    message: "The session is completed, so it cannot be changed.",
    hint: "Start another one with the step start.",
  },
  "session-abandoned": {
    message: "The session was abandoned.",
    hint: "Start another one with the step start.",
  },
  "key-reused": {
    message: "The tenant was onboarded before with the same key and other data.",
    hint: "To onboard it again with this data, set `key` to a new value. Nothing was changed.",
  },
} as const;

export type Conflict = keyof typeof CONFLICTS;

export function conflict(reason: Conflict): OnboardingError<"ONBOARDING_CONFLICT"> {
  return new OpsError("ONBOARDING_CONFLICT", { reason }, CONFLICTS[reason]);
}

/** `missing`: the steps that must be done first. */
export function outOfOrder(
  step: StepName,
  missing: readonly StepName[],
): OnboardingError<"ONBOARDING_OUT_OF_ORDER"> {
  const text = {
    message: `The step ${step} requires these steps first: ${missing.join(", ")}.`,
    hint: `Do the step ${missing[0] ?? "before it"} first. Nothing was changed.`,
  };
  return new OpsError("ONBOARDING_OUT_OF_ORDER", { step, missing: [...missing] }, text);
}
