/** @module Writes to stdout and stderr. If the reader has closed its end (`| head`), the rest of the text is dropped without an error. */
import type { TextOutput } from "./text-output.ts";

interface Screen {
  isTTY?: boolean;
  columns?: number;
}

const gone = new Set(["EPIPE", "ERR_STREAM_DESTROYED", "ERR_STREAM_WRITE_AFTER_END"]);

/** Resolves when all of the text is written, so that the process can end. Returns the failure; null also if the reader has closed its end. */
export async function writeOut(stream: TextOutput, text: string): Promise<Error | null> {
  if (text === "") return null;
  if (stream.destroyed) return failureOf(stream.errored);
  const { promise, resolve } = Promise.withResolvers<Error | null>();
  const settle = (error?: Error | null): void => resolve(failureOf(error));
  // Node reports a failed write twice: to the callback, then as an event, which ends the process if it has no listener.
  stream.once("error", settle);
  stream.write(text, (error) => {
    if (error === undefined || error === null) stream.off("error", settle);
    settle(error);
  });
  return promise;
}

/** Progress and notices are written without waiting. If the stream fails meanwhile, the process and its work must not end. */
export function ignoreFailures(...streams: readonly TextOutput[]): void {
  for (const stream of streams) stream.on("error", () => {});
}

/** A terminal that does not know its width has 0 columns. Text wrapped to that has one letter per line. */
export function assumeWidth(...streams: readonly Screen[]): void {
  for (const stream of streams) {
    if (stream.isTTY === true && stream.columns === 0) stream.columns = 80;
  }
}

/** `Infinity` if the stream is not a terminal. */
export function widthOf({ isTTY, columns }: Readonly<Screen>): number {
  return isTTY === true ? (columns ?? 80) : Infinity;
}

function failureOf(error: Error | null | undefined): Error | null {
  return error === undefined || error === null || isGone(error) ? null : error;
}

function isGone(error: Error): boolean {
  return "code" in error && typeof error.code === "string" && gone.has(error.code);
}
