/** @module Reads the credentials from wrangler's environment variables, in wrangler's order. Pure. */
import type { Variables } from "../config/variables.ts";
import { OpsError } from "../report/error.ts";

export type Credentials =
  | { readonly kind: "token"; readonly token: string; readonly source: string }
  | { readonly kind: "key"; readonly key: string; readonly email: string; readonly source: string };

/**
 * The credentials of the variables, or null. As in wrangler, an empty variable counts as unset.
 * @throws OpsError USAGE if a value cannot be sent
 */
export function credentialsFrom(variables: Variables): Credentials | null {
  const key = sendableVariable(variables, "CLOUDFLARE_API_KEY", "CF_API_KEY");
  const email = sendableVariable(variables, "CLOUDFLARE_EMAIL", "CF_EMAIL");
  if (key !== null && email !== null) {
    const source = `${key.name} and ${email.name}`;
    return { kind: "key", key: key.value, email: email.value, source };
  }
  const token = sendableVariable(variables, "CLOUDFLARE_API_TOKEN", "CF_API_TOKEN");
  return token === null ? null : { kind: "token", token: token.value, source: token.name };
}

export function accountFrom(variables: Variables): { id: string; source: string } | null {
  const account = sendableVariable(variables, "CLOUDFLARE_ACCOUNT_ID", "CF_ACCOUNT_ID");
  return account === null ? null : { id: account.value, source: account.name };
}

/** The base URL of the API, without a slash at its end. @throws OpsError USAGE if the variable is not a valid URL */
export function baseUrlFrom(variables: Variables): { url: string; source: string } {
  const named = sendableVariable(variables, "CLOUDFLARE_API_BASE_URL", "CF_API_BASE_URL");
  if (named !== null) return { url: baseUrlOf(named).replace(/\/+$/, ""), source: named.name };
  const staging = variables["WRANGLER_API_ENVIRONMENT"] === "staging";
  const region = variables["CLOUDFLARE_COMPLIANCE_REGION"] === "fedramp_high" ? ".fed" : "";
  const host = staging ? `api${region}.staging.cloudflare.com` : `api${region}.cloudflare.com`;
  return {
    url: `https://${host}/client/v4`,
    source: staging
      ? "WRANGLER_API_ENVIRONMENT"
      : region === ""
        ? "default"
        : "CLOUDFLARE_COMPLIANCE_REGION",
  };
}

/** Its errors do not repeat the value, because it may contain a password. */
function baseUrlOf({ name, value }: { name: string; value: string }): string {
  const url = URL.parse(value);
  const hasUser = url !== null && url.username + url.password !== "";
  if (url !== null && /^https?:$/.test(url.protocol) && !hasUser) return value;
  const text = {
    message: hasUser
      ? `${name} contains a user name or password, which d1ops cannot send.`
      : `${name} is not an http or https URL.`,
    hint: `Unset it to use Cloudflare's API, or write it without a user name: ${name}=https://api.cloudflare.com/client/v4`,
  };
  throw new OpsError("USAGE", { argument: name }, text);
}

/** The last four characters of a secret, enough to distinguish two. A short secret is masked completely. */
export function masked(secret: string): string {
  return secret.length < 12 ? "…" : `…${secret.slice(-4)}`;
}

/** The credentials as a report may show them. */
export function describeCredentials(credentials: Credentials): string {
  return credentials.kind === "token"
    ? masked(credentials.token)
    : `${masked(credentials.key)} of ${credentials.email}`;
}

/**
 * The first of these variables that is set, or null. `fetch` repeats a header that it cannot send in its error. So d1ops checks the value first, and names only
 * the variable.
 * @throws OpsError USAGE
 */
export function sendableVariable(
  variables: Variables,
  ...names: string[]
): { name: string; value: string } | null {
  for (const name of names) {
    const value = variables[name]?.trim();
    if (value === undefined || value === "") continue;
    if (/^[ -~]*$/.test(value)) return { name, value };
    const message = `${name} contains a line break or another character that no HTTP header can have.`;
    const hint = `Set ${name} again, to the value alone, on one line.`;
    throw new OpsError("USAGE", { argument: name }, { message, hint });
  }
  return null;
}
