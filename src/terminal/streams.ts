/**
 * Writing the answer out.
 * @module
 */
import type { Writable } from "node:stream";

const gone = new Set(["EPIPE", "ERR_STREAM_DESTROYED", "ERR_STREAM_WRITE_AFTER_END"]);

/**
 * Resolves when all of the text has left, so that the process may end. A reader who went away (`| head`)
 * is no error: the rest is dropped quietly. Anything else rejects.
 */
export async function writeOut(stream: Writable, text: string): Promise<void> {
  if (text === "" || stream.destroyed) return;
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const settle = (error?: Error | null): void => {
    if (error === undefined || error === null || isGone(error)) resolve(undefined);
    else reject(error);
  };
  // A failed write is told twice, to its callback and then as an event that ends the process if nobody listens.
  stream.once("error", settle);
  stream.write(text, (error) => {
    if (error === undefined || error === null) stream.off("error", settle);
    settle(error);
  });
  await promise;
}

function isGone(error: Error): boolean {
  return "code" in error && typeof error.code === "string" && gone.has(error.code);
}
