/** @module Why a request to the storage failed, and whether d1ops repeats it. Pure. */
import { networkError, retryAfter } from "../failure/network.ts";
import { requestedWait } from "../failure/retry.ts";

interface Details {
  /** Null if there was no answer. */
  readonly status: number | null;
  /** The code of S3, such as `AccessDenied`. Null if the answer is not S3's. */
  readonly code: string | null;
  /** Whether another attempt can succeed. */
  readonly isPassing: boolean;
  readonly retryAfterMs: number | null;
}

/** A request that did not succeed, with the message of the storage or the network. */
export class S3Failure extends Error implements Details {
  override readonly name = "S3Failure";
  readonly status: number | null;
  readonly code: string | null;
  readonly isPassing: boolean;
  readonly retryAfterMs: number | null;

  constructor(message: string, details: Partial<Details>, options?: ErrorOptions) {
    super(message, options);
    this.status = details.status ?? null;
    this.code = details.code ?? null;
    this.isPassing = details.isPassing ?? false;
    this.retryAfterMs = details.retryAfterMs ?? null;
  }
}

/** Total attempts of a request. With the waits between them they take about half a minute. */
export const S3_ATTEMPTS = 7;

/** Errors of S3 with a status below 500 that another attempt can repair: bytes that changed on their way, and a slow or busy server. */
const PASSING_CODES: ReadonlySet<string> = new Set([
  "BadDigest",
  "IncompleteBody",
  "RequestTimeout",
  "SlowDown",
  "XAmzContentSHA256Mismatch",
]);

/**
 * Milliseconds to wait before the next attempt; null for no further attempt. Every request can be repeated: objects never change, so a
 * second write or removal does what the first one did.
 */
export function waitBeforeRetry(failure: S3Failure, made: number, random: number): number | null {
  if (!failure.isPassing || made >= S3_ATTEMPTS) return null;
  return requestedWait(failure.retryAfterMs, made, random);
}

/** The failure of an answer with another status than the expected ones. */
export function failureOfS3Answer(status: number, headers: Headers, body: string): S3Failure {
  const code = elementOf(body, "Code");
  const text = elementOf(body, "Message")?.replace(/\.$/, "") ?? `HTTP ${status}`;
  // 501: the storage does not implement the request, and never will.
  const isPassing =
    (status >= 500 && status !== 501) ||
    status === 408 ||
    status === 429 ||
    (code !== null && PASSING_CODES.has(code));
  const retryAfterMs = retryAfter(headers, Date.now);
  const message = code === null ? text : `${text} [code: ${code}]`;
  return new S3Failure(message, { status, code, isPassing, retryAfterMs });
}

/** The failure of a request without a complete answer. */
export function failureOfS3Network(error: unknown): S3Failure {
  const { message, isFinal } = networkError(error);
  return new S3Failure(message, { isPassing: !isFinal }, { cause: error });
}

/** The text of the first element of this name. */
export function elementOf(xml: string, name: string): string | null {
  const found = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  return found === undefined ? null : decoded(found.trim());
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  apos: "'",
  gt: ">",
  lt: "<",
  quot: '"',
};

function decoded(text: string): string {
  return text.replaceAll(
    /&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi,
    (whole, decimal: string | undefined, hex: string | undefined, name: string | undefined) => {
      if (name !== undefined) return ENTITIES[name] ?? whole;
      const code = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal);
      return code <= 0x10_ff_ff ? String.fromCodePoint(code) : whole;
    },
  );
}
