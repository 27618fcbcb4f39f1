/** @module Errors of loading a database into a new file. */
import { OpsError } from "../report/error.ts";
import { isSqliteError } from "./sqlite-error.ts";

/** The hint of a copy of the whole database. */
export const COPY_NEEDS =
  "The copy needs about as much space as the database. Set TMPDIR to a folder with enough space.";

/** Returns an error that is not SQLite's unchanged. `needs` is the hint's sentence about the space. */
export function translateLoadError(error: unknown, path: string, needs: string): unknown {
  if (!isSqliteError(error)) return error;
  const { message: reason } = error;
  const text = { message: `d1ops could not write the copy ${path}: ${reason}.`, hint: needs };
  return new OpsError("FILE_UNWRITABLE", { path, reason }, text, { cause: error });
}

export function interrupted(): OpsError {
  const text = {
    message: "Interrupted. Nothing was changed.",
    hint: "Run the same command again.",
  };
  return new OpsError("INTERRUPTED", { signal: "SIGINT" }, text);
}
