/**
 * What the ways of moving a whole database share: their errors, and the addresses that Cloudflare hands out for them.
 * @module
 */
import { offer } from "../report/command.ts";
import { OpsError } from "../report/error.ts";
import type { ApiFailure } from "./api-failure.ts";
import { missing } from "./d1.ts";

/** `reason` is Cloudflare's word, or a short one of ours. */
export function transferFailed(
  reason: string,
  text: { readonly message: string; readonly hint: string },
  cause?: unknown,
): OpsError {
  return new OpsError("TRANSFER_FAILED", { reason }, text, cause == null ? {} : { cause });
}

/** It may have happened, or not, and nothing that can be read says which. */
export function outcomeUnknown(
  reason: string,
  text: { readonly message: string; readonly hint: string },
  cause?: unknown,
): OpsError {
  const details = { status: null, reason };
  return new OpsError("OUTCOME_UNKNOWN", details, text, cause == null ? {} : { cause });
}

/** What an interruption means here; any other error is what it was. */
export function whenInterrupted(
  error: unknown,
  text: { readonly message: string; readonly hint: string },
): unknown {
  if (!(error instanceof OpsError) || error.code !== "INTERRUPTED") return error;
  return new OpsError("INTERRUPTED", { signal: "SIGINT" }, text, { cause: error });
}

/** The way back, as hints say it. */
export function wayBack(bookmark: string): string {
  return offer(
    `The state before it is the Time Travel bookmark ${bookmark}. To go back to it`,
    `npx wrangler d1 time-travel restore DATABASE --bookmark=${bookmark}`,
  );
}

/**
 * An address out of an answer. It carries a signature in place of credentials, so that it must not travel in the open:
 * only where the API itself is asked without TLS, as on this machine, may it be plain.
 */
export function signedAddress(value: unknown, field: string, baseUrl: string): string {
  if (typeof value !== "string" || !URL.canParse(value)) return missing(field);
  const { protocol } = new URL(value);
  if (protocol === "https:" || protocol === new URL(baseUrl).protocol) return value;
  throw transferFailed(`${field} is ${protocol}`, {
    message: `Cloudflare's answer has a ${field} that is not https: nothing was sent there.`,
    hint: "Something between this machine and Cloudflare may have changed the answer. Try another network.",
  });
}

/** A signed address that is refused is over: it is valid for one hour. */
export function isOver({ status }: ApiFailure): boolean {
  return status !== null && [400, 401, 403, 404, 410].includes(status);
}
