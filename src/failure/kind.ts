/**
 * What became of a call that failed, whoever was asked: a local database, a Worker's binding, Cloudflare's API.
 *
 * The adapters of ours mark what they throw. A Worker's binding throws plain errors, so its messages are read here, and nowhere else.
 * @module
 */
import { OpsError } from "../report/error.ts";

/** `refused`: answered with no, nothing stands. `not done`: it never began. `unknown`: it may stand, or not. */
export type FailureKind = "refused" | "not done" | "unknown";

export interface DatabaseFailure {
  readonly kind: FailureKind;
  /** What the database or the network said, without D1's `D1_ERROR: `. */
  readonly reason: string;
  /** Of a batch: the failing statement's place, 0-based; null where the adapter does not know it. */
  readonly index: number | null;
  /** Where in that statement what SQLite complains of stands, in UTF-16 units; null where that is not known. */
  readonly place: number | null;
  readonly error: Error;
}

/** D1 refuses these before it begins: later they go through. */
const NOT_BEGUN =
  /overloaded|too many requests|queued for too long|long-running (?:export|import)|please wait and consider throttling/i;

/** D1 says these of a query that it may have carried out: its own machine failed on the way. */
const BROKEN_OFF =
  /internal error|network connection lost|storage operation exceeded timeout|was reset|object to be reset|transient issue/i;

/** SQLite's own no has its code at the end: whatever words of the user's are in it, it is none of the above. */
const OF_SQLITE = /: SQLITE_[A-Z]+(?: \(extended: SQLITE_\w+\))?$/;

const FRAME = /^D1_[A-Z_]+: /;

/** True where SQLite itself has refused a statement, so that D1 has rolled back. */
export function isOfSqlite(message: string): boolean {
  return OF_SQLITE.test(message);
}

/** What D1's own words mean. */
export function kindOfWords(message: string): FailureKind {
  if (isOfSqlite(message)) return "refused";
  if (NOT_BEGUN.test(message)) return "not done";
  return BROKEN_OFF.test(message) ? "unknown" : "refused";
}

/** What an error says of the call that it ended; null where it is not about the call, but a fault of the program. */
export function failureOf(error: unknown): DatabaseFailure | null {
  if (error instanceof OpsError) return ofOurs(error);
  if (!(error instanceof Error) || !FRAME.test(error.message)) return null;
  const reason = error.message.replace(FRAME, "");
  return {
    kind: marked(error) ?? kindOfWords(reason),
    reason,
    index: "index" in error && typeof error.index === "number" ? error.index : null,
    place: "place" in error && typeof error.place === "number" ? error.place : null,
    error,
  };
}

/** The failure where D1 has refused the statements: nothing of them stands. Null for every other error. */
export function refusalOf(error: unknown): DatabaseFailure | null {
  const failure = failureOf(error);
  return failure?.kind === "refused" ? failure : null;
}

/** True where a write was sent and nobody knows what became of it. */
export function isLost(error: unknown): error is Error {
  return failureOf(error)?.kind === "unknown";
}

/** A lost answer as an error of ours: a Worker's binding throws others. */
export function errorOfLost({ error, reason }: DatabaseFailure): OpsError {
  if (error instanceof OpsError) return error;
  return new OpsError(
    "OUTCOME_UNKNOWN",
    { status: null, reason },
    {
      message: `The answer of the database was lost: ${reason}. It may have been done, or not.`,
      hint: "Run the same command again: what is done already is not done twice.",
    },
    { cause: error },
  );
}

function marked(error: Error): FailureKind | null {
  if (!("kind" in error)) return null;
  const { kind } = error;
  return kind === "refused" || kind === "not done" || kind === "unknown" ? kind : null;
}

/** Cloudflare's other errors are about the token, the account, the network: no statement was looked at. */
function ofOurs(error: OpsError): DatabaseFailure {
  const lost = error.code === "OUTCOME_UNKNOWN";
  const { details, message } = error;
  return {
    kind: lost ? "unknown" : "not done",
    reason: "reason" in details ? details.reason : message,
    index: null,
    place: null,
    error,
  };
}
