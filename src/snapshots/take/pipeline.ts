/** @module Keeps a few acts running at the same time: a database is read while other threads compress. */

/** Bytes of the contents that wait, so that memory does not grow with them. Other threads need enough of them while a database is read. */
const BYTES = 2_000_000;

/** Passes the results on in the order in which their acts began. */
export class Pipeline<T> {
  readonly #running: { readonly bytes: number; readonly result: Promise<T> }[] = [];
  readonly #receive: (result: T) => Promise<void> | void;
  #bytes = 0;

  constructor(receive: (result: T) => Promise<void> | void) {
    this.#receive = receive;
  }

  /** Returns when there is room for another act. `bytes`: what this one holds in memory. @throws the error of an earlier act */
  async add(bytes: number, result: Promise<T>): Promise<void> {
    // Its error is thrown when its turn comes. Until then, it must not end the process.
    result.catch(() => {});
    this.#running.push({ bytes, result });
    this.#bytes += bytes;
    while (this.#bytes > BYTES) await this.#takeFirst();
  }

  /** Waits for all acts. @throws the error of the first that failed */
  async finish(): Promise<void> {
    while (this.#running.length > 0) await this.#takeFirst();
  }

  async #takeFirst(): Promise<void> {
    const first = this.#running.shift();
    if (first === undefined) return;
    await this.#receive(await first.result);
    this.#bytes -= first.bytes;
  }
}
