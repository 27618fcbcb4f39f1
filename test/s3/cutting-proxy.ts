import { connect, createServer, type Socket } from "node:net";

/**
 * Which connections the proxy cuts. `before`: before the request arrives. `after`: after the server has carried it out. `from then on`: all
 * of them, before.
 */
export type Cut = "before" | "after" | "from then on";

export interface CuttingProxy {
  readonly endpoint: string;
  /** Connections since the last `cut`. */
  readonly connections: () => number;
  /** Cuts the connection of this number, counted from now on, the first being 1. 0: none. */
  cut(number: number, how: Cut): void;
  stop(): Promise<void>;
}

/** A TCP proxy in front of a server. It closes the client's connection after each answer, so each request has one of its own. */
export async function cuttingProxy(target: string): Promise<CuttingProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let connections = 0;
  let cutAt = 0;
  let cutHow: Cut = "before";
  const server = createServer((client) => {
    connections += 1;
    const isLater = cutHow === "from then on" && cutAt > 0 && connections > cutAt;
    const isCut = connections === cutAt || isLater;
    const upstream = connect(Number(port), hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
      socket.on("error", () => socket.destroy());
    }
    client.on("close", () => upstream.destroy());
    if (isCut && cutHow !== "after") {
      client.once("data", () => client.destroy());
      return;
    }
    client.pipe(upstream);
    upstream.once("data", (answer) => {
      // The server has carried out the request, and the client does not learn it.
      if (isCut) return void client.destroy();
      client.write(withoutKeepAlive(answer));
      upstream.pipe(client);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    endpoint: `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`,
    connections: () => connections,
    cut(number, how) {
      connections = 0;
      cutAt = number;
      cutHow = how;
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function withoutKeepAlive(answer: Buffer): Buffer {
  const text = answer.toString("latin1");
  const end = text.indexOf("\r\n\r\n");
  const head = text.slice(0, end).replace(/\r\nconnection: keep-alive/i, "\r\nConnection: close");
  return Buffer.from(head + text.slice(end), "latin1");
}
