/**
 * The environment as wrangler's command line has it: `.env` and `.env.local` of the current folder, under the process's own variables.
 * @module
 */
import { join } from "node:path";
import { parseEnv } from "node:util";
import { OddFile, readRegularFile } from "../files/regular.ts";
import { OpsError } from "../report/error.ts";

const MOST_BYTES = 1_000_000;

export type Variables = Readonly<Record<string, string | undefined>>;

/** A file that is not there, is a folder, or may not be read says nothing. @throws OpsError CONFIG_UNREADABLE for a named pipe, a device, a huge file */
export function readVariables(cwd: string, own: Variables): Variables {
  return { ...fromFile(join(cwd, ".env")), ...fromFile(join(cwd, ".env.local")), ...own };
}

/** Where a variable has its value from, for whoever wonders: the last word is the process's. */
export function whereFrom(cwd: string, own: Variables, name: string): string {
  if (own[name] !== undefined) return "the environment";
  const file = [".env.local", ".env"].find((one) => fromFile(join(cwd, one))[name] !== undefined);
  return file ?? "nowhere";
}

function fromFile(path: string): Variables {
  try {
    return parseEnv(readRegularFile(path, MOST_BYTES).toString("utf8"));
  } catch (error) {
    if (!(error instanceof OddFile)) return {};
    const reason = error.message;
    throw new OpsError(
      "CONFIG_UNREADABLE",
      { path, reason },
      {
        message: `${path} cannot be read: ${reason}.`,
        hint: "Replace it by a file, or move it away and set its variables in the environment.",
      },
      { cause: error },
    );
  }
}
