import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

export interface Recorded {
  /** With its search part. */
  readonly path: string;
  readonly body: Buffer;
}

export interface RecordingProxy {
  readonly origin: string;
  /** Every byte that was sent. */
  readonly requests: Recorded[];
  close(): void;
}

/** Passes requests on, and keeps their bodies. */
export async function startRecordingProxy(to: string): Promise<RecordingProxy> {
  const requests: Recorded[] = [];
  const server = createServer((received, response) => {
    void (async () => {
      const body = await buffer(received);
      const { method, url: path = "/", headers } = received;
      requests.push({ path, body });
      const passed = request(new URL(path, to), { method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      passed.on("error", () => response.destroy());
      passed.end(body);
    })();
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    requests,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
