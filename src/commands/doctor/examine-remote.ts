/**
 * The part of `doctor` that examines Cloudflare: credentials, network, clock, account, database, with the source of each value.
 * Makes a few calls, which only read.
 * @module
 */
import { listAccounts } from "../../cloudflare/account.ts";
import type { Api } from "../../cloudflare/api.ts";
import { baseUrlFrom, describeCredentials } from "../../cloudflare/credentials.ts";
import { findDatabase } from "../../cloudflare/d1.ts";
import { ApiFailure } from "../../cloudflare/api-failure.ts";
import { opsErrorOf } from "../../cloudflare/call-error.ts";
import { verifyToken } from "../../cloudflare/verify-token.ts";
import { remoteId } from "../../config/database-settings.ts";
import type { DatabaseSettings, ProjectSettings } from "../../config/wrangler-settings.ts";
import { readRuns } from "../../lease/runs.ts";
import { readLedger } from "../../migrations/ledger.ts";
import { OpsError } from "../../report/error.ts";
import { examine, type Examination } from "./examine.ts";
import type { AnyProject } from "../../project/project.ts";
import {
  connectAs,
  findCredentials,
  openRemoteDatabase,
  remoteName,
  type RemoteProject,
} from "../../project/connect-remote.ts";
import { sourceOfVariable } from "../../project/settings.ts";

/** Fewer than usual: a diagnosis must not wait until a failing service recovers. */
const ATTEMPTS = 2;

type ExamineDatabase = (
  found: Examination,
  settings: ProjectSettings,
  database: DatabaseSettings,
) => Promise<void>;

/** Examines what all databases share. Returns a function that examines one of them, or null if that is impossible. */
export async function examineRemote(
  found: Examination,
  project: AnyProject,
): Promise<ExamineDatabase | null> {
  const remote = await examineCloudflare(found, project);
  return remote === null
    ? null
    : async (own, settings, database) => examineRemoteDatabase(own, settings, database, remote);
}

async function examineCloudflare(
  found: Examination,
  { settings, options, variables }: AnyProject,
): Promise<RemoteProject | null> {
  const sourceOf = (name: string): string => sourceOfVariable(options, name);
  const credentials = await examine(found, "credentials.found", "a token or a login", async () => {
    const value = await findCredentials(settings, variables);
    const [first = ""] = value.source.split(" and ");
    const from = value.source === "wrangler login" ? "wrangler" : sourceOf(first);
    return {
      value,
      measured: `${value.kind} ${describeCredentials(value)}, from ${sourceText(value.source, from)}`,
      evidence: { source: value.source, from },
    };
  });
  if (credentials === null) return null;
  const { api, account: known } = connectAs({
    credentials,
    settings,
    variables,
    options,
    attempts: ATTEMPTS,
  });
  const base = baseUrlFrom(variables);
  const reached = await examineToken(found, api, known?.id ?? null, base);
  if (!reached) return null;
  const account = await examine(
    found,
    "account.known",
    "an account of the credentials",
    async () => {
      const value = await examineAccount(api, known);
      const where = sourceOf(value.source);
      const from = where === "nowhere" ? settings.configPath : where;
      return {
        value,
        measured: `${value.id}, from ${sourceText(value.source, where)}`,
        evidence: { source: value.source, from },
      };
    },
  );
  return account === null ? null : { api, account };
}

/** `CLOUDFLARE_API_TOKEN (.env)` */
function sourceText(source: string, from: string): string {
  return from === "nowhere" || from === "wrangler" ? source : `${source} (${from})`;
}

