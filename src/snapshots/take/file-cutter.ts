/**
 * Cuts the content of a file into chunks where the content itself says so: a hash of the last 32 bytes has certain bits. So an insert
 * moves only the boundaries near it, and the chunks after it are those of the previous snapshot. This is FastCDC with a gear hash.
 * Readers do not depend on the boundaries, so a later version may choose others.
 * @module
 */

import { withRoom } from "../store/bytes.ts";

/** Bytes of a chunk. The last chunk of a file may be shorter. */
const LEAST = 256_000;
const MOST = 4_000_000;
/** Chunks have about this size, because a boundary is less likely before it, and more likely after it. */
const USUAL = 1 << 20;
/** The upper bits of the hash, which depend on the most bytes. One of about two million hashes fits, or of half a million. */
const BEFORE_USUAL = 0xffff_f800;
const AFTER_USUAL = 0xffff_e000;

/** A random number for each value of a byte. Other numbers would move every boundary. */
const GEAR: Uint32Array = gear();

function gear(): Uint32Array {
  let state = 0x9e37_79b9;
  return Uint32Array.from({ length: 256 }, () => {
    state = (state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return mixed ^ (mixed >>> 14);
  });
}

/** Holds one chunk in memory, however large the file is. */
export class FileCutter {
  readonly #emit: (chunk: Uint8Array) => Promise<void>;
  #open = new Uint8Array(0);
  #length = 0;

  /** `emit` gets the chunks in their order, each as a copy. */
  constructor(emit: (chunk: Uint8Array) => Promise<void>) {
    this.#emit = emit;
  }

  async add(piece: Uint8Array): Promise<void> {
    for (let at = 0; at < piece.length;) {
      const part = piece.subarray(at, at + MOST - this.#length);
      this.#open = withRoom(this.#open, this.#length + part.length, MOST);
      this.#open.set(part, this.#length);
      this.#length += part.length;
      at += part.length;
      if (this.#length === MOST) await this.#cut();
    }
  }

  /** To be called after the last piece. */
  async end(): Promise<void> {
    while (this.#length > 0) await this.#cut();
  }

  async #cut(): Promise<void> {
    const end = boundary(this.#open.subarray(0, this.#length));
    await this.#emit(this.#open.slice(0, end));
    this.#open.copyWithin(0, end, this.#length);
    this.#length -= end;
  }
}

/** The end of the first chunk of the bytes. */
function boundary(bytes: Uint8Array): number {
  let hash = 0;
  for (let at = LEAST; at < bytes.length; at += 1) {
    hash = (hash << 1) + (GEAR[bytes[at] ?? 0] ?? 0);
    if ((hash & (at < USUAL ? BEFORE_USUAL : AFTER_USUAL)) === 0) return at + 1;
  }
  return bytes.length;
}
