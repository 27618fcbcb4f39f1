/** @module D1's errors for rejected statements: `<SQLite's message>[ at offset N]: <code>[ (extended: <code>)]`. */
import type { D1Failure } from "./port.ts";

/** A query that D1 rejects. `message` lacks the prefix `D1_ERROR: `, because `exec` uses another one. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  /** The 0-based index of the failing query in the list. */
  readonly index: number | undefined;
  /** Position of the error in the query's text, in UTF-16 units; null if unknown. */
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

/** The error as D1's client throws it: a plain `Error` whose cause has the message without its prefix. In a batch it has the failing query's index. */
export function d1Error(
  word: string,
  message: string,
  about: { readonly index?: number; readonly place?: number; readonly cause?: string } = {},
): D1Failure {
  const { cause = message, ...rest } = about;
  const error = new Error(`${word}: ${message}`, { cause: new Error(cause) });
  return Object.assign(error, { kind: "refused" as const }, rest);
}

export function d1Message(message: string, errcode: number, offset: number | null): string {
  const code = CODES[errcode & 0xff] ?? `UNKNOWN_ERROR_CODE(${errcode & 0xff})`;
  const place = offset === null ? "" : ` at offset ${offset}`;
  const extended = EXTENDED[errcode];
  return `${message}${place}: SQLITE_${code}${extended === undefined ? "" : ` (extended: ${extended})`}`;
}

/** Codes 0 to 26. */
const CODES = (
  "OK ERROR INTERNAL PERM ABORT BUSY LOCKED NOMEM READONLY INTERRUPT IOERR CORRUPT NOTFOUND FULL CANTOPEN " +
  "PROTOCOL EMPTY SCHEMA TOOBIG CONSTRAINT MISMATCH MISUSE NOLFS AUTH FORMAT RANGE NOTADB"
).split(" ");

/** Only those that a statement can cause. d1ops does not report errors of the disk in D1's words. */
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
