/** @module Sends signed requests to the storage. It limits the time of each, and repeats those that a later attempt can complete. */
import { hash } from "node:crypto";
import { AwsClient } from "aws4fetch";
import { type Clock, sleeper } from "../failure/clock.ts";
import { retry } from "../failure/retry.ts";
import { failureOfS3Answer, failureOfS3Network, S3Failure, waitBeforeRetry } from "./s3-failure.ts";
import type { S3Home } from "./s3-home.ts";

export interface S3Settings {
  readonly clock: Clock;
  /** How long the storage may be silent, in milliseconds. A large object has more time. */
  readonly timeoutMs: number;
  /** Ends waits. A request in progress is finished. */
  readonly signal?: AbortSignal | undefined;
  /** Called before each wait of a second or more. */
  readonly onWait?: ((ms: number, reason: string) => void) | undefined;
}

export interface S3Request {
  readonly method: "DELETE" | "GET" | "HEAD" | "PUT";
  /** Without the bucket. Empty: the bucket itself. */
  readonly key: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Statuses that are no failure, besides those of success. */
  readonly expected?: readonly number[];
}

export interface S3Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
}

/** `accept` reads the answer. An {@link S3Failure} that it throws counts as one of the request. */
export type SendS3 = <T>(request: S3Request, accept: (answer: S3Answer) => T) => Promise<T>;

/** 20 kB/s. A slower connection is as good as a broken one. */
const BYTES_PER_MS = 20;

/** The returned function throws S3Failure, and OpsError INTERRUPTED. */
export function connectS3(home: S3Home, settings: S3Settings): SendS3 {
  const { accessKeyId, secretAccessKey, sessionToken } = home.credentials;
  const signer = new AwsClient({
    accessKeyId,
    secretAccessKey,
    ...(sessionToken !== null && { sessionToken }),
    service: "s3",
    region: home.region,
    // Its own retries know neither Ctrl-C nor which failures pass.
    retries: 0,
  });
  const { clock, signal, onWait } = settings;
  return async (request, accept) =>
    retry(
      async () => {
        const answer = await attempt(signer, home, request, settings);
        const { status, headers, bytes } = answer;
        if ((status >= 200 && status < 300) || request.expected?.includes(status) === true) {
          return accept(answer);
        }
        throw failureOfS3Answer(status, headers, new TextDecoder().decode(bytes));
      },
      {
        sleep: sleeper({ clock, signal }),
        after(error, made) {
          if (!(error instanceof S3Failure)) throw error;
          const waitMs = waitBeforeRetry(error, made, clock.random());
          if (waitMs === null) throw error;
          if (waitMs >= 1000) onWait?.(waitMs, error.message);
          return { waitMs };
        },
      },
    );
}

async function attempt(
  signer: AwsClient,
  home: S3Home,
  request: S3Request,
  { clock, timeoutMs }: S3Settings,
): Promise<S3Answer> {
  const { method, body, headers } = request;
  const stop = new AbortController();
  const within = async <T>(bytes: number, work: Promise<T>): Promise<T> => {
    const ms = timeoutMs + Math.ceil(bytes / BYTES_PER_MS);
    const end = clock.timeout?.(ms) ?? AbortSignal.timeout(ms);
    const abort = (): void => stop.abort(end.reason);
    end.addEventListener("abort", abort);
    try {
      return await work;
    } catch (error) {
      if (!end.aborted) throw failureOfS3Network(error);
      const message = `There was no answer within ${Math.round(ms / 1000)} s.`;
      throw new S3Failure(message, { isPassing: true }, { cause: error });
    } finally {
      end.removeEventListener("abort", abort);
    }
  };
  const signed = await signer.sign(addressOf(home, request), {
    method,
    headers: { ...headers, "X-Amz-Content-Sha256": hash("sha256", body ?? "") },
    ...(body !== undefined && { body }),
    // Followed, it would take the signed request to another host.
    redirect: "manual",
    signal: stop.signal,
  });
  // Not signed, because a proxy may change it.
  signed.headers.set("Accept-Encoding", "identity");
  const response = await within(body?.length ?? 0, fetch(signed));
  const length = Number(response.headers.get("content-length") ?? 0);
  const bytes = new Uint8Array(
    await within(Number.isSafeInteger(length) ? length : 0, response.arrayBuffer()),
  );
  return { status: response.status, headers: response.headers, bytes };
}

/** With the bucket in the path: not every storage has a host name for each bucket. */
function addressOf({ endpoint, bucket }: S3Home, { key, query = {} }: S3Request): string {
  const path = [endpoint, bucket, key].filter(Boolean).join("/");
  const search = new URLSearchParams(query).toString();
  return search === "" ? path : `${path}?${search}`;
}
