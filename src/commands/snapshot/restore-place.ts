/** @module Where a restore writes to: what `--to` means. */
import {
  DATABASE_PLACES,
  parsePlace,
  type PlaceOf,
  requireAgreement,
} from "../../options/place.ts";
import { shellWord, valueFlag } from "../../report/command.ts";
import { OpsError } from "../../report/error.ts";
import { leavesDatabase, leavesFiles, type SnapshotRestoreOptions } from "./restore-options.ts";

export interface RestorePlace {
  /** With the place and the environment that `to` names. Only a file stays in `to`. */
  readonly options: SnapshotRestoreOptions;
  /** Null: the database is the one of the options. */
  readonly file: PlaceOf<"file"> | null;
}

/** @throws OpsError USAGE if `to` is no place, or contradicts another option */
export function placeOfRestore(given: SnapshotRestoreOptions): RestorePlace {
  const { to, ...options } = given;
  const files = options.files === undefined ? "--files-only" : "--files";
  const database = options.tables === undefined ? "--database-only" : "--tables";
  if (leavesDatabase(options) && leavesFiles(options)) {
    throw contradiction(files, `${files} contradicts ${database}.`);
  }
  if (to === undefined) return { options, file: null };
  const place = parsePlace(to, "--to", DATABASE_PLACES);
  requireAgreement(options.place, place);
  switch (place.kind) {
    case "local":
    case "remote":
      return { options: { ...options, place: place.kind }, file: null };
    case "env":
      if (options.env !== undefined && options.env !== place.env) {
        const typed = valueFlag("--env", options.env).map(shellWord).join(" ");
        throw contradiction("--env", `${typed} contradicts ${to}.`);
      }
      return { options: { ...options, place: "remote", env: place.env }, file: null };
    case "file":
      if (leavesDatabase(options)) {
        const message = `${files} contradicts ${to}, which gets the database of the snapshot and no files.`;
        throw contradiction(files, message);
      }
      return { options: { ...options, to, databaseOnly: true }, file: place };
  }
}

function contradiction(argument: string, message: string): OpsError {
  return new OpsError("USAGE", { argument }, { message, hint: `Leave ${argument} out.` });
}
