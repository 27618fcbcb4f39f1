/** @module Where a room registers its error codes: their details in `ErrorDetails`, their exit codes in `ROOM_EXIT_CODES`. */
import { CLONE_EXIT_CODES, type CloneErrors } from "./clones/errors.ts";
import { ONBOARDING_EXIT_CODES, type OnboardingErrors } from "./onboarding/errors.ts";
import { AnyOpsError, type ErrorConstructorOf } from "./report/error-class.ts";
import type { CoreErrors } from "./report/error.ts";
import type { ExitCode } from "./report/report.ts";
import { SNAPSHOT_EXIT_CODES, type SnapshotErrors } from "./snapshots/errors.ts";

/** Every error code and its details. */
export interface ErrorDetails extends CoreErrors, CloneErrors, OnboardingErrors, SnapshotErrors {}

export type ErrorCode = keyof ErrorDetails;

export const ROOM_EXIT_CODES: Readonly<Record<Exclude<ErrorCode, keyof CoreErrors>, ExitCode>> = {
  ...CLONE_EXIT_CODES,
  ...ONBOARDING_EXIT_CODES,
  ...SNAPSHOT_EXIT_CODES,
};

export type OpsError<C extends ErrorCode = ErrorCode> = AnyOpsError<C, ErrorDetails[C]>;

export const OpsError: ErrorConstructorOf<ErrorDetails> = AnyOpsError;
