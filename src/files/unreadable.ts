/**
 * Reports a migration, or its folder, that cannot be read.
 * @module
 */
import { offer, shellPath } from "../report/command.ts";
import { OpsError } from "../report/error.ts";
import { reasonOf } from "./reason.ts";

/**
 * Turns a failure to read into an error. wrangler skips a folder that it cannot read, so it may miss a migration.
 * @throws OpsError MIGRATION_UNREADABLE
 */
export function readable<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const reason = reasonOf(error);
    throw new OpsError(
      "MIGRATION_UNREADABLE",
      { path, reason },
      {
        message: `${path} cannot be read: ${reason}.`,
        hint: offer("To see its type and permissions", `ls -ld ${shellPath(path)}`),
      },
      { cause: error },
    );
  }
}
