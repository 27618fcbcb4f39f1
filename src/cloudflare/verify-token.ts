/** @module Checks a token, and at the same time the network and the local clock. */
import type { Api, ApiCall, ApiResult } from "./api.ts";
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
  if (api.credentials.kind === "key") {
    const answer = await send(api, (sdk, options) => sdk.accounts.list({}, options));
    if (answer instanceof ApiFailure) return refused(api, answer);
    return { state: "cannot be verified", detail: "it is a key", skewMs: skewOf(answer) };
  }
  const ofUser = await send(api, (sdk, options) => sdk.user.tokens.verify(options));
  if (!(ofUser instanceof ApiFailure)) return verdictOf(ofUser);
  if (ofUser.status !== null && ofUser.status >= 500) throw ofUser;
  if (account === null) return refused(api, ofUser);
  const ofAccount = await send(api, (sdk, options) =>
    sdk.accounts.tokens.verify({ account_id: account }, options),
  );
  return ofAccount instanceof ApiFailure ? refused(api, ofUser) : verdictOf(ofAccount);
}

type Verified = ApiResult<{ status?: string }>;

/** Returns Cloudflare's rejection. Throws without an answer, and for a redirect: neither says anything about the token. */
async function send(api: Api, call: ApiCall): Promise<Verified | ApiFailure> {
  try {
    return await api.call<{ status?: string }>("read", call);
  } catch (error) {
    if (error instanceof ApiFailure && error.status !== null && error.redirect === null) {
      return error;
    }
    throw error;
  }
}

/** wrangler's login is not an API token, so Cloudflare verifies it only by the calls that it makes. */
function refused({ credentials }: Api, failure: ApiFailure): TokenVerdict {
  const state =
    credentials.source === "wrangler login" ? "cannot be verified" : "unknown to Cloudflare";
  return { state, detail: failure.message, skewMs: skewTo(failure.date) };
}

function verdictOf(answer: Verified): TokenVerdict {
  const detail = answer.result?.status ?? "nothing";
  const state = detail === "active" ? "active" : "not active";
  return { state, detail, skewMs: skewOf(answer) };
}

function skewOf({ headers }: Verified): number | null {
  return skewTo(headers.get("date"));
}

function skewTo(date: string | null): number | null {
  const at = date === null ? Number.NaN : Date.parse(date);
  return Number.isNaN(at) ? null : Date.now() - at;
}
