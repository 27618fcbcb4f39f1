/**
 * Calls Cloudflare's API. It limits the rate and the time of calls, checks the answers, and retries if that is safe.
 * A call that does not succeed fails with an {@link ApiFailure}.
 * @module
 */
import { type Clock, realClock, sleeper } from "../failure/clock.ts";
import { retry } from "../failure/retry.ts";
import type { Credentials } from "./credentials.ts";
import { ApiFailure, type Envelope, failureOfAnswer, failureOfNetwork } from "./api-failure.ts";
import { makeRequestRate, type RequestRate } from "./request-rate.ts";
import { fetchWithinOrigin, redirectFailure } from "./redirect.ts";
import { API_ATTEMPTS, type Effect, waitBefore } from "./retry-policy.ts";
import { APIError, makeSdk, type Sdk } from "./sdk.ts";

export interface ApiOptions {
  readonly credentials: Credentials;
  readonly baseUrl: string;
  /** Name and version of the program. */
  readonly userAgent: string;
  /** Headers of every call, from `CLOUDFLARE_API_HEADERS`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: one that all calls of this process with the same token and clock share. */
  readonly rate?: RequestRate;
  readonly clock?: Clock | undefined;
  /** How long an answer may take, in milliseconds. Default: 45,000; the platform ends a query after 30,000. */
  readonly timeoutMs?: number | undefined;
  /** Total attempts of a call while the network or Cloudflare fails. Default: 7. */
  readonly attempts?: number | undefined;
  /** Whether the hint of a failed call suggests `doctor`. Default: true. */
  readonly suggestsDoctor?: boolean | undefined;
  /** The environment of the config that suggested commands name. Default: that of the typed command. */
  readonly environment?: string | undefined;
  /** Ends waits. A call in progress is finished. */
  readonly signal?: AbortSignal | undefined;
  /** Called before each wait of a second or more. */
  readonly onWait?: ((ms: number, reason: string) => void) | undefined;
}

/** One call of the SDK. Its answer has not been read yet. */
export type ApiCall = (
  sdk: Sdk,
  options: { readonly signal: AbortSignal; readonly maxRetries: 0 },
) => { asResponse(): Promise<Response> };

export interface ApiResult<T> {
  readonly result: T | undefined;
  readonly status: number;
  readonly headers: Headers;
}

export interface Api {
  readonly credentials: Credentials;
  readonly baseUrl: string;
  readonly suggestsDoctor: boolean;
  readonly environment: string | undefined;
  /** `T` is the SDK's type of `result`; the code that uses a field checks it. @throws ApiFailure */
  call<T>(effect: Effect, send: ApiCall): Promise<ApiResult<T>>;
  /** Requests a signed address without credentials. A redirect may not leave its origin. @throws ApiFailure */
  fetch(effect: Effect, url: string, init?: RequestInit): Promise<Response>;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
}

/** The request rate of each API and token, per clock. */
const RATES = new WeakMap<Clock, Map<string, RequestRate>>();

function rateOf(credentials: Credentials, options: ApiOptions, clock: Clock): RequestRate {
  if (options.rate !== undefined) return options.rate;
  const rates = RATES.get(clock) ?? new Map<string, RequestRate>();
  RATES.set(clock, rates);
  const secret = credentials.kind === "token" ? credentials.token : credentials.key;
  const key = `${options.baseUrl} ${secret}`;
  const known = rates.get(key);
  if (known !== undefined) return known;
  const rate = makeRequestRate({
    clock,
    onWait: (ms) => options.onWait?.(ms, "Cloudflare's rate limit"),
  });
  rates.set(key, rate);
  return rate;
}

export function connectApi(options: ApiOptions): Api {
  const { credentials, clock = realClock, timeoutMs = 45_000, signal, onWait } = options;
  const {
    baseUrl,
    userAgent,
    attempts = API_ATTEMPTS,
    suggestsDoctor = true,
    environment,
  } = options;
  const sdk = makeSdk({ credentials, baseUrl, userAgent, headers: options.headers ?? {} });
  const rate = rateOf(credentials, options, clock);

  const retried = async <T>(effect: Effect, attempt: () => Promise<T>): Promise<T> =>
    retry(
      async () => {
        await rate.turn(signal);
        return attempt().catch((error: unknown) => {
          throw error instanceof ApiFailure ? error : failureOfNetwork(error);
        });
      },
      {
        sleep: sleeper({ clock, signal }),
        after(failure, made) {
          // An interruption while it waits for its turn: no call was made.
          if (!(failure instanceof ApiFailure)) throw failure;
          const waitMs = made < attempts ? waitBefore(failure, effect, made, clock.random()) : null;
          if (failure.status === 429) rate.pauseAll(failure.retryAfterMs ?? 1000);
          if (waitMs === null) throw failure;
          if (waitMs >= 1000) onWait?.(waitMs, failure.message);
          return { waitMs };
        },
      },
    );

  return {
    credentials,
    baseUrl,
    suggestsDoctor,
    environment,
    clock,
    signal,
    call: async <T>(effect: Effect, send: ApiCall): Promise<ApiResult<T>> =>
      retried(effect, async () => {
        const deadline = clock.timeout?.(timeoutMs) ?? AbortSignal.timeout(timeoutMs);
        const { status, headers, text } = await answerOf(sdk, send, deadline, timeoutMs);
        const redirect = redirectFailure(baseUrl, status, headers);
        if (redirect !== null) throw redirect;
        rate.update(headers);
        const envelope = parseEnvelope<T>(text);
        if (envelope?.success !== true) throw failureOfAnswer(status, headers, envelope, text);
        return { result: envelope.result, status, headers };
      }),
    fetch: async (effect, url, init = {}) =>
      retried(effect, async () => {
        const response = await fetchWithinOrigin(url, init);
        if (response.ok) return response;
        const text = await response.text();
        throw failureOfAnswer(response.status, response.headers, parseEnvelope(text), text);
      }),
  };
}

/** The answer of any status. The SDK throws for statuses that are errors, but the envelope says more than its error. */
async function answerOf(
  sdk: Sdk,
  send: ApiCall,
  deadline: AbortSignal,
  timeoutMs: number,
): Promise<{ status: number; headers: Headers; text: string }> {
  try {
    const response = await send(sdk, { signal: deadline, maxRetries: 0 }).asResponse();
    return { status: response.status, headers: response.headers, text: await response.text() };
  } catch (error) {
    if (error instanceof APIError && error.status !== undefined && error.headers !== undefined) {
      const { status, headers } = error;
      const text = error.error === undefined ? error.message : JSON.stringify(error.error);
      return { status, headers, text };
    }
    if (!deadline.aborted) throw error;
    const message = `There was no answer within ${Math.round(timeoutMs / 1000)} s.`;
    throw new ApiFailure(message, { kind: "unknown" }, { cause: error });
  }
}

function parseEnvelope<T>(text: string): Envelope<T> | null {
  try {
    // A number that JSON.parse would round has at least 16 digits. A reviver for every number takes three times as long.
    const parsed: Envelope<T> | null = /\d{16}/.test(text)
      ? JSON.parse(text, exactly)
      : JSON.parse(text);
    return typeof parsed === "object" && parsed !== null && "success" in parsed ? parsed : null;
  } catch {
    return null;
  }
}

/** Makes a BigInt of an integer that a number cannot represent. */
function exactly(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  // Beyond 64 bits it is a REAL: JSON writes 1e20 like an integer.
  if (Math.abs(value) > 2 ** 63) return value;
  const source = context?.source ?? "";
  return /^-?\d+$/.test(source) ? BigInt(source) : value;
}
