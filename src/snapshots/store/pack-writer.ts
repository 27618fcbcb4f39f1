/** @module Collects the frames of new chunks in packs, because thousands of small objects are slow to write, to list and to copy. */
import { release, withRoom } from "./bytes.ts";
import type { Codec } from "./codec.ts";
import type { StoredChunk } from "./manifest.ts";
import type { Store } from "./store.ts";

/** Bytes of a pack. Only a single frame can be larger. */
const PACK = 8_000_000;

/**
 * Writes packs, and numbers them as the manifest does. Each pack ends with `stamp`, the time of the snapshot, so no later snapshot writes
 * the same pack: a prune that found this pack unneeded can delete it, however long it waits before.
 */
export class PackWriter {
  readonly #store: Store;
  readonly #codec: Codec;
  readonly #stamp: Uint8Array;
  readonly #packs: string[] = [];
  readonly #indexes = new Map<string, number>();
  #open: OpenPack | null = null;
  #writing: Promise<void> = Promise.resolve();
  #added = 0;

  constructor(store: Store, codec: Codec, stamp: string) {
    this.#store = store;
    this.#codec = codec;
    this.#stamp = new TextEncoder().encode(stamp);
  }

  /** The names of all packs, once {@link finish} has returned. */
  get packs(): readonly string[] {
    return this.#packs;
  }

  /** The bytes of all frames that were added. */
  get added(): number {
    return this.#added;
  }

  /** The index of a pack that the store has already. */
  indexOf(name: string): number {
    const known = this.#indexes.get(name) ?? this.#packs.push(name) - 1;
    this.#indexes.set(name, known);
    return known;
  }

  /** Adds the frame of a chunk, and frees its memory. If the pack is full, it waits until the pack before it is written, so that memory holds two at most. */
  async add(id: string, bytes: number, frame: Uint8Array): Promise<StoredChunk> {
    if (this.#open !== null && this.#open.end + frame.length > PACK) this.#write();
    const most = PACK + this.#stamp.length;
    this.#open ??= {
      index: this.#packs.push("") - 1,
      // After a full pack, the next one will probably be full too.
      bytes: new Uint8Array(this.#added < PACK ? 0 : most),
      end: 0,
    };
    const open = this.#open;
    const { index: pack, end: at } = open;
    const stored = frame.length;
    open.end += stored;
    open.bytes = withRoom(open.bytes, open.end + this.#stamp.length, most);
    open.bytes.set(frame, at);
    release(frame);
    this.#added += stored;
    if (at === 0) await this.#writing;
    return { id, bytes, pack, at, stored };
  }

  /** Writes the last pack, and returns when all are written. */
  async finish(): Promise<void> {
    this.#write();
    await this.#writing;
  }

  #write(): void {
    const pack = this.#open;
    if (pack === null) return;
    this.#open = null;
    pack.bytes.set(this.#stamp, pack.end);
    const bytes = pack.bytes.subarray(0, pack.end + this.#stamp.length);
    const name = this.#codec.digest(bytes);
    this.#packs[pack.index] = name;
    this.#writing = this.#writing
      .then(async () => this.#store.write("packs", name, bytes))
      .then(() => release(pack.bytes));
    // Whoever waits for the write gets its error. Until then, it must not end the process.
    this.#writing.catch(() => {});
  }
}

/** The pack that is being filled. */
interface OpenPack {
  readonly index: number;
  /** The frames up to `end`. A frame that is copied here needs no memory of its own. */
  bytes: Uint8Array<ArrayBuffer>;
  end: number;
}
