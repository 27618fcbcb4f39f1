/** @module Finds the credentials, the account and the database at Cloudflare. Makes a call only for what config and variables do not tell. */
import { offer } from "../report/command.ts";
import { type Account, knownAccount, onlyAccount } from "../cloudflare/account.ts";
import { type Api, type ApiOptions, connectApi } from "../cloudflare/api.ts";
import { baseUrlFrom, type Credentials, credentialsFrom } from "../cloudflare/credentials.ts";
import { findDatabase, type RemoteD1, remoteD1 } from "../cloudflare/d1.ts";
import { useProxy } from "../cloudflare/proxy.ts";
import { wranglerLogin, wranglerOf } from "../cloudflare/wrangler-login.ts";
import { databaseName, remoteId } from "../config/database-settings.ts";
import type { Variables } from "../config/variables.ts";
import type { DatabaseSettings, ProjectSettings } from "../config/wrangler-settings.ts";
import type { ClientDatabase } from "../database/client.ts";
import { openRemote } from "../database/remote.ts";
import { OpsError } from "../report/error.ts";
import type { Target } from "../report/report.ts";
import { packageVersion } from "../version.ts";
import type { ProjectOptions } from "./project-options.ts";

/** The connection that all databases of a project share. */
export interface RemoteProject {
  readonly api: Api;
  readonly account: Account;
}

/** @throws OpsError CREDENTIALS_MISSING, ACCOUNT_AMBIGUOUS, ACCOUNT_NONE and those of the API */
export async function connectRemote(client: Client): Promise<RemoteProject> {
  const credentials = await findCredentials(client.settings, client.variables);
  const { api, account } = connectAs({ ...client, credentials });
  return { api, account: account ?? (await onlyAccount(api)) };
}

interface Client {
  readonly settings: ProjectSettings;
  readonly variables: Variables;
  readonly options: ProjectOptions;
}

interface Login extends Client, Pick<ApiOptions, "attempts" | "suggestsDoctor"> {
  readonly credentials: Credentials;
}

/** Makes no call. The account is null if only a call can find it. @throws OpsError USAGE */
export function connectAs(login: Login): {
  readonly api: Api;
  readonly account: Account | null;
} {
  const { credentials, settings, variables, options, attempts, suggestsDoctor } = login;
  useProxy(variables);
  const { clock, answerTimeoutMs: timeoutMs, signal, onWait } = options;
  const api = connectApi({
    credentials,
    baseUrl: baseUrlFrom(variables).url,
    userAgent: `d1ops/${packageVersion()}`,
    headers: extraHeaders(variables),
    clock,
    attempts,
    suggestsDoctor,
    environment: options.env,
    timeoutMs,
    signal,
    onWait,
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
  const installed = wranglerOf(settings.projectPath) !== null;
  const looked = [
    "CLOUDFLARE_API_TOKEN",
    "CLOUDFLARE_API_KEY and CLOUDFLARE_EMAIL",
    "wrangler login",
  ];
  const message = `There are no credentials for Cloudflare: CLOUDFLARE_API_TOKEN is not set, and wrangler is not ${installed ? "logged in" : "installed in the project"}.`;
  const hint = `In CI: set CLOUDFLARE_API_TOKEN to a token that may edit D1 (https://dash.cloudflare.com/profile/api-tokens).\n${offer("By hand", `${installed ? "" : "npm install -D wrangler && "}npx wrangler login`)}`;
  throw new OpsError("CREDENTIALS_MISSING", { looked }, { message, hint });
}

/** Opens one of the project's databases. Makes a call only if the config has no id. */
export async function openRemoteDatabase(
  project: RemoteProject,
  settings: ProjectSettings,
  database: DatabaseSettings,
  mode: "read" | "write",
): Promise<ClientDatabase> {
  const remote = await findRemote(project, settings, database);
  return openRemote(remote, remoteTarget(remote, settings, database), { mode });
}

/** For calls other than queries. Makes a call only if the config has no id. */
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
  return { place: "remote", database: databaseName(database), id, env, section };
}

/**
 * The name to find the database by, if the config has no id. Without a name too, it is the name that `wrangler deploy` gives to a database
 * that it creates itself.
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
      message: `${path}: ${problem}, so d1ops cannot find the database at Cloudflare.`,
      hint: 'Add "database_id" (`npx wrangler d1 list` shows the ids), or "database_name".',
    },
  );
}

/** From `CLOUDFLARE_API_HEADERS`, a JSON object, as for wrangler. */
function extraHeaders(variables: Variables): Record<string, string> {
  const text = variables["CLOUDFLARE_API_HEADERS"] ?? "";
  const trace = variables["WRANGLER_TRACE_ID"];
  const found: Record<string, string> = trace ? { "Cf-Trace-Id": trace } : {};
  if (text === "") return found;
  try {
    const parsed: unknown = JSON.parse(text);
    const entries = typeof parsed === "object" && parsed !== null ? Object.entries(parsed) : [];
    const headers = new Headers();
    for (const [name, value] of entries) {
      found[name] = String(value);
      headers.set(name, found[name]);
    }
    return found;
  } catch {
    const message = "CLOUDFLARE_API_HEADERS is not a JSON object of valid headers.";
    const hint = `Write it as for wrangler: CLOUDFLARE_API_HEADERS='{"X-Name":"value"}'`;
    throw new OpsError("USAGE", { argument: "CLOUDFLARE_API_HEADERS" }, { message, hint });
  }
}
