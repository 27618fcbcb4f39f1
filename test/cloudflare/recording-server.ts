import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import { createServer as createSecureServer } from "node:https";
import { text } from "node:stream/consumers";
import { setDefaultCACertificates, getCACertificates } from "node:tls";
import { onTestFinished } from "vitest";

/** What a server received. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export interface Recorder {
  readonly origin: string;
  readonly received: readonly Received[];
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export type Answer = (request: Received, origin: string) => Reply;

/** A real server that records all requests. It is closed when the test ends. */
export async function recorder(answer: Answer, how: "http" | "https" = "http"): Promise<Recorder> {
  const received: Received[] = [];
  let origin = "";
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = "", url = "", headers } = request;
    const one = { method, path: url, headers, body: await text(request) };
    received.push(one);
    const reply = answer(one, origin);
    response.writeHead(reply.status, reply.headers);
    response.end(reply.body ?? "");
  };
  const listen: RequestListener = (request, response) => void respond(request, response);
  const server = how === "http" ? createServer(listen) : secureServer(listen);
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  origin = `${how}://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  return { origin, received };
}

function secureServer(listen: RequestListener): Server {
  const trusted = getCACertificates("default");
  setDefaultCACertificates([...trusted, CERTIFICATE]);
  onTestFinished(() => setDefaultCACertificates(trusted));
  return createSecureServer({ cert: CERTIFICATE, key: KEY }, listen);
}

/** For 127.0.0.1, valid until 2126; made with `openssl req -x509 -newkey ec`. The key protects nothing. */
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBkzCCATigAwIBAgIUWYk8vppQ8Wd0vb3+1dNDLU6XddcwCgYIKoZIzj0EAwIw
FTETMBEGA1UEAwwKZDFvcHMgdGVzdDAgFw0yNjExMjgxNzA4MTJaGA8yMTI2MTEw
NDE3MDgxMlowFTETMBEGA1UEAwwKZDFvcHMgdGVzdDBZMBMGByqGSM49AgEGCCqG
SM49AwEHA0IABJ+23W5QewkglcO+nzHKYdItlcQDYnj+y+IHJoqXgr7pcldOsVUG
tra0Nx6m+dCmv46cMXnId+zTFz5uvYead9GjZDBiMB0GA1UdDgQWBBRzUOb9H4qy
LNq9pgYrpnFeWmy91TAfBgNVHSMEGDAWgBRzUOb9H4qyLNq9pgYrpnFeWmy91TAP
BgNVHRMBAf8EBTADAQH/MA8GA1UdEQQIMAaHBH8AAAEwCgYIKoZIzj0EAwIDSQAw
RgIhAPyC51pm0FwrgdhgI7y2Lkvb7Ws6tRGxI8F8k2hUvx6NAiEA9LGhgJdPq5lW
1b01Z6AkyYYkuMew0HeB+rA2YzLmnWc=
-----END CERTIFICATE-----`;

const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg4yI8bMHi3SQVtblt
ddor/A/SYC7R+Mw9iEZxGR3ZLLqhRANCAASftt1uUHsJIJXDvp8xymHSLZXEA2J4
/sviByaKl4K+6XJXTrFVBra2tDcepvnQpr+OnDF5yHfs0xc+br2HmnfR
-----END PRIVATE KEY-----`;
