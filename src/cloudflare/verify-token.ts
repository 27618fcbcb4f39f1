/**
 * Is this token one at all? And, by the way: is there a network, and is our clock right?
 * @module
 */
import type { Answered, Api } from "./api.ts";
import { ApiFailure } from "./api-failure.ts";

export interface TokenVerdict {
  readonly state: "active" | "not active" | "unknown to Cloudflare" | "cannot be told";
  /** Cloudflare's word for it. */
  readonly said: string;
  /** How far our clock is ahead of Cloudflare's, in milliseconds; null where there was no answer to tell. */
  readonly skewMs: number | null;
}

/** Two calls at most: a token is a user's or an account's. @throws ApiFailure where Cloudflare was not reached */
export async function verifyToken(api: Api, account: string | null): Promise<TokenVerdict> {
  if (api.credentials.kind === "key") return onlyReach(api);
  try {
    return verdictOf(
      await api.call<{ status?: string }>("read", (sdk, options) =>
        sdk.user.tokens.verify(options),
      ),
    );
  } catch (error) {
    if (!(error instanceof ApiFailure) || !isOfCloudflare(error) || error.status >= 500)
      throw error;
    if (account !== null) return verifyAccountToken(api, account, error);
    return refused(api, error);
  }
}

/** False where nobody answered, or something that redirects: that says nothing about the token. */
function isOfCloudflare(failure: ApiFailure): failure is ApiFailure & { readonly status: number } {
  return failure.status !== null && failure.redirect === null;
}

async function verifyAccountToken(
  api: Api,
  account: string,
  first: ApiFailure,
): Promise<TokenVerdict> {
  try {
    return verdictOf(
      await api.call<{ status?: string }>("read", (sdk, options) =>
        sdk.accounts.tokens.verify({ account_id: account }, options),
      ),
    );
  } catch (error) {
    if (!(error instanceof ApiFailure) || !isOfCloudflare(error)) throw error;
    return refused(api, first);
  }
}

/** A login of wrangler's is no API token, so that nobody vouches for it but the calls it makes. */
function refused({ credentials }: Api, failure: ApiFailure): TokenVerdict {
  const state =
    credentials.source === "wrangler login" ? "cannot be told" : "unknown to Cloudflare";
  return { state, said: failure.message, skewMs: skewOf(failure.date) };
}

async function onlyReach(api: Api): Promise<TokenVerdict> {
  try {
    const { headers } = await api.call("read", (sdk, options) => sdk.accounts.list({}, options));
    return { state: "cannot be told", said: "it is a key", skewMs: skewOf(headers.get("date")) };
  } catch (error) {
    if (!(error instanceof ApiFailure) || !isOfCloudflare(error)) throw error;
    return refused(api, error);
  }
}

function verdictOf({ result, headers }: Answered<{ status?: string }>): TokenVerdict {
  const said = result?.status ?? "nothing";
  return {
    state: said === "active" ? "active" : "not active",
    said,
    skewMs: skewOf(headers.get("date")),
  };
}

function skewOf(date: string | null): number | null {
  const at = date === null ? Number.NaN : Date.parse(date);
  return Number.isNaN(at) ? null : Date.now() - at;
}
