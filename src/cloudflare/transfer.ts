/** @module What exports, imports and restores share: their errors and their signed addresses. */
import { offer } from "../report/command.ts";
import type { ErrorText } from "../report/error-class.ts";
import { OpsError } from "../report/error.ts";
import type { ApiFailure } from "./api-failure.ts";
import { missing } from "./d1.ts";

/** `reason` is Cloudflare's message, or a short one of d1ops. */
export function transferFailed(reason: string, text: ErrorText, cause?: unknown): OpsError {
  return new OpsError("TRANSFER_FAILED", { reason }, text, cause == null ? {} : { cause });
}

/** The change may have happened, and nothing that d1ops can read shows it. */
export function outcomeUnknown(reason: string, text: ErrorText, cause?: unknown): OpsError {
  const details = { status: null, reason };
  return new OpsError("OUTCOME_UNKNOWN", details, text, cause == null ? {} : { cause });
}

/** Rewrites an INTERRUPTED error; any other error passes through. */
export function whenInterrupted(error: unknown, text: ErrorText): unknown {
  if (!(error instanceof OpsError) || error.code !== "INTERRUPTED") return error;
  return new OpsError("INTERRUPTED", { signal: "SIGINT" }, text, { cause: error });
}

/** `what` completes "d1ops asked Cloudflare to …". */
export function neverAnswered(what: string, times: number): OpsError {
  return transferFailed("no answer", {
    message: `d1ops asked Cloudflare to ${what} ${times} times and received no answer. The database is unchanged.`,
    hint: "Try again later; https://www.cloudflarestatus.com reports outages.",
  });
}

/** The part of a hint that names the bookmark to restore. */
export function wayBack(bookmark: string): string {
  return offer(
    `The state before it is the Time Travel bookmark ${bookmark}. To go back to it`,
    `npx wrangler d1 time-travel restore DATABASE --bookmark=${bookmark}`,
  );
}

/** Its signature replaces credentials, so the address must use TLS, unless the API itself does not, as a test server. */
export function signedAddress(value: unknown, field: string, baseUrl: string): string {
  if (typeof value !== "string" || !URL.canParse(value)) return missing(field);
  const { protocol } = new URL(value);
  if (protocol === "https:" || protocol === new URL(baseUrl).protocol) return value;
  throw transferFailed(`${field} is ${protocol}`, {
    message: `Cloudflare's answer has a ${field} that is not https, so d1ops sent nothing there.`,
    hint: "Something between this machine and Cloudflare may have changed the answer. Try another network.",
  });
}

/** Storage rejects a signed address after one hour. */
export function isExpired({ status }: ApiFailure): boolean {
  return status !== null && [400, 401, 403, 404, 410].includes(status);
}
