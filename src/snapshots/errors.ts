/** @module The errors of snapshots: their codes, details and exit codes. */
import { AnyOpsError, type ErrorConstructorOf } from "../report/error-class.ts";
import type { CoreErrors } from "../report/error.ts";
import type { ExitCode } from "../report/report.ts";

export interface SnapshotErrors {
  /** No snapshot of the store has this id, or several begin with it. */
  SNAPSHOT_UNKNOWN: { id: string; known: string[] };
  /** An object of the store is missing or has other bytes than d1ops wrote. */
  SNAPSHOT_DAMAGED: { store: string; object: string; problem: string };
  /** A newer version of d1ops wrote it. */
  SNAPSHOT_FORMAT: { store: string; object: string; format: number | null };
  /** The store is encrypted, and the user gave no key, or none that fits. */
  SNAPSHOT_LOCKED: { store: string; reason: "no key" | "wrong key" };
  /** A part of the database cannot be part of a snapshot, or cannot be restored from one. */
  SNAPSHOT_INCOMPLETE: { table: string | null; reason: string };
}

export const SNAPSHOT_EXIT_CODES: Readonly<Record<keyof SnapshotErrors, ExitCode>> = {
  SNAPSHOT_UNKNOWN: 2,
  SNAPSHOT_DAMAGED: 3,
  SNAPSHOT_FORMAT: 3,
  SNAPSHOT_LOCKED: 3,
  SNAPSHOT_INCOMPLETE: 3,
};

export interface ErrorDetails extends CoreErrors, SnapshotErrors {}

export type OpsError<C extends keyof ErrorDetails = keyof ErrorDetails> = AnyOpsError<
  C,
  ErrorDetails[C]
>;

export const OpsError: ErrorConstructorOf<ErrorDetails> = AnyOpsError;

export function isLocked(error: unknown): error is OpsError<"SNAPSHOT_LOCKED"> {
  return error instanceof AnyOpsError && error.code === "SNAPSHOT_LOCKED";
}

export function isDamage(error: unknown): error is OpsError<"SNAPSHOT_DAMAGED"> {
  return error instanceof AnyOpsError && error.code === "SNAPSHOT_DAMAGED";
}

/** For `catch`: null for a damaged object. @throws every other error */
export function nullIfDamaged(error: unknown): null {
  if (isDamage(error)) return null;
  throw error;
}

export type UnreadableError = OpsError<"SNAPSHOT_DAMAGED"> | OpsError<"SNAPSHOT_FORMAT">;

/** The manifest of a snapshot cannot be read. Other snapshots of the store may be intact. */
export function isUnreadable(error: unknown): error is UnreadableError {
  return (
    error instanceof AnyOpsError &&
    (error.code === "SNAPSHOT_DAMAGED" || error.code === "SNAPSHOT_FORMAT")
  );
}

/** For `catch`: null for an object that cannot be read. @throws every other error */
export function nullIfUnreadable(error: unknown): null {
  if (isUnreadable(error)) return null;
  throw error;
}

export function isIncomplete(error: unknown): error is OpsError<"SNAPSHOT_INCOMPLETE"> {
  return error instanceof AnyOpsError && error.code === "SNAPSHOT_INCOMPLETE";
}
