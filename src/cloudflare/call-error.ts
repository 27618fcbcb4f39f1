/** @module Turns a failed call of the API into an `OpsError` with a hint. Pure. */
import { command, offer, valueFlag } from "../report/command.ts";
import { OpsError } from "../report/error.ts";
import { describeCredentials } from "./credentials.ts";
import type { Api } from "./api.ts";
import type { ApiFailure, Redirect } from "./api-failure.ts";
import type { Effect } from "./retry-policy.ts";

export interface FailedCall {
  /** Completes "Cloudflare did not …": `read the bookmark of shop-db`. */
  readonly what: string;
  readonly effect: Effect;
  readonly api: Pick<Api, "baseUrl" | "credentials" | "suggestsDoctor"> &
    Partial<Pick<Api, "environment">>;
  readonly account?: string;
  /** Id or name. */
  readonly database?: string;
}

/** Codes of a token that is invalid or lacks the permission. */
const NOT_ALLOWED: ReadonlySet<number> = new Set([
  1000, 6003, 6111, 7403, 9106, 9109, 10000, 10001,
]);

export function opsErrorOf(failure: ApiFailure, call: FailedCall): OpsError {
  const { kind, status, code } = failure;
  if (kind === "unknown" && call.effect === "write") return outcomeUnknown(failure, call);
  if (failure.redirect !== null) return redirectRefused(failure, failure.redirect, call.what);
  if (status === null) return unreachable(failure, call);
  if (status === 429) return rateLimited(failure, call);
  if (status === 401 || status === 403 || (code !== null && NOT_ALLOWED.has(code))) {
    return notAllowed(failure, call);
  }
  const { database } = call;
  if (database !== undefined && (status === 404 || code === 7404 || idIsMalformed(failure))) {
    return databaseUnknown(database, call, failure);
  }
  const text = {
    message: `Cloudflare did not ${call.what}: ${failure.message}${codeOf(failure)}`,
    hint:
      status >= 500
        ? "Cloudflare answers with errors. Try again later; https://www.cloudflarestatus.com reports outages."
        : withDoctor("Check the token, the account and the database.", "To check each", call),
  };
  return new OpsError("API_REFUSED", { status, code, ray: failure.ray }, text, { cause: failure });
}

/** `what` completes "d1ops could not …": `read the bookmark of shop-db`. */
export function redirectRefused(failure: ApiFailure, redirect: Redirect, what: string): OpsError {
  const details = { ...redirect, status: failure.status };
  const text = { message: `d1ops could not ${what}: ${failure.message}`, hint: REDIRECT_HINT };
  return new OpsError("REDIRECT_REFUSED", details, text, { cause: failure });
}

const REDIRECT_HINT =
  "Cloudflare's API does not redirect. Check CLOUDFLARE_API_BASE_URL, and anything between this machine and Cloudflare: a proxy, a VPN, a login page of the network.";

function withDoctor(advice: string, purpose: string, { api }: FailedCall): string {
  if (!api.suggestsDoctor) return advice;
  const { environment } = api;
  const flags = environment === undefined ? [] : valueFlag("--env", environment);
  return `${advice}\n${offer(purpose, command("doctor", "--remote", ...flags))}`;
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function idIsMalformed({ code, message }: ApiFailure): boolean {
  return code === 7003 || (code === 7400 && /decode id|identifier/i.test(message));
}

function codeOf({ code }: ApiFailure): string {
  return code === null ? "" : ` [code: ${code}]`;
}

function outcomeUnknown(failure: ApiFailure, call: FailedCall): OpsError {
  const { status, message: reason } = failure;
  const text = {
    message: `d1ops asked Cloudflare to ${call.what}, and the answer was lost: ${sentence(reason)} Cloudflare may have carried it out.`,
    hint: `${failure.redirect === null ? "" : `${REDIRECT_HINT}\n`}${offer("To see what is applied", command("migrate status", "--remote"))}`,
  };
  return new OpsError("OUTCOME_UNKNOWN", { status, reason }, text, { cause: failure });
}

function unreachable(failure: ApiFailure, call: FailedCall): OpsError {
  const url = call.api.baseUrl;
  const reason = failure.message;
  const text = {
    message: `d1ops could not connect to ${url} to ${call.what}: ${sentence(reason)}`,
    hint: withDoctor(
      "Check the network, the proxy (HTTPS_PROXY) and CLOUDFLARE_API_BASE_URL.",
      "To check each",
      call,
    ),
  };
  return new OpsError("API_UNREACHABLE", { url, reason }, text, { cause: failure });
}

function rateLimited(failure: ApiFailure, call: FailedCall): OpsError {
  const retryAfterSeconds = Math.ceil((failure.retryAfterMs ?? 300_000) / 1000);
  const text = {
    message: `Cloudflare's rate limit is reached (${failure.message}), so it did not ${call.what}.`,
    hint: `Run the same command again in ${retryAfterSeconds} s. The limit is 1,200 calls in 5 minutes for all programs that use this token.`,
  };
  return new OpsError("RATE_LIMITED", { retryAfterSeconds }, text, { cause: failure });
}

function notAllowed(failure: ApiFailure, call: FailedCall): OpsError {
  const { status, code, message } = failure;
  const { account } = call;
  const { credentials } = call.api;
  const { kind, source } = credentials;
  const where = account === undefined ? "" : ` in the account ${account}`;
  const text = {
    message: `The ${kind} ${describeCredentials(credentials)} (from ${source}) may not ${call.what}${where}: ${message}${codeOf(failure)}`,
    hint: withDoctor(
      `The ${kind} needs the permission Account > D1 > Edit for this account (https://dash.cloudflare.com/profile/api-tokens).`,
      "To see which of the two is wrong",
      call,
    ),
  };
  return new OpsError("CREDENTIALS_REFUSED", { status, code, source }, text, { cause: failure });
}

function databaseUnknown(database: string, call: FailedCall, failure: ApiFailure): OpsError {
  const { account = null } = call;
  const text = {
    message: `The account ${account ?? ""} has no database ${database}: ${failure.message}`,
    hint: `Set database_id in the wrangler config to a database of that account.\n${offer("To list them", "npx wrangler d1 list")}`,
  };
  return new OpsError("REMOTE_DATABASE_UNKNOWN", { database, account }, text, { cause: failure });
}
