/**
 * What went wrong with a call, and above all: was it carried out? Pure.
 * @module
 */
import { type FailureKind, isOfSqlite, kindOfWords } from "../failure/kind.ts";

interface About {
  readonly kind: FailureKind;
  /** Null where there was no answer. */
  readonly status?: number | null;
  /** Cloudflare's code of the first error. */
  readonly code?: number | null;
  readonly retryAfterMs?: number | null;
  /** Cloudflare's name of the request, for their support. */
  readonly ray?: string | null;
  /** When it was answered, by Cloudflare's clock. */
  readonly date?: string | null;
  /** Where the answer pointed, and d1ops did not go. */
  readonly redirect?: Redirect | null;
}

/** The origins on both sides of a redirect: `https://api.cloudflare.com`. */
export interface Redirect {
  readonly from: string;
  readonly to: string;
}

/** A call that did not succeed, in Cloudflare's words or the network's. */
export class ApiFailure extends Error {
  override readonly name = "ApiFailure";
  readonly kind: FailureKind;
  readonly status: number | null;
  readonly code: number | null;
  readonly retryAfterMs: number | null;
  readonly ray: string | null;
  readonly date: string | null;
  readonly redirect: Redirect | null;

  constructor(message: string, about: About, options?: ErrorOptions) {
    super(message, options);
    this.kind = about.kind;
    this.status = about.status ?? null;
    this.code = about.code ?? null;
    this.retryAfterMs = about.retryAfterMs ?? null;
    this.ray = about.ray ?? null;
    this.date = about.date ?? null;
    this.redirect = about.redirect ?? null;
  }
}

/** Cloudflare's envelope, as far as we read it. */
export interface Envelope<T> {
  readonly success?: boolean;
  readonly result?: T;
  readonly errors?: readonly { readonly code?: number; readonly message?: string }[];
  readonly error?: unknown;
  readonly result_info?: { readonly total_count?: number; readonly count?: number };
}

/** What an answer means that is no success. `envelope` is null where the body is not Cloudflare's. */
export function failureOf(
  status: number,
  headers: Headers,
  envelope: Envelope<unknown> | null,
  body: string,
): ApiFailure {
  const ray = headers.get("cf-ray");
  const retryAfterMs = retryAfter(headers);
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

/** A gateway's page says nothing in its first line; anything else may. */
function beginningOf(body: string): string {
  const text = body.replaceAll(/\s+/g, " ").trim();
  if (text === "") return "empty";
  return /^<(?:!doctype|html)/i.test(text) ? "an HTML page" : JSON.stringify(text.slice(0, 60));
}

function kindOf(status: number, code: number | null, message: string): FailureKind {
  if (status === 429 || code === 971 || code === 10100) return "not done";
  const said = kindOfWords(message);
  if (said === "not done" || (status < 500 && isOfSqlite(message))) return said;
  return status >= 500 || status === 408 || code === null || code === 7009 ? "unknown" : said;
}

/** Seconds or a date. */
function retryAfter(headers: Headers): number | null {
  const text = headers.get("retry-after");
  if (text === null || text === "") return null;
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const at = Date.parse(text);
  const now = Date.parse(headers.get("date") ?? "");
  return Number.isNaN(at) ? null : Math.max(0, at - (Number.isNaN(now) ? Date.now() : now));
}

/** These say that no byte of the request reached anybody. */
const NEVER_SENT: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ENETUNREACH",
  "EHOSTUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** The certificate was not trusted, so that nothing was sent. Other errors of TLS (`ERR_SSL_…`) come in the middle of a connection, too. */
function isUntrusted(code: string): boolean {
  return (
    !code.startsWith("ERR_SSL_") && /CERT|UNABLE_TO_VERIFY|INVALID_CA|HOSTNAME_MISMATCH/.test(code)
  );
}

/** What it means that there was no answer. */
export function failureOfNetwork(error: unknown): ApiFailure {
  const codes = causes(error).flatMap((cause) => ("code" in cause ? [String(cause.code)] : []));
  const innermost = causes(error).at(-1);
  const [code] = codes;
  const said = innermost?.message ?? String(error);
  const message = code === undefined || said.includes(code) ? said : `${said} (${code})`;
  const never = codes.some((one) => NEVER_SENT.has(one) || isUntrusted(one));
  return new ApiFailure(message, { kind: never ? "not done" : "unknown" }, { cause: error });
}

function causes(error: unknown): Error[] {
  if (!(error instanceof Error)) return [];
  // Of several addresses each has an error of its own.
  const inner: readonly unknown[] = error instanceof AggregateError ? error.errors : [error.cause];
  return [error, ...inner.flatMap(causes)];
}
