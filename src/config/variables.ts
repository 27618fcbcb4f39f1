/**
 * The environment as wrangler's command line has it: `.env` and `.env.local` of the current folder, under the process's own variables.
 * @module
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";

export type Variables = Readonly<Record<string, string | undefined>>;

/** A file that is not there, or cannot be read, says nothing. */
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
    return parseEnv(readFileSync(path, "utf8"));
  } catch {
    return {};
  }
}
