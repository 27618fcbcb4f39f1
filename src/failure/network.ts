/** @module What an error of the network and the header `Retry-After` mean, for every client of an HTTP server. Pure. */

export interface NetworkError {
  /** The message of the innermost error, with its code. */
  readonly message: string;
  /** True if no byte of the request was sent. */
  readonly isUnsent: boolean;
  /** True if `fetch` rejects the request itself, so that each later attempt fails, too. */
  readonly isFinal: boolean;
}

/** With these errors, no byte of the request was sent. */
const NEVER_SENT: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ENETUNREACH",
  "EHOSTUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** What `fetch` says of a request that it does not send: of the port, the address, the protocol, or a header. */
const REJECTED =
  /^(?:bad port|unknown scheme|not implemented|\w+ scheme is not supported|Invalid URL|.* an invalid header value)/s;

/** The message contains the address, and so a password. */
const HAS_PASSWORD = /URL that includes credentials/;

/** Reads an error that `fetch` threw. */
export function networkError(error: unknown): NetworkError {
  const codes = causes(error).flatMap((cause) => ("code" in cause ? [String(cause.code)] : []));
  const innermost = causes(error).at(-1);
  const [code] = codes;
  const text = innermost?.message ?? String(error);
  const hasPassword = HAS_PASSWORD.test(text);
  const isFinal = hasPassword || REJECTED.test(text);
  if (hasPassword) return { message: "the address has a password", isUnsent: true, isFinal };
  return {
    isFinal,
    message: code === undefined || text.includes(code) ? text : `${text} (${code})`,
    isUnsent: isFinal || codes.some((one) => NEVER_SENT.has(one) || isUntrusted(one)),
  };
}

/** The certificate was not trusted, so nothing was sent. Other TLS errors (`ERR_SSL_…`) can occur during a connection. */
function isUntrusted(code: string): boolean {
  return (
    !code.startsWith("ERR_SSL_") && /CERT|UNABLE_TO_VERIFY|INVALID_CA|HOSTNAME_MISMATCH/.test(code)
  );
}

function causes(error: unknown): Error[] {
  if (!(error instanceof Error)) return [];
  // If a host has several addresses, each has its own error.
  const inner: readonly unknown[] = error instanceof AggregateError ? error.errors : [error.cause];
  return [error, ...inner.flatMap(causes)];
}

/** `Retry-After` in milliseconds, or null. The header has seconds or a date. */
export function retryAfter(headers: Headers, now: () => number): number | null {
  const text = headers.get("retry-after");
  if (text === null || text === "") return null;
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const at = Date.parse(text);
  const server = Date.parse(headers.get("date") ?? "");
  return Number.isNaN(at) ? null : Math.max(0, at - (Number.isNaN(server) ? now() : server));
}
