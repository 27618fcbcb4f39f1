/** @module Collects the frames of new chunks in packs, because thousands of small objects are slow to write, to list and to copy. */
import { concatenated } from "./bytes.ts";
import type { Codec } from "./codec.ts";
import type { StoredChunk } from "./manifest.ts";
import type { Store } from "./store.ts";

/** Bytes of a pack. Only a single frame can be larger. */
const PACK = 16_000_000;

/** Writes packs, and numbers them as the manifest does. */
export class PackWriter {
  readonly #store: Store;
  readonly #codec: Codec;
  readonly #packs: string[] = [];
  readonly #indexes = new Map<string, number>();
  #frames: Uint8Array[] = [];
  /** The index of the pack that is being filled. Null if it has no frame. */
  #open: number | null = null;
  #bytes = 0;
  #written = 0;

  constructor(store: Store, codec: Codec) {
    this.#store = store;
    this.#codec = codec;
  }

  /** The names of all packs, once {@link finish} has returned. */
  get packs(): readonly string[] {
    return this.#packs;
  }

  /** The bytes of all frames that were added. */
  get written(): number {
    return this.#written;
  }

  /** The index of a pack that the store has already. */
  indexOf(name: string): number {
    const known = this.#indexes.get(name) ?? this.#packs.push(name) - 1;
    this.#indexes.set(name, known);
    return known;
  }

  /** Adds the frame of a chunk. */
  async add(id: string, bytes: number, frame: Uint8Array): Promise<StoredChunk> {
    if (this.#open !== null && this.#bytes + frame.length > PACK) await this.finish();
    this.#open ??= this.#packs.push("") - 1;
    const chunk = { id, bytes, pack: this.#open, at: this.#bytes, stored: frame.length };
    this.#frames.push(frame);
    this.#bytes += frame.length;
    this.#written += frame.length;
    return chunk;
  }

  /** Writes the pack that is being filled. */
  async finish(): Promise<void> {
    if (this.#open === null) return;
    const bytes = concatenated(this.#frames);
    const name = this.#codec.digest(bytes);
    await this.#store.write("packs", name, bytes);
    this.#packs[this.#open] = name;
    this.#frames = [];
    this.#open = null;
    this.#bytes = 0;
  }
}
