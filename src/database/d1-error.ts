/**
 * What D1 says when it refuses: `<SQLite's message>[ at offset N]: <code>[ (extended: <code>)]`.
 * @module
 */
import type { D1Failure } from "./port.ts";

/** A query that D1 does not carry out. `message` has no `D1_ERROR: ` yet, for `exec` puts another word there. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  /** The failing query's place in the list, 0-based. */
  readonly index: number | undefined;
  /** Where in the query's text what it complains of stands, in UTF-16 units; null where that is not known. */
  readonly place: number | null;

  constructor(
    message: string,
    index?: number,
    options: ErrorOptions & { readonly place?: number | null } = {},
  ) {
    super(message, options);
    this.index = index;
    this.place = options.place ?? null;
  }
}

/** The error as D1's client throws it: a plain `Error`, the bare text as its cause, and in a batch the failing query's place. */
export function failure(
  word: string,
  message: string,
  about: { readonly index?: number; readonly place?: number; readonly cause?: string } = {},
): D1Failure {
  const { cause = message, ...rest } = about;
  const error = new Error(`${word}: ${message}`, { cause: new Error(cause) });
  return Object.assign(error, { kind: "refused" as const }, rest);
}

/** What `node:sqlite` throws when SQLite has refused. `errcode` is the extended code. */
export interface SqliteError extends Error {
  readonly code: "ERR_SQLITE_ERROR";
  readonly errcode: number;
}

export function isSqliteError(error: unknown): error is SqliteError {
  return (
    error instanceof Error &&
    "code" in error &&
    error.code === "ERR_SQLITE_ERROR" &&
    "errcode" in error &&
    typeof error.errcode === "number"
  );
}

/** What SQLite says to some work; null where it is content. Every other error is thrown. */
export function sqliteErrorOf(work: () => unknown): SqliteError | null {
  try {
    work();
    return null;
  } catch (error) {
    if (isSqliteError(error)) return error;
    throw error;
  }
}

/** True for errors of the file or of its locks: they are not about the query, and `D1_ERROR` is not their name. */
export function isFault(errcode: number): boolean {
  return errcode === CORRUPT || FAULTS.has(errcode & 0xff);
}

const CORRUPT = 11;

const FAULTS: ReadonlySet<number> = new Set([3, 5, 6, 8, 10, 13, 14, 15, 26]);

/** D1's text for an error of SQLite. */
export function sentence(message: string, errcode: number, offset: number | null): string {
  const code = CODES[errcode & 0xff] ?? `SQLITE_UNKNOWN_ERROR_CODE(${errcode & 0xff})`;
  const place = offset === null ? "" : ` at offset ${offset}`;
  const extended = EXTENDED[errcode];
  return `${message}${place}: ${code}${extended === undefined ? "" : ` (extended: ${extended})`}`;
}

const CODES: { readonly [code: number]: string } = {
  0: "SQLITE_OK",
  1: "SQLITE_ERROR",
  2: "SQLITE_INTERNAL",
  3: "SQLITE_PERM",
  4: "SQLITE_ABORT",
  5: "SQLITE_BUSY",
  6: "SQLITE_LOCKED",
  7: "SQLITE_NOMEM",
  8: "SQLITE_READONLY",
  9: "SQLITE_INTERRUPT",
  10: "SQLITE_IOERR",
  11: "SQLITE_CORRUPT",
  12: "SQLITE_NOTFOUND",
  13: "SQLITE_FULL",
  14: "SQLITE_CANTOPEN",
  15: "SQLITE_PROTOCOL",
  16: "SQLITE_EMPTY",
  17: "SQLITE_SCHEMA",
  18: "SQLITE_TOOBIG",
  19: "SQLITE_CONSTRAINT",
  20: "SQLITE_MISMATCH",
  21: "SQLITE_MISUSE",
  22: "SQLITE_NOLFS",
  23: "SQLITE_AUTH",
  24: "SQLITE_FORMAT",
  25: "SQLITE_RANGE",
  26: "SQLITE_NOTADB",
};

/** Only those that a statement can cause; an error of the disk is not told in D1's words. */
const EXTENDED: { readonly [code: number]: string } = {
  257: "SQLITE_ERROR_MISSING_COLLSEQ",
  262: "SQLITE_LOCKED_SHAREDCACHE",
  267: "SQLITE_CORRUPT_VTAB",
  275: "SQLITE_CONSTRAINT_CHECK",
  513: "SQLITE_ERROR_RETRY",
  516: "SQLITE_ABORT_ROLLBACK",
  517: "SQLITE_BUSY_SNAPSHOT",
  518: "SQLITE_LOCKED_VTAB",
  523: "SQLITE_CORRUPT_SEQUENCE",
  531: "SQLITE_CONSTRAINT_COMMITHOOK",
  769: "SQLITE_ERROR_SNAPSHOT",
  779: "SQLITE_CORRUPT_INDEX",
  787: "SQLITE_CONSTRAINT_FOREIGNKEY",
  1043: "SQLITE_CONSTRAINT_FUNCTION",
  1299: "SQLITE_CONSTRAINT_NOTNULL",
  1555: "SQLITE_CONSTRAINT_PRIMARYKEY",
  1811: "SQLITE_CONSTRAINT_TRIGGER",
  2067: "SQLITE_CONSTRAINT_UNIQUE",
  2323: "SQLITE_CONSTRAINT_VTAB",
  2579: "SQLITE_CONSTRAINT_ROWID",
  2835: "SQLITE_CONSTRAINT_PINNED",
  3091: "SQLITE_CONSTRAINT_DATATYPE",
};