/** Returns true if Cloudflare answered. */
async function examineToken(
  found: Examination,
  api: Api,
  account: string | null,
  base: { url: string; source: string },
): Promise<boolean> {
  const verdict = await examine(found, "network.reachable", "an answer of Cloudflare", async () => {
    const value = await verifyToken(api, account).catch((error: unknown) => {
      throw translated(error, "reach the API", api);
    });
    return {
      value,
      measured: `answered at ${base.url}${base.source === "default" ? "" : `, from ${base.source}`}`,
      evidence: { url: base.url, source: base.source },
    };
  });
  if (verdict === null) return false;
  const { state, detail, skewMs } = verdict;
  const { credentials } = api;
  found.checks.push({
    id: "credentials.valid",
    outcome: state === "active" ? "pass" : state === "cannot be verified" ? "not-checked" : "fail",
    measured: state,
    expected: "active",
    evidence: { said: detail, source: credentials.source },
  });
  if (state === "not active" || state === "unknown to Cloudflare") {
    found.findings.push({
      rule: "CREDENTIALS_REFUSED",
      level: "error",
      message: `The ${credentials.kind} ${describeCredentials(credentials)} (from ${credentials.source}) is ${state}: ${detail}`,
      help: "Create a new one with the permission Account > D1 > Edit (https://dash.cloudflare.com/profile/api-tokens), and set CLOUDFLARE_API_TOKEN to it.",
    });
  }
  const seconds = skewMs === null ? null : Math.round(skewMs / 1000);
  found.checks.push({
    id: "clock.skew",
    outcome: seconds === null ? "not-checked" : Math.abs(seconds) > 30 ? "warn" : "pass",
    measured: seconds === null ? null : `${seconds} s`,
    expected: "within 30 s of Cloudflare's",
    evidence: {
      note: "Leases use the database's clock. Tokens, certificates and Time Travel use this one.",
    },
  });
  return true;
}

/** The account of the config or of the variable, if the credentials have access to it. They may lack the permission to list accounts. */
async function examineAccount(
  api: Api,
  known: RemoteProject["account"] | null,
): Promise<RemoteProject["account"]> {
  const accounts = await listAccounts(api).catch((error: unknown) => {
    if (known !== null && error instanceof OpsError && error.code === "CREDENTIALS_REFUSED")
      return [];
    throw error;
  });
  const [first] = accounts;
  const source = `the only account of the ${api.credentials.kind}`;
  if (known === null && first !== undefined && accounts.length === 1)
    return { id: first.id, source };
  if (known !== null && (first === undefined || accounts.some(({ id }) => id === known.id)))
    return known;
  const list = accounts.map(({ id, name }) => `${id} (${name})`).join(", ");
  throw new OpsError(
    accounts.length === 0 ? "ACCOUNT_NONE" : "ACCOUNT_AMBIGUOUS",
    { known: accounts.map(({ id }) => id), source: api.credentials.source },
    {
      message:
        known === null
          ? `Neither the config nor a variable names the account, and the ${api.credentials.kind} has access to ${accounts.length}${list === "" ? "" : `: ${list}`}.`
          : `The account ${known.id} (from ${known.source}) is not among the accounts of the ${api.credentials.kind}: ${list}.`,
      hint: `Set CLOUDFLARE_ACCOUNT_ID${first === undefined ? "" : `=${first.id}`}, or "account_id" in the wrangler config.`,
    },
  );
}

async function examineRemoteDatabase(
  found: Examination,
  settings: ProjectSettings,
  database: DatabaseSettings,
  remote: RemoteProject,
): Promise<void> {
  const { api, account } = remote;
  const info = await examine(found, "database.exists", "a database of the account", async () => {
    const wanted = remoteId(database) ?? remoteName(settings, database);
    const value = await findDatabase(api, account.id, wanted);
    return {
      value,
      measured: `${value.name}, ${value.size ?? 0} bytes, ${value.tables ?? 0} tables`,
      evidence: { id: value.id, source: settings.configPath, account: account.id },
    };
  });
  if (info === null) return;
  if (database.name !== null) {
    found.checks.push({
      id: "database.name",
      outcome: info.name === database.name ? "pass" : "warn",
      measured: info.name,
      expected: database.name,
      evidence: { source: settings.configPath },
    });
  }
  await examine(found, "ledger.readable", "a ledger or none", async () => {
    const { d1 } = await openRemoteDatabase(remote, settings, { ...database, id: info.id }, "read");
    const ledger = await readLedger(d1, database.migrationsTable);
    const holder = (await readRuns(d1, 5)).find(({ holds }) => holds);
    found.checks.push({
      id: "lease.free",
      outcome: holder === undefined ? "pass" : "warn",
      measured:
        holder === undefined ? "free" : `held by ${holder.holder} until ${holder.expiresAt}`,
      expected: "free",
      evidence: {},
    });
    return {
      value: ledger,
      measured: `${ledger.length} applied`,
      evidence: { table: database.migrationsTable },
    };
  });
}

function translated(error: unknown, what: string, { baseUrl, credentials }: Api): unknown {
  return error instanceof ApiFailure
    ? opsErrorOf(error, { what, effect: "read", baseUrl, credentials })
    : error;
}
