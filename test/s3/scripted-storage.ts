import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { onTestFinished } from "vitest";
import type { Clock } from "../../src/failure/clock.ts";
import type { S3Settings } from "../../src/s3/s3-client.ts";
import { s3Store } from "../../src/s3/s3-store.ts";
import type { Store } from "../../src/snapshots/store/store.ts";

export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

/** How the server answers one request. */
export type Answer = (request: Received, response: ServerResponse) => void;

export interface Scripted {
  readonly store: Store;
  readonly endpoint: string;
  readonly requests: readonly Received[];
  /** Every wait, in milliseconds. */
  readonly waits: readonly number[];
}

/** Answers requests on a real socket, one after the other. The last answer is that of all later requests, too. `at`: another endpoint. */
export async function scripted(
  answers: readonly Answer[],
  {
    timeout,
    at,
    ...more
  }: Partial<S3Settings> & Pick<Clock, "timeout"> & { readonly at?: string } = {},
): Promise<Scripted> {
  const requests: Received[] = [];
  const waits: number[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      const received = { method, url, headers, body: Buffer.concat(chunks) };
      const answer = answers[Math.min(requests.length, answers.length - 1)];
      requests.push(received);
      answer?.(received, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const endpoint = at ?? `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  const clock: Clock = {
    now: () => 0,
    sleep: async (ms) => void waits.push(ms),
    random: () => 1,
    ...(timeout !== undefined && { timeout }),
  };
  const home = {
    endpoint,
    region: "auto",
    bucket: "bucket",
    prefix: "shop",
    credentials: { accessKeyId: "id", secretAccessKey: "very-secret", sessionToken: "token" },
  };
  return {
    store: s3Store(home, { clock, timeoutMs: 45_000, ...more }),
    endpoint,
    requests,
    waits,
  };
}

/** An answer with a status, headers and a body. */
export function status(
  code: number,
  body: string | Uint8Array = "",
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return (_, response) => void response.writeHead(code, headers).end(body);
}

/** An error as S3 writes it. */
export function refusal(code: number, name: string, message = "A message."): Answer {
  return status(
    code,
    `<?xml version="1.0"?><Error><Code>${name}</Code><Message>${message}</Message></Error>`,
  );
}

/** Closes the connection without an answer, or after the beginning of one. */
export function cut(beginning = ""): Answer {
  return (request, response) => {
    if (beginning === "") response.socket?.destroy();
    else stalled(beginning, () => response.socket?.destroy())(request, response);
  };
}

/** Sends the beginning of an answer, and no more. */
export function stalled(beginning: string, sent: () => void = () => {}): Answer {
  return (_, response) => {
    response.writeHead(200, { "Content-Length": "1000" });
    response.write(beginning, sent);
  };
}
