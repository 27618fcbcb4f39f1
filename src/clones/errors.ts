/** @module The errors of clones: their codes, details and exit codes. */
import { AnyOpsError, type ErrorConstructorOf } from "../report/error-class.ts";
import type { CoreErrors } from "../report/error.ts";
import type { ExitCode } from "../report/report.ts";

export interface CloneErrors {
  /** The mask file does not have the shape of one, or does not fit the database. */
  MASK_INVALID: { path: string; problems: { name: string; problem: string }[] };
}

export const CLONE_EXIT_CODES: Readonly<Record<keyof CloneErrors, ExitCode>> = {
  MASK_INVALID: 2,
};

export interface ErrorDetails extends CoreErrors, CloneErrors {}

export type OpsError<C extends keyof ErrorDetails = keyof ErrorDetails> = AnyOpsError<
  C,
  ErrorDetails[C]
>;

export const OpsError: ErrorConstructorOf<ErrorDetails> = AnyOpsError;
