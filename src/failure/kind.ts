/**
 * Decides whether a failed call has changed the database, for every adapter: a local database, a Worker's binding, Cloudflare's API.
 *
 * The adapters of d1ops mark their errors. A Worker's binding throws plain errors, so this module, and no other, reads their messages.
 * @module
 */
import { OpsError } from "../report/error.ts";

/**
 * - `refused`: D1 rejected the call, and nothing was changed.
 * - `not done`: D1 did not start it.
 * - `unknown`: the answer was lost, and D1 may have carried it out.
 */
export type FailureKind = "refused" | "not done" | "unknown";

export interface DatabaseFailure {
  readonly kind: FailureKind;
  /** The message of the database or the network, without D1's `D1_ERROR: `. */
  readonly reason: string;
  /** The failing statement of a batch, 0-based. Null if the adapter does not know it. */
  readonly index: number | null;
  /** The offset of the error in that statement, in UTF-16 units. Null if not known. */
  readonly place: number | null;
  readonly error: Error;
}

/** D1 rejects a call with these before it starts. A later attempt can succeed. */
const NOT_STARTED =
  /overloaded|too many requests|queued for too long|long-running (?:export|import)|please wait and consider throttling/i;

/** D1 failed during a query with these, and may have carried it out. */
const BROKEN_OFF =
  /internal error|network connection lost|storage operation exceeded timeout|was reset|object to be reset|transient issue/i;

/** A message of SQLite ends with its code. It may quote words of the user, so the patterns above do not apply to it. */
const OF_SQLITE = /: SQLITE_[A-Z]+(?: \(extended: SQLITE_\w+\))?$/;

const PREFIX = /^D1_[A-Z_]+: /;

/** True if SQLite rejected a statement, so that D1 rolled back. */
export function isSqliteMessage(message: string): boolean {
  return OF_SQLITE.test(message);
}

export function kindOfMessage(message: string): FailureKind {
  if (isSqliteMessage(message)) return "refused";
  if (NOT_STARTED.test(message)) return "not done";
  return BROKEN_OFF.test(message) ? "unknown" : "refused";
}

/** The failure of a call. Null if the error is not from the call, but a fault of the program. */
export function failureOf(error: unknown): DatabaseFailure | null {
  if (error instanceof OpsError) return failureOfOpsError(error);
  if (!(error instanceof Error) || !PREFIX.test(error.message)) return null;
  const reason = error.message.replace(PREFIX, "");
  return {
    kind: markedKind(error) ?? kindOfMessage(reason),
    reason,
    index: "index" in error && typeof error.index === "number" ? error.index : null,
    place: "place" in error && typeof error.place === "number" ? error.place : null,
    error,
  };
}

/** The failure if D1 rejected the statements and changed nothing. Null for every other error. */
export function refusalOf(error: unknown): DatabaseFailure | null {
  const failure = failureOf(error);
  return failure?.kind === "refused" ? failure : null;
}

export interface Missing {
  readonly kind: "table" | "column";
  readonly name: string;
}

/** The table or column that a rejected statement names and the schema lacks. Null for every other error. */
export function missingIn(error: unknown): Missing | null {
  const found = MISSING.exec(refusalOf(error)?.reason ?? "");
  if (found === null) return null;
  const [, kind, name = ""] = found;
  return { kind: kind === "table" ? "table" : "column", name };
}

/** A trigger's own message may say the same, but it ends with another code. */
const MISSING =
  /^(?!.*: SQLITE_(?!ERROR$))no such (table|column): (.+?)(?: at offset \d+)?(?:: SQLITE_ERROR)?$/s;

/** True if the schema lacks a table, a column or a unique constraint that a rejected statement needs. */
export function lacksSchema(error: unknown): boolean {
  return missingIn(error) !== null || UNFIT.test(refusalOf(error)?.reason ?? "");
}

/** SQLite says so of an `INSERT`. */
const UNFIT = /^(?:table .+ has no column named |ON CONFLICT clause does not match )/;

/** True if a write was sent and its answer was lost. */
export function isAnswerLost(error: unknown): error is Error {
  return failureOf(error)?.kind === "unknown";
}

/** A lost answer as an `OpsError`: a Worker's binding throws plain errors. */
export function lostAnswerError({ error, reason }: DatabaseFailure): OpsError {
  if (error instanceof OpsError) return error;
  return new OpsError(
    "OUTCOME_UNKNOWN",
    { status: null, reason },
    {
      message: `The answer of the database was lost: ${reason}. The database may have carried out the statements, or not.`,
      hint: "Run the same command again. It does not repeat what is already done.",
    },
    { cause: error },
  );
}

function markedKind(error: Error): FailureKind | null {
  if (!("kind" in error)) return null;
  const { kind } = error;
  return kind === "refused" || kind === "not done" || kind === "unknown" ? kind : null;
}

/** Cloudflare's other errors are about the token, the account or the network: D1 received no statement. */
function failureOfOpsError(error: OpsError): DatabaseFailure {
  const lost = error.code === "OUTCOME_UNKNOWN";
  const { details, message } = error;
  return {
    kind: lost ? "unknown" : "not done",
    reason: "reason" in details && typeof details.reason === "string" ? details.reason : message,
    index: null,
    place: null,
    error,
  };
}
