/**
 * Calls to Cloudflare's API: paced, limited in time, read with suspicion, and made again where that is safe.
 * What does not succeed is an {@link ApiFailure}.
 * @module
 */
import { type Clock, realClock, sleeper } from "../failure/clock.ts";
import { retry } from "../failure/retry.ts";
import type { Credentials } from "./credentials.ts";
import { ApiFailure, type Envelope, failureOf, failureOfNetwork } from "./api-failure.ts";
import { makePace, type Pace } from "./request-rate.ts";
import { fetchWithinOrigin, redirectFailure } from "./redirect.ts";
import { ATTEMPTS, type Effect, waitBefore } from "./retry-policy.ts";
import { APIError, makeSdk, type Sdk } from "./sdk.ts";

export interface ApiOptions {
  readonly credentials: Credentials;
  readonly baseUrl: string;
  /** Name and version of the program. */
  readonly userAgent: string;
  /** Sent with every call: what `CLOUDFLARE_API_HEADERS` holds. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Shared by all that a process does with one token; one of its own without. */
  readonly pace?: Pace;
  readonly clock?: Clock;
  /** How long an answer may take, in milliseconds. Default: 45,000; the platform ends a query after 30,000. */
  readonly timeoutMs?: number;
  /** How often a call is made in all while the network or Cloudflare fails. Default: 7. */
  readonly attempts?: number;
  /** Ends waits; a call that is under way is finished. */
  readonly signal?: AbortSignal;
  /** Told before each wait of a second or more. */
  readonly onWait?: (ms: number, reason: string) => void;
}

/** What the SDK's calls have in common: an answer that nobody has read yet. */
interface Asked {
  asResponse(): Promise<Response>;
}

export interface CallOptions {
  readonly signal: AbortSignal;
  readonly maxRetries: 0;
}

/** One call of the SDK. */
export type ApiCall = (sdk: Sdk, options: CallOptions) => Asked;

export interface Answered<T> {
  readonly result: T | undefined;
  readonly status: number;
  readonly headers: Headers;
}

export interface Api {
  readonly credentials: Credentials;
  readonly baseUrl: string;
  /** `T` is what the SDK says of `result`; its fields are checked where they are used. @throws ApiFailure */
  call<T>(effect: Effect, ask: ApiCall): Promise<Answered<T>>;
  /** Asks an address that an answer has handed out, without credentials; a redirect may not leave its origin. @throws ApiFailure */
  fetch(effect: Effect, url: string, init?: RequestInit): Promise<Response>;
  /** Waits as everything here does. */
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
}

/** One for each API and token, for all that this process does by one clock. */
const PACES = new WeakMap<Clock, Map<string, Pace>>();

function paceOf(credentials: Credentials, options: ApiOptions, clock: Clock): Pace {
  if (options.pace !== undefined) return options.pace;
  const paces = PACES.get(clock) ?? new Map<string, Pace>();
  PACES.set(clock, paces);
  const secret = credentials.kind === "token" ? credentials.token : credentials.key;
  const key = `${options.baseUrl} ${secret}`;
  const known = paces.get(key);
  if (known !== undefined) return known;
  const pace = makePace({ clock, onWait: (ms) => options.onWait?.(ms, "Cloudflare's rate limit") });
  paces.set(key, pace);
  return pace;
}

export function connectApi(options: ApiOptions): Api {
  const { credentials, clock = realClock, timeoutMs = 45_000, signal, onWait } = options;
  const { baseUrl, userAgent, headers = {}, attempts = ATTEMPTS } = options;
  const sdk = makeSdk({ credentials, baseUrl, userAgent, headers });
  const pace = paceOf(credentials, options, clock);

  /** Makes the call, again and again where that is safe. */
  const persist = async <T>(effect: Effect, attempt: () => Promise<T>): Promise<T> =>
    retry(
      async () => {
        await pace.turn(signal);
        return attempt().catch((error: unknown) => {
          throw error instanceof ApiFailure ? error : failureOfNetwork(error);
        });
      },
      {
        sleep: sleeper({ clock, signal }),
        after(failure, made) {
          // Whoever is interrupted while he waits for his turn has made no call.
          if (!(failure instanceof ApiFailure)) throw failure;
          const waitMs = made < attempts ? waitBefore(failure, effect, made, clock.random()) : null;
          if (failure.status === 429) pace.hold(failure.retryAfterMs ?? 1000);
          if (waitMs === null) throw failure;
          if (waitMs >= 1000) onWait?.(waitMs, failure.message);
          return { waitMs };
        },
      },
    );

  return {
    credentials,
    baseUrl,
    clock,
    signal,
    call: async <T>(effect: Effect, ask: ApiCall): Promise<Answered<T>> =>
      persist(effect, async () => {
        const limit = clock.timeout?.(timeoutMs) ?? AbortSignal.timeout(timeoutMs);
        const { status, headers: said, text } = await answerOf(sdk, ask, limit, timeoutMs);
        const redirect = redirectFailure(baseUrl, status, said);
        if (redirect !== null) throw redirect;
        pace.heard(said);
        const envelope = parseEnvelope<T>(text);
        if (envelope?.success !== true) throw failureOf(status, said, envelope, text);
        return { result: envelope.result, status, headers: said };
      }),
    fetch: async (effect, url, init = {}) =>
      persist(effect, async () => {
        const response = await fetchWithinOrigin(url, init);
        if (response.ok) return response;
        const text = await response.text();
        throw failureOf(response.status, response.headers, parseEnvelope(text), text);
      }),
  };
}

/** An answer, whatever its status. The SDK throws for those that are no success, and the envelope says more than its error. */
async function answerOf(
  sdk: Sdk,
  ask: ApiCall,
  limit: AbortSignal,
  timeoutMs: number,
): Promise<{ status: number; headers: Headers; text: string }> {
  try {
    const response = await ask(sdk, { signal: limit, maxRetries: 0 }).asResponse();
    return { status: response.status, headers: response.headers, text: await response.text() };
  } catch (error) {
    if (error instanceof APIError && error.status !== undefined && error.headers !== undefined) {
      const { status, headers } = error;
      const text = error.error === undefined ? error.message : JSON.stringify(error.error);
      return { status, headers, text };
    }
    if (!limit.aborted) throw error;
    const message = `There was no answer within ${Math.round(timeoutMs / 1000)} s.`;
    throw new ApiFailure(message, { kind: "unknown" }, { cause: error });
  }
}

/** Null where the text is not Cloudflare's envelope. */
function parseEnvelope<T>(text: string): Envelope<T> | null {
  try {
    // A number that JSON.parse would round has 16 digits at least; looking at every number takes three times as long.
    const parsed: Envelope<T> | null = /\d{16}/.test(text)
      ? JSON.parse(text, exactly)
      : JSON.parse(text);
    return typeof parsed === "object" && parsed !== null && "success" in parsed ? parsed : null;
  } catch {
    return null;
  }
}

/** An integer that a number cannot hold stays what it is. */
function exactly(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  // Beyond 64 bits it is a REAL: JSON has no other way to write 1e20 than an integer's.
  if (Math.abs(value) > 2 ** 63) return value;
  const source = context?.source ?? "";
  return /^-?\d+$/.test(source) ? BigInt(source) : value;
}
