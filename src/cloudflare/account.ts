/** @module Finds the account: that of the config, that of the variable, or the only one that the credentials can access. */
import { OpsError } from "../report/error.ts";
import type { Api } from "./api.ts";
import type { Variables } from "../config/variables.ts";
import { accountFrom, describeCredentials } from "./credentials.ts";
import { ApiFailure } from "./api-failure.ts";
import { opsErrorOf } from "./call-error.ts";

export interface Account {
  readonly id: string;
  readonly source: string;
}

/** The account without a call of the API, or null. As in wrangler, the config takes precedence over the variable. */
export function knownAccount(configured: string | null, variables: Variables): Account | null {
  return configured === null
    ? accountFrom(variables)
    : { id: configured, source: "account_id of the config" };
}

/** Makes one call or more. @throws OpsError ACCOUNT_AMBIGUOUS, ACCOUNT_NONE, CREDENTIALS_REFUSED, API_UNREACHABLE */
export async function onlyAccount(api: Api): Promise<Account> {
  const { kind, source } = api.credentials;
  const accounts = await listAccounts(api);
  const [only] = accounts;
  if (only === undefined) {
    const message = `The ${kind} ${describeCredentials(api.credentials)} (from ${source}) has access to no account.`;
    const hint =
      "Set CLOUDFLARE_ACCOUNT_ID or account_id in the wrangler config, or give the token access to an account.";
    throw new OpsError("ACCOUNT_NONE", { source }, { message, hint });
  }
  if (accounts.length === 1) return { id: only.id, source: `the only account of the ${kind}` };
  const message = `The ${kind} has access to ${accounts.length} accounts`;
  const hint = `Name one of them: CLOUDFLARE_ACCOUNT_ID=${only.id}, or "account_id" in the wrangler config.`;
  throw ambiguous(accounts, message, hint);
}

/** The known account if the credentials have access to it or may not list accounts; else their only one. @throws as {@link onlyAccount} */
export async function checkedAccount(api: Api, known: Account | null): Promise<Account> {
  if (known === null) return onlyAccount(api);
  const accounts = await listAccounts(api).catch((error: unknown) => {
    if (error instanceof OpsError && error.code === "CREDENTIALS_REFUSED") return [];
    throw error;
  });
  const [first] = accounts;
  if (first === undefined || accounts.some(({ id }) => id === known.id)) return known;
  const message = `The account ${known.id} (from ${known.source}) is not among the accounts of the ${api.credentials.kind}`;
  const hint = `Set CLOUDFLARE_ACCOUNT_ID=${first.id}, or "account_id" in the wrangler config.`;
  throw ambiguous(accounts, message, hint);
}

/** The list of the accounts follows the message. */
function ambiguous(
  accounts: readonly { readonly id: string; readonly name: string }[],
  message: string,
  hint: string,
): OpsError {
  const known = accounts.map(({ id }) => id);
  const list = accounts.map(({ id, name }) => `${id} (${name})`).join(", ");
  return new OpsError("ACCOUNT_AMBIGUOUS", { known }, { message: `${message}: ${list}.`, hint });
}

/** All accounts of the credentials, page by page. @throws OpsError CREDENTIALS_REFUSED and those of the API */
export async function listAccounts(api: Api): Promise<{ id: string; name: string }[]> {
  const found: { id: string; name: string }[] = [];
  for (let page = 1; ; page += 1) {
    const accounts = await pageOf(api, page);
    found.push(...accounts.map(({ id, name }) => ({ id: id ?? "", name: name ?? "" })));
    if (accounts.length < PER_PAGE) return found;
  }
}

const PER_PAGE = 50;

async function pageOf(api: Api, page: number): Promise<{ id?: string; name?: string }[]> {
  try {
    const { result } = await api.call<{ id?: string; name?: string }[]>("read", (sdk, options) =>
      sdk.accounts.list({ page, per_page: PER_PAGE }, options),
    );
    return result ?? [];
  } catch (error) {
    if (!(error instanceof ApiFailure)) throw error;
    throw opsErrorOf(error, { what: "list its accounts", effect: "read", api });
  }
}
