/** @module The errors of the toolkit. The type of an error requires a message, its details and a hint. */
import { AnyOpsError, type ErrorConstructorOf } from "./error-class.ts";

/**
 * The codes of the toolkit and their details. A room with codes of its own has a file like this one and adds it to `error-codes.ts`. Codes
 * do not change, so scripts can rely on them. `docs/errors.md` says what each code means, and with which exit code the command line ends.
 */
export interface CoreErrors {
  USAGE: { argument: string };
  OPTION_INVALID: { caller: string; options: OptionProblem[] };
  CONFIG_NOT_FOUND: { searchedFrom: string };
  CONFIG_UNREADABLE: { path: string; reason: string };
  CONFIG_INVALID: { path: string; line: number | null; column: number | null; problem: string };
  SETTINGS_EXIST: { path: string };
  ENVIRONMENT_UNKNOWN: { name: string; known: string[] };
  ENVIRONMENT_MISSING: { known: string[] };
  DATABASE_NONE: { path: string; env: string | null };
  DATABASE_UNKNOWN: { name: string; known: string[] };
  DATABASE_AMBIGUOUS: { known: string[] };
  PLACE_MISSING: { command: string };
  NOT_CONFIRMED: { action: string };
  MIGRATIONS_FOLDER_MISSING: { path: string };
  MIGRATIONS_NONE: { path: string; pattern: string };
  MIGRATION_UNKNOWN: { name: string; known: string[] };
  MIGRATION_EXISTS: { path: string };
  MIGRATION_NAME_INVALID: { name: string };
  MIGRATION_UNREADABLE: { path: string; reason: string };
  MIGRATION_NOT_A_FILE: { path: string };
  MIGRATION_NOT_UTF8: { path: string; line: number; byte: number };
  FILES_NONE: { path: string; globs: string[] };
  FILE_UNWRITABLE: { path: string; reason: string };
  OUTPUT_UNWRITABLE: { path: string; reason: string };
  REPORT_UNWRITTEN: { path: string; reason: string };
  LEDGER_INVALID: { table: string; columns: string[] };
  LEDGER_LOST: { migrations: string[] };
  DATABASE_UNREADABLE: { path: string; reason: string };
  DATABASE_NOT_SQLITE: { path: string };
  DATABASE_READ_ONLY: { path: string; reason: string };
  DATABASE_FULL: { path: string; reason: string };
  DATABASE_NOT_SYNCED: { path: string; reason: string };
  DATABASE_BUSY: { path: string; waitedMs: number; holders: string[] };
  CREDENTIALS_MISSING: { looked: string[] };
  CREDENTIALS_REFUSED: { status: number | null; code: number | null; source: string };
  ACCOUNT_AMBIGUOUS: { known: string[] };
  ACCOUNT_NONE: { source: string };
  REMOTE_DATABASE_UNKNOWN: { database: string; account: string | null };
  API_REFUSED: { status: number | null; code: number | null; ray: string | null };
  REDIRECT_REFUSED: { from: string; to: string; status: number | null };
  API_UNREACHABLE: { url: string; reason: string };
  RATE_LIMITED: { retryAfterSeconds: number };
  OUTCOME_UNKNOWN: { status: number | null; reason: string };
  VALUE_INEXACT: { column: string };
  LEASE_HELD: { run: number; holder: string; since: string; expiresAt: string; waitedMs: number };
  LEASE_LOST: { run: number };
  BACKFILL_INVALID: { path: string; line: number | null; problem: string };
  BACKFILL_UNKNOWN: { name: string; known: string[] };
  BACKFILL_NOT_READY: { name: string; reason: string };
  BACKFILL_HELD: { name: string; holder: string; since: string };
  INPUT_UNREADABLE: { path: string; reason: string };
  STORE_UNREACHABLE: { store: string; endpoint: string; reason: string };
  STORE_REFUSED: { store: string; endpoint: string; status: number; code: string | null };
  TRANSFER_FAILED: { reason: string };
  SQL_FAILED: { sql: string; reason: string };
  INTERRUPTED: { signal: string };
  INTERNAL: { reason: string };
}

/** A problem with one option of a function, or one flag of the command line. */
export interface OptionProblem {
  /** The option's name: `place`, or `options.mode` if it is inside another. Empty if the whole argument is wrong. */
  readonly option: string;
  /** Continues a sentence that begins with the name: `is missing; it has to be a text`. */
  readonly problem: string;
  /** The known word that the caller probably meant, or null. */
  readonly nearest: string | null;
}

/** An error of the core if `C` is one of its codes. Without `C`, an error of any room. */
export type OpsError<C extends string = string> = AnyOpsError<
  C,
  C extends keyof CoreErrors ? CoreErrors[C] : object
>;

export const OpsError: ErrorConstructorOf<CoreErrors> &
  Pick<typeof AnyOpsError, typeof Symbol.hasInstance> = AnyOpsError;

/** Narrows the details of a core error. */
export function hasCode<C extends keyof CoreErrors>(error: unknown, code: C): error is OpsError<C> {
  return error instanceof AnyOpsError && error.code === code;
}
