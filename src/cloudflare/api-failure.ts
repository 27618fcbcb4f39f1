/** @module Why a call of the API failed, and whether it was carried out. Pure. */
import { type FailureKind, isSqliteMessage, kindOfMessage } from "../failure/kind.ts";
import { networkError, retryAfter } from "../failure/network.ts";

interface Details {
  readonly kind: FailureKind;
  /** Null if there was no answer. */
  readonly status?: number | null;
  /** Cloudflare's code of the first error. */
  readonly code?: number | null;
  readonly retryAfterMs?: number | null;
  /** Cloudflare's id of the request, for their support. */
  readonly ray?: string | null;
  /** The time of the answer, by Cloudflare's clock. */
  readonly date?: string | null;
  /** True if each later attempt fails, too. */
  readonly isFinal?: boolean;
  /** The redirect that d1ops did not follow. */
  readonly redirect?: Redirect | null;
}

/** The origins of a redirect, such as `https://api.cloudflare.com`. */
export interface Redirect {
  readonly from: string;
  readonly to: string;
}

/** A call that did not succeed, with the message of Cloudflare or the network. */
export class ApiFailure extends Error {
  override readonly name = "ApiFailure";
  readonly kind: FailureKind;
  readonly status: number | null;
  readonly code: number | null;
  readonly retryAfterMs: number | null;
  readonly ray: string | null;
  readonly date: string | null;
  readonly isFinal: boolean;
  readonly redirect: Redirect | null;

  constructor(message: string, details: Details, options?: ErrorOptions) {
    super(message, options);
    this.kind = details.kind;
    this.status = details.status ?? null;
    this.code = details.code ?? null;
    this.retryAfterMs = details.retryAfterMs ?? null;
    this.ray = details.ray ?? null;
    this.date = details.date ?? null;
    this.isFinal = details.isFinal ?? false;
    this.redirect = details.redirect ?? null;
  }
}

/** The fields of Cloudflare's envelope that d1ops reads. */
export interface Envelope<T> {
  readonly success?: boolean;
  readonly result?: T;
  readonly errors?: readonly { readonly code?: number; readonly message?: string }[];
  readonly error?: unknown;
}

/** The failure of an answer that is not a success. `envelope` is null if the body is not Cloudflare's. */
export function failureOfAnswer(
  status: number,
  headers: Headers,
  envelope: Envelope<unknown> | null,
  body: string,
): ApiFailure {
  const ray = headers.get("cf-ray");
  const retryAfterMs = retryAfter(headers, Date.now);
  if (headers.get("cf-mitigated") === "challenge") {
    const message = "Cloudflare's firewall stopped the request (a challenge was sent).";
    return new ApiFailure(message, { kind: "not done", status, ray, retryAfterMs });
  }
  if (envelope === null) {
    const message = `The answer is not Cloudflare's API's: HTTP ${status}, ${beginningOf(body)}.`;
    const kind = status === 429 ? "not done" : "unknown";
    return new ApiFailure(message, { kind, status, ray, retryAfterMs });
  }
  const errors = (Array.isArray(envelope.errors) ? envelope.errors : []).filter(
    (error) => typeof error === "object" && error !== null,
  );
  const texts = errors.flatMap(({ message }) => (message === undefined ? [] : [message]));
  const fallback = typeof envelope.error === "string" ? envelope.error : `HTTP ${status}`;
  const message = texts.length > 0 ? texts.join("; ") : fallback;
  const code = errors[0]?.code ?? null;
  return new ApiFailure(message, {
    kind: kindOf(status, code, message),
    status,
    code,
    ray,
    retryAfterMs,
    date: headers.get("date"),
  });
}

/** The beginning of a body. A gateway's HTML page is only named, because its first line says nothing. */
function beginningOf(body: string): string {
  const text = body.replaceAll(/\s+/g, " ").trim();
  if (text === "") return "empty";
  return /^<(?:!doctype|html)/i.test(text) ? "an HTML page" : JSON.stringify(text.slice(0, 60));
}

function kindOf(status: number, code: number | null, message: string): FailureKind {
  if (status === 429 || code === 971 || code === 10100) return "not done";
  const kind = kindOfMessage(message);
  if (kind === "not done" || (status < 500 && isSqliteMessage(message))) return kind;
  return status >= 500 || status === 408 || code === null || code === 7009 ? "unknown" : kind;
}

export function failureOfNetwork(error: unknown): ApiFailure {
  const { message, isUnsent, isFinal } = networkError(error);
  const kind = isUnsent ? "not done" : "unknown";
  return new ApiFailure(message, { kind, isFinal }, { cause: error });
}
