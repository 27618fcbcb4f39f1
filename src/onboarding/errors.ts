/**
 * The error codes of onboarding, with their details and exit codes.
 * @module
 */
import { AnyOpsError, type ErrorConstructorOf } from "../report/error-class.ts";
import type { CoreErrors } from "../report/error.ts";
import type { ExitCode } from "../report/report.ts";

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
