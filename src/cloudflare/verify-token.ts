/**
 * Checks a token, and at the same time the network and the local clock.
 * @module
 */
import type { ApiResult, Api } from "./api.ts";
import { ApiFailure } from "./api-failure.ts";

export interface TokenVerdict {
  readonly state: "active" | "not active" | "unknown to Cloudflare" | "cannot be verified";
  /** Cloudflare's status or message. */
  readonly detail: string;
  /** How far the local clock is ahead of Cloudflare's, in milliseconds; null if the answer has no date. */
  readonly skewMs: number | null;
}

/** Makes at most two calls, because a token belongs to a user or to an account. @throws ApiFailure if Cloudflare was not reached */
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

/** False without an answer, and for a redirect: neither says anything about the token. */
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

/** wrangler's login is not an API token, so Cloudflare verifies it only by the calls that it makes. */
function refused({ credentials }: Api, failure: ApiFailure): TokenVerdict {
  const state =
    credentials.source === "wrangler login" ? "cannot be verified" : "unknown to Cloudflare";
  return { state, detail: failure.message, skewMs: skewOf(failure.date) };
}

async function onlyReach(api: Api): Promise<TokenVerdict> {
  try {
    const { headers } = await api.call("read", (sdk, options) => sdk.accounts.list({}, options));
    return {
      state: "cannot be verified",
      detail: "it is a key",
      skewMs: skewOf(headers.get("date")),
    };
  } catch (error) {
    if (!(error instanceof ApiFailure) || !isOfCloudflare(error)) throw error;
    return refused(api, error);
  }
}

function verdictOf({ result, headers }: ApiResult<{ status?: string }>): TokenVerdict {
  const status = result?.status ?? "nothing";
  return {
    state: status === "active" ? "active" : "not active",
    detail: status,
    skewMs: skewOf(headers.get("date")),
  };
}

function skewOf(date: string | null): number | null {
  const at = date === null ? Number.NaN : Date.parse(date);
  return Number.isNaN(at) ? null : Date.now() - at;
}
