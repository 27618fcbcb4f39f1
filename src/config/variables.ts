/** @module The environment variables that wrangler's command line uses: those of the process, then those of the `.env` files of the current folder. */
import { join } from "node:path";
import { parseEnv } from "node:util";
import { expand } from "dotenv-expand";
import { UnsupportedFile, readRegularFile } from "../files/regular.ts";
import { OpsError } from "../report/error.ts";

const MOST_BYTES = 1_000_000;

export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * `env` is the value of `--env`. The files of that environment may have another account and token. As in wrangler, `CLOUDFLARE_ENV` does
 * not select them.
 * After reading all files, `dotenv-expand`, which wrangler uses too, replaces `$VAR`, `${VAR}` and `${VAR:-default}`. As in wrangler, an
 * empty variable of the process does not count.
 * A file that is missing, is a folder, or has no read permission is ignored.
 * @throws OpsError CONFIG_UNREADABLE for a named pipe, a device, a huge file
 */
export function readVariables(cwd: string, own: Variables, env: string | undefined): Variables {
  const files = namesOf(env).map((name) => fromFile(join(cwd, name)));
  const values: Record<string, string> = Object.assign({}, ...files);
  if (Object.keys(values).length === 0) return { ...own };
  const processEnv: Record<string, string> = {};
  for (const [name, value] of Object.entries(own)) {
    if (value !== undefined) processEnv[name] = value;
  }
  expand({ parsed: values, processEnv });
  return processEnv;
}

/** The source of a variable, for messages. The process takes precedence. */
export function variableSource(
  cwd: string,
  own: Variables,
  env: string | undefined,
  name: string,
): string {
  if (own[name] !== undefined && own[name] !== "") return "the environment";
  const file = namesOf(env).findLast((one) => fromFile(join(cwd, one))[name] !== undefined);
  return file ?? (own[name] === undefined ? "nowhere" : "the environment");
}

/** Each file overrides those before it. */
function namesOf(env: string | undefined): readonly string[] {
  const ofEnvironment = env === undefined || env === "" ? [] : [`.env.${env}`, `.env.${env}.local`];
  return [".env", ".env.local", ...ofEnvironment];
}

function fromFile(path: string): Variables {
  try {
    return parsed(readRegularFile(path, MOST_BYTES).toString("utf8"));
  } catch (error) {
    if (!(error instanceof UnsupportedFile)) return {};
    const reason = error.message;
    const message = `${path} cannot be read: ${reason}.`;
    const hint = "Replace it with a file, or remove it and set its variables in the environment.";
    throw new OpsError("CONFIG_UNREADABLE", { path, reason }, { message, hint }, { cause: error });
  }
}

/** Restores the order of the file, which node does not keep, because a value can use only the variables before it. */
function parsed(text: string): Variables {
  const values = parseEnv(text);
  const names = [...text.matchAll(/^\s*(?:export\s+)?([\w.-]+)\s*=/gm)].map(
    ([, name = ""]) => name,
  );
  const ordered = names.filter((name) => Object.hasOwn(values, name));
  return { ...Object.fromEntries(ordered.map((name) => [name, values[name]])), ...values };
}
