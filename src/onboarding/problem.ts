/**
 * What is wrong with what somebody asks for: the errors of this room.
 * @module
 */
import { type OnboardingError, onboardingError } from "./errors.ts";
import type { StepName } from "./steps.ts";

/** One thing that is wrong with an input. */
export interface Problem {
  /** `documents.0.title`; empty: the input as a whole. */
  readonly path: string;
  /** `phone-too-short`: for programs, and for who translates. */
  readonly code: string;
  readonly message: string;
}

/** All that is wrong at once. */
export function invalidInput(problems: readonly Problem[]): OnboardingError<"ONBOARDING_INVALID"> {
  const lines = problems.map(({ path, message }) =>
    path === "" ? message : `${path}: ${message}`,
  );
  return onboardingError(
    "ONBOARDING_INVALID",
    { problems: problems.map((problem) => ({ ...problem })) },
    {
      message: `The input cannot be taken: ${lines.join("; ")}.`,
      hint: "Correct what is named, and send it again. Nothing was changed.",
    },
  );
}

/** Also a session of somebody else's: whoever asks is not told that there is one. */
export function sessionNotFound(session: string): OnboardingError<"ONBOARDING_NOT_FOUND"> {
  return onboardingError(
    "ONBOARDING_NOT_FOUND",
    { session },
    {
      message: `This tenant has no onboarding session ${session}.`,
      hint: "Sessions are begun with start, which answers their id.",
    },
  );
}

export type Forbidden =
  /** `default` or `anonymous`: everybody who did not say who he is. */
  | "placeholder-identity"
  /** The user is another tenant's. */
  | "user-of-another-tenant";

export function forbidden(reason: Forbidden): OnboardingError<"ONBOARDING_FORBIDDEN"> {
  const message =
    reason === "placeholder-identity"
      ? "A tenant and a user have to be named; a placeholder is nobody."
      : "The user belongs to another tenant.";
  return onboardingError(
    "ONBOARDING_FORBIDDEN",
    { reason },
    { message, hint: "Name the tenant, and one of its users. Nothing was changed." },
  );
}

export type Conflict =
  /** Another tenant has the number. It is never taken away from it. */
  | "number-taken"
  /** Another tenant, or another user, has the e-mail address. */
  | "email-taken"
  /** The session is completed: it is not changed any more. */
  | "session-completed"
  | "session-abandoned"
  /** The same key was used for something else. */
  | "key-reused";

const CONFLICTS: Readonly<Record<Conflict, { readonly message: string; readonly hint: string }>> = {
  "number-taken": {
    message: "The phone number belongs to another tenant.",
    hint: "Give another number. Whose it is has to be settled by people; nothing was changed.",
  },
  "email-taken": {
    message: "The e-mail address belongs to somebody else.",
    hint: "Give another address. Nothing was changed.",
  },
  "session-completed": {
    message: "The session is completed, and is not changed any more.",
    hint: "Begin another one with start.",
  },
  "session-abandoned": {
    message: "The session was abandoned.",
    hint: "Begin another one with start.",
  },
  "key-reused": {
    message: "This tenant was onboarded with the same key and other data.",
    hint: "Use another key for other data. Nothing was changed.",
  },
};

export function conflict(reason: Conflict): OnboardingError<"ONBOARDING_CONFLICT"> {
  return onboardingError("ONBOARDING_CONFLICT", { reason }, CONFLICTS[reason]);
}

/** `missing`: the steps that come first. */
export function outOfOrder(
  step: StepName,
  missing: readonly StepName[],
): OnboardingError<"ONBOARDING_OUT_OF_ORDER"> {
  return onboardingError(
    "ONBOARDING_OUT_OF_ORDER",
    { step, missing: [...missing] },
    {
      message: `The step ${step} comes after ${missing.join(", ")}.`,
      hint: `Do ${missing[0] ?? "the steps before it"} first. Nothing was changed.`,
    },
  );
}
