/**
 * The official SDK, with only the resources that d1ops uses. Its retries, logs and variables are off, because d1ops decides when to
 * retry and which token to use. It follows no redirect; `redirect.ts` says why. The build bundles this file, because the
 * whole SDK takes half a second to load.
 * @module
 */
import { BaseAccounts } from "cloudflare/resources/accounts/accounts";
import { Tokens as AccountTokens } from "cloudflare/resources/accounts/tokens/tokens";
import { Database } from "cloudflare/resources/d1/database/database";
import { BaseMemberships } from "cloudflare/resources/memberships";
import { BaseTokens } from "cloudflare/resources/user/tokens/tokens";
import { createClient, type PartialCloudflare } from "cloudflare/tree-shakable";
import type { Credentials } from "./credentials.ts";

export { APIError } from "cloudflare/error";

export type Sdk = PartialCloudflare<{
  readonly accounts: BaseAccounts & { readonly tokens: AccountTokens };
  readonly d1: { readonly database: Database };
  readonly memberships: BaseMemberships;
  readonly user: { readonly tokens: BaseTokens };
}>;

export interface SdkOptions {
  readonly credentials: Credentials;
  readonly baseUrl: string;
  readonly userAgent: string;
  readonly headers: Readonly<Record<string, string>>;
}

export function makeSdk({ credentials, baseUrl, userAgent, headers }: SdkOptions): Sdk {
  return createClient({
    resources: [BaseAccounts, AccountTokens, Database, BaseMemberships, BaseTokens],
    baseURL: baseUrl,
    ...(credentials.kind === "token"
      ? { apiToken: credentials.token, apiKey: null, apiEmail: null }
      : { apiToken: null, apiKey: credentials.key, apiEmail: credentials.email }),
    userServiceKey: null,
    maxRetries: 0,
    logLevel: "off",
    fetchOptions: { redirect: "manual" },
    defaultHeaders: { ...headers, "User-Agent": userAgent },
  });
}
