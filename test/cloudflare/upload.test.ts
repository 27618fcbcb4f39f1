import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type ImportFile, readImportFile, upload } from "../../src/cloudflare/upload.ts";
import { folder, remoteFixture, outcomeOf } from "./remote-fixture.ts";

const ELSEWHERE = "https://elsewhere.example";

/** More than the buffers of a connection hold, so that sending blocks if the server does not read. */
async function largeFile(): Promise<ImportFile> {
  const path = join(folder(), "large.sql");
  writeFileSync(path, "INSERT INTO t VALUES(1);\n".repeat(1_000_000));
  return readImportFile(path);
}

/** Answers each request after its first bytes, and reads no more. */
async function closingServer(
  answer: string,
): Promise<{ origin: string; connections: () => number }> {
  let count = 0;
  const server = createServer((socket) => {
    count += 1;
    socket.on("error", () => {});
    socket.once("data", () => {
      socket.pause();
      socket.write(answer);
    });
    onTestFinished(() => void socket.destroy());
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === "object" ? address?.port : "";
  return { origin: `http://127.0.0.1:${port}`, connections: () => count };
}

test.each([
  ["without a body", "Content-Length: 0\r\n\r\n"],
  ["whose body never ends", "Content-Length: 9\r\n\r\nx"],
])(
  "upload reports both hosts of a redirect that arrives before the whole file is sent, %s",
  async (_, rest) => {
    const { remote } = await remoteFixture();
    const storage = await closingServer(`HTTP/1.1 307 No\r\nLocation: ${ELSEWHERE}/x\r\n${rest}`);
    const error = await outcomeOf(upload(remote, `${storage.origin}/signed`, await largeFile()));
    expect(error).toMatchObject({
      code: "REDIRECT_REFUSED",
      details: { from: storage.origin, to: ELSEWHERE },
    });
    expect(storage.connections()).toBe(1);
  },
);

test("upload reports an address that expires before the whole file is sent", async () => {
  const { remote } = await remoteFixture();
  const storage = await closingServer("HTTP/1.1 403 No\r\nContent-Length: 7\r\n\r\nExpired");
  expect(await upload(remote, `${storage.origin}/signed`, await largeFile())).toBe(false);
  expect(storage.connections()).toBe(1);
});
