/** @module Which exit code an error means. The table of the codes is in `docs/exit-codes.md`. */
import { type ErrorCode, ROOM_EXIT_CODES } from "../error-codes.ts";
import type { CoreErrors, OpsError } from "../report/error.ts";
import type { ExitCode } from "../report/report.ts";

const CORE_EXIT_CODES: Readonly<Record<keyof CoreErrors, ExitCode>> = {
  USAGE: 2,
  OPTION_INVALID: 2,
  CONFIG_NOT_FOUND: 2,
  CONFIG_UNREADABLE: 2,
  CONFIG_INVALID: 2,
  SETTINGS_EXIST: 2,
  ENVIRONMENT_UNKNOWN: 2,
  ENVIRONMENT_MISSING: 2,
  DATABASE_NONE: 2,
  DATABASE_UNKNOWN: 2,
  DATABASE_AMBIGUOUS: 2,
  PLACE_MISSING: 2,
  CREDENTIALS_MISSING: 2,
  ACCOUNT_AMBIGUOUS: 2,
  MIGRATIONS_FOLDER_MISSING: 2,
  MIGRATIONS_NONE: 2,
  MIGRATION_UNKNOWN: 2,
  MIGRATION_EXISTS: 2,
  MIGRATION_NAME_INVALID: 2,
  MIGRATION_UNREADABLE: 2,
  MIGRATION_NOT_A_FILE: 2,
  MIGRATION_NOT_UTF8: 2,
  FILES_NONE: 2,
  FILE_UNWRITABLE: 3,
  OUTPUT_UNWRITABLE: 2,
  REPORT_UNWRITTEN: 4,
  LEDGER_INVALID: 3,
  LEDGER_LOST: 3,
  DATABASE_UNREADABLE: 3,
  DATABASE_NOT_SQLITE: 3,
  DATABASE_READ_ONLY: 3,
  DATABASE_FULL: 3,
  DATABASE_NOT_SYNCED: 4,
  DATABASE_BUSY: 3,
  SQL_FAILED: 3,
  VALUE_INEXACT: 3,
  LEASE_HELD: 3,
  LEASE_LOST: 3,
  BACKFILL_INVALID: 2,
  BACKFILL_UNKNOWN: 2,
  BACKFILL_NOT_READY: 3,
  BACKFILL_HELD: 3,
  INPUT_UNREADABLE: 2,
  TRANSFER_FAILED: 3,
  NOT_CONFIRMED: 5,
  CREDENTIALS_REFUSED: 6,
  ACCOUNT_NONE: 6,
  REMOTE_DATABASE_UNKNOWN: 6,
  API_REFUSED: 6,
  REDIRECT_REFUSED: 6,
  API_UNREACHABLE: 6,
  STORE_UNREACHABLE: 6,
  STORE_REFUSED: 6,
  RATE_LIMITED: 6,
  OUTCOME_UNKNOWN: 6,
  INTERNAL: 70,
  INTERRUPTED: 130,
};

export const EXIT_CODES: Readonly<Record<ErrorCode, ExitCode>> = {
  ...CORE_EXIT_CODES,
  ...ROOM_EXIT_CODES,
};

const BY_CODE: ReadonlyMap<string, ExitCode> = new Map(Object.entries(EXIT_CODES));

/** Shells use 129 for a process that ended because its terminal was closed. No report has it. */
export type ProcessExit = ExitCode | 129;

export function exitCodeOf({ code, details }: OpsError): ProcessExit {
  const hungUp = code === "INTERRUPTED" && "signal" in details && details.signal === "SIGHUP";
  return hungUp ? 129 : (BY_CODE.get(code) ?? 70);
}
