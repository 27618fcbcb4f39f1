/**
 * Writing to stdout and stderr. A reader who went away (`| head`) is no failure: the rest is dropped quietly.
 * @module
 */
import type { Writable } from "node:stream";

interface Screen {
  isTTY?: boolean;
  columns?: number;
}

const gone = new Set(["EPIPE", "ERR_STREAM_DESTROYED", "ERR_STREAM_WRITE_AFTER_END"]);

/** Resolves when all of the text has left, so that the process may end. Returns the failure; null too where nobody reads any more. */
export async function writeOut(stream: Writable, text: string): Promise<Error | null> {
  if (text === "") return null;
  if (stream.destroyed) return failureOf(stream.errored);
  const { promise, resolve } = Promise.withResolvers<Error | null>();
  const settle = (error?: Error | null): void => resolve(failureOf(error));
  // A failed write is told twice, to its callback and then as an event that ends the process if nobody listens.
  stream.once("error", settle);
  stream.write(text, (error) => {
    if (error === undefined || error === null) stream.off("error", settle);
    settle(error);
  });
  return promise;
}

/**
 * Progress and notices are written without waiting: a stream that fails then must not end the process,
 * and with it the work.
 */
export function ignoreFailures(...streams: readonly Writable[]): void {
  for (const stream of streams) stream.on("error", () => {});
}

/** A terminal that does not know its size says 0: wrapped to that, every letter would have a line of its own. */
export function assumeWidth(...streams: readonly Screen[]): void {
  for (const stream of streams) {
    if (stream.isTTY === true && stream.columns === 0) stream.columns = 80;
  }
}

/** What is no terminal has room for any line. */
export function widthOf({ isTTY, columns }: Readonly<Screen>): number {
  return isTTY === true ? (columns ?? 80) : Infinity;
}

function failureOf(error: Error | null | undefined): Error | null {
  return error === undefined || error === null || isGone(error) ? null : error;
}

function isGone(error: Error): boolean {
  return "code" in error && typeof error.code === "string" && gone.has(error.code);
}
