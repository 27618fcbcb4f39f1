/**
 * The environment as wrangler's command line has it: the `.env` files of the current folder, under the process's own variables.
 * @module
 */
import { join } from "node:path";
import { parseEnv } from "node:util";
import { OddFile, readRegularFile } from "../files/regular.ts";
import { OpsError } from "../report/error.ts";

const MOST_BYTES = 1_000_000;

export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * `env`: what `--env` names; its files may hold another account and token. As in wrangler, `CLOUDFLARE_ENV` does not select them.
 * A file that is not there, is a folder, or may not be read says nothing.
 * @throws OpsError CONFIG_UNREADABLE for a named pipe, a device, a huge file
 */
export function readVariables(cwd: string, own: Variables, env: string | undefined): Variables {
  const files = namesOf(env).map((name) => fromFile(join(cwd, name)));
  return Object.assign({}, ...files, own);
}

/** Where a variable has its value from, for whoever wonders: the last word is the process's. */
export function whereFrom(
  cwd: string,
  own: Variables,
  env: string | undefined,
  name: string,
): string {
  if (own[name] !== undefined) return "the environment";
  const file = namesOf(env).findLast((one) => fromFile(join(cwd, one))[name] !== undefined);
  return file ?? "nowhere";
}

/** Each overrides those before it. */
function namesOf(env: string | undefined): readonly string[] {
  const ofEnvironment = env === undefined || env === "" ? [] : [`.env.${env}`, `.env.${env}.local`];
  return [".env", ".env.local", ...ofEnvironment];
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
