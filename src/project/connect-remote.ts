/**
 * From options to Cloudflare: who we are, which account, which database. Asks as little as it can: nothing where all is known.
 * @module
 */
import { offer } from "../report/command.ts";
import { type Account, knownAccount, onlyAccount } from "../cloudflare/account.ts";
import { type Api, connectApi } from "../cloudflare/api.ts";
import { realClock } from "../failure/clock.ts";
import {
  baseUrlFrom,
  type Credentials,
  credentialsFrom,
  type Variables,
} from "../cloudflare/credentials.ts";
import { findDatabase, type RemoteD1, remoteD1 } from "../cloudflare/d1.ts";
import { useProxy } from "../cloudflare/proxy.ts";
import { wranglerLogin } from "../cloudflare/wrangler-login.ts";
import { remoteId } from "../config/database-settings.ts";
import type { DatabaseSettings, ProjectSettings } from "../config/wrangler-settings.ts";
import type { ClientDatabase } from "../database/client.ts";
import { openRemote } from "../database/remote.ts";
import { OpsError } from "../report/error.ts";
import type { Target } from "../report/report.ts";
import { packageVersion } from "../version.ts";
import type { ProjectOptions } from "./project-options.ts";

/** What all databases of a project share. */
export interface RemoteProject {
  readonly api: Api;
  readonly account: Account;
}

/** @throws OpsError CREDENTIALS_MISSING, ACCOUNT_AMBIGUOUS, ACCOUNT_NONE and those of the API */
export async function connectRemote(
  settings: ProjectSettings,
  variables: Variables,
  options: ProjectOptions,
): Promise<RemoteProject> {
  const credentials = await findCredentials(settings, variables);
  const { api, account } = connectAs(credentials, settings, variables, options);
  return { api, account: account ?? (await onlyAccount(api)) };
}

/** Makes no call yet; the account is null where only a call can tell. @throws OpsError USAGE */
export function connectAs(
  credentials: Credentials,
  settings: ProjectSettings,
  variables: Variables,
  options: ProjectOptions,
  attempts?: number,
): { readonly api: Api; readonly account: Account | null } {
  useProxy(variables);
  const api = connectApi({
    credentials,
    baseUrl: baseUrlFrom(variables).url,
    userAgent: `d1ops/${packageVersion()}`,
    headers: extraHeaders(variables),
    clock: options.clock ?? realClock,
    ...(attempts !== undefined && { attempts }),
    ...(options.answerTimeoutMs !== undefined && { timeoutMs: options.answerTimeoutMs }),
    ...(options.signal !== undefined && { signal: options.signal }),
    ...(options.onWait !== undefined && { onWait: options.onWait }),
  });
  return { api, account: knownAccount(settings.accountId, variables) };
}

/** @throws OpsError CREDENTIALS_MISSING */
export async function findCredentials(
  settings: ProjectSettings,
  variables: Variables,
): Promise<Credentials> {
  const found =
    credentialsFrom(variables) ?? (await wranglerLogin(settings.projectPath, variables));
  if (found !== null) return found;
  throw new OpsError(
    "CREDENTIALS_MISSING",
    {
      looked: ["CLOUDFLARE_API_TOKEN", "CLOUDFLARE_API_KEY and CLOUDFLARE_EMAIL", "wrangler login"],
    },
    {
      message:
        "There is no way to log in to Cloudflare: CLOUDFLARE_API_TOKEN is not set, and wrangler is not logged in.",
      hint: `In CI: set CLOUDFLARE_API_TOKEN to a token that may edit D1 (https://dash.cloudflare.com/profile/api-tokens).\n${offer("By hand", "npx wrangler login")}`,
    },
  );
}

/** Opens one of the project's databases. A call is made only where the config has no id. */
export async function openRemoteDatabase(
  project: RemoteProject,
  settings: ProjectSettings,
  database: DatabaseSettings,
  mode: "read" | "write",
): Promise<ClientDatabase> {
  const remote = await findRemote(project, settings, database);
  return openRemote(remote, remoteTarget(remote, settings, database), { mode });
}

/** For calls that are no queries. A call is made only where the config has no id. */
export async function findRemote(
  { api, account }: RemoteProject,
  settings: ProjectSettings,
  database: DatabaseSettings,
): Promise<RemoteD1> {
  const id =
    remoteId(database) ?? (await findDatabase(api, account.id, remoteName(settings, database))).id;
  return remoteD1(api, account.id, id);
}

export function remoteTarget(
  { id }: Pick<RemoteD1, "id">,
  { env, section }: ProjectSettings,
  database: DatabaseSettings,
): Target {
  return { place: "remote", database: nameOf(database), id, env, section };
}

/**
 * The name to look the database up by where the config has no id. Without a name either, it is the one that `wrangler deploy` gives a
 * database that it makes itself.
 * @throws OpsError CONFIG_INVALID
 */
export function remoteName(
  { workerName, configPath: path }: ProjectSettings,
  { name, binding }: DatabaseSettings,
): string {
  if (name !== null && name !== "") return name;
  if (workerName) return `${workerName}-${binding.toLowerCase().replaceAll("_", "-")}`;
  const problem = `the database ${binding} has no database_id and no database_name, and the Worker has no name`;
  throw new OpsError(
    "CONFIG_INVALID",
    { path, line: null, column: null, problem },
    {
      message: `${path}: ${problem}, so it is unknown which database at Cloudflare is meant.`,
      hint: 'Add "database_id" (`npx wrangler d1 list` shows the ids), or "database_name".',
    },
  );
}

function nameOf({ name, binding }: DatabaseSettings): string {
  return name ?? binding;
}

/** `CLOUDFLARE_API_HEADERS` is a JSON object, as for wrangler. */
function extraHeaders(variables: Variables): Record<string, string> {
  const text = variables["CLOUDFLARE_API_HEADERS"] ?? "";
  const trace = variables["WRANGLER_TRACE_ID"];
  const found: Record<string, string> = trace ? { "Cf-Trace-Id": trace } : {};
  if (text === "") return found;
  try {
    const parsed: unknown = JSON.parse(text);
    const entries = typeof parsed === "object" && parsed !== null ? Object.entries(parsed) : [];
    for (const [name, value] of entries) found[name] = String(value);
    return found;
  } catch {
    throw new OpsError(
      "USAGE",
      { argument: "CLOUDFLARE_API_HEADERS" },
      {
        message: "CLOUDFLARE_API_HEADERS is no JSON object.",
        hint: `Write it as wrangler wants it: CLOUDFLARE_API_HEADERS='{"X-Name":"value"}'`,
      },
    );
  }
}
