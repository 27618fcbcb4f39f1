/**
 * Which exit code an error means. The table of the codes is in `docs/exit-codes.md`.
 * @module
 */
import type { ErrorCode, OpsError } from "../report/error.ts";
import type { ExitCode } from "../report/report.ts";

const EXIT_CODES: Readonly<Record<ErrorCode, ExitCode>> = {
  USAGE: 2,
  CONFIG_NOT_FOUND: 2,
  CONFIG_UNREADABLE: 2,
  CONFIG_INVALID: 2,
  ENVIRONMENT_UNKNOWN: 2,
  ENVIRONMENT_MISSING: 2,
  DATABASE_NONE: 2,
  DATABASE_UNKNOWN: 2,
  DATABASE_AMBIGUOUS: 2,
  PLACE_MISSING: 2,
  PLACE_UNSUPPORTED: 2,
  MIGRATIONS_FOLDER_MISSING: 2,
  MIGRATIONS_NONE: 2,
  MIGRATION_UNKNOWN: 2,
  MIGRATION_EXISTS: 2,
  MIGRATION_NAME_INVALID: 2,
  MIGRATION_UNREADABLE: 2,
  MIGRATION_NOT_A_FILE: 2,
  MIGRATION_NOT_UTF8: 2,
  FILE_UNWRITABLE: 3,
  LEDGER_INVALID: 3,
  DATABASE_UNREADABLE: 3,
  DATABASE_NOT_SQLITE: 3,
  DATABASE_READ_ONLY: 3,
  DATABASE_BUSY: 3,
  SQL_FAILED: 3,
  NOT_CONFIRMED: 5,
  INTERNAL: 70,
  INTERRUPTED: 130,
};

export function exitCodeOf(error: OpsError): ExitCode {
  return EXIT_CODES[error.code];
}
