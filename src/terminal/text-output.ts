/** @module stdout and stderr. Node's streams take 5 ms to load, so a file or a pipe is written without them. */
import { fstatSync, writeSync } from "node:fs";

/** What the command line needs of a stream. A `Writable` has it. */
export interface TextOutput {
  readonly isTTY?: boolean;
  columns?: number;
  /** The file descriptor, if the stream has one. */
  readonly fd?: number;
  readonly destroyed: boolean;
  readonly errored: Error | null;
  write(text: string | Uint8Array, done?: (error?: Error | null) => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  once(event: "error", listener: (error: Error) => void): unknown;
  off(event: "error", listener: (error: Error) => void): unknown;
}

/** Writes to the descriptor if it is a file or a pipe, else to node's `stream` for it. */
export function outputTo(fd: number, stream: () => TextOutput): TextOutput {
  return isFileOrPipe(fd) ? new DescriptorOutput(fd, stream) : stream();
}

function isFileOrPipe(fd: number): boolean {
  try {
    const found = fstatSync(fd);
    return found.isFile() || found.isFIFO() || found.isSocket();
  } catch {
    return false;
  }
}

/** Like node's stream for a file or pipe, it writes at once. It passes each failure to `done`, and emits no event. */
class DescriptorOutput implements TextOutput {
  readonly isTTY = false;
  readonly destroyed = false;
  readonly errored = null;
  readonly fd: number;
  readonly #stream: () => TextOutput;
  #busy: TextOutput | null = null;

  constructor(fd: number, stream: () => TextOutput) {
    this.fd = fd;
    this.#stream = stream;
  }

  write(text: string | Uint8Array, done: (error?: Error | null) => void = () => {}): void {
    if (this.#busy !== null) return void this.#busy.write(text, done);
    const bytes = Buffer.from(text);
    let at = 0;
    try {
      while (at < bytes.length) at += writeSync(this.fd, bytes, at);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      if (!("code" in error) || error.code !== "EAGAIN") return done(error);
      // The pipe is full, and another process made it non-blocking. Node's stream waits for room.
      this.#busy = this.#stream();
      this.#busy.on("error", () => {});
      return void this.#busy.write(bytes.subarray(at), done);
    }
    done(null);
  }

  on(): this {
    return this;
  }

  once(): this {
    return this;
  }

  off(): this {
    return this;
  }
}
