/** @module Stores the chunks of a new snapshot, and only those that the store does not have. */
import type { Codec } from "./codec.ts";
import { isDamage } from "./errors.ts";
import type { Chunk, Manifest, StoredChunk } from "./manifest.ts";
import type { PackWriter } from "./pack-writer.ts";
import type { ReadChunk } from "./read-chunk.ts";

/** The snapshot whose chunks a new one uses again. */
export interface Previous {
  readonly manifest: Manifest;
  readonly read: ReadChunk;
  /** The names of the packs that the store has. */
  readonly present: ReadonlySet<string>;
}

export class ChunkWriter {
  readonly #codec: Codec;
  readonly #packs: PackWriter;
  readonly #previous: Previous | null;
  /** The chunks of the previous snapshot by the id of their content, and those of the new one. They number the packs differently. */
  readonly #old = new Map<string, Chunk>();
  readonly #new = new Map<string, Chunk>();

  constructor(codec: Codec, packs: PackWriter, previous: Previous | null) {
    this.#codec = codec;
    this.#packs = packs;
    this.#previous = previous;
    for (const chunk of chunksOf(previous)) this.#old.set(chunk.id, chunk);
  }

  /**
   * Returns the chunk of this content, and stores it if it is new. `before`: the chunk of the previous snapshot that it probably
   * replaces.
   */
  async store(content: Uint8Array, before: Chunk | null): Promise<Chunk> {
    const id = this.#codec.digest(content);
    const known = this.#new.get(id);
    if (known !== undefined) return known;
    const chunk =
      this.#again(this.#old.get(id)) ??
      (await this.#asDelta(id, content, before)) ??
      (await this.#asWhole(id, content));
    this.#new.set(id, chunk);
    return chunk;
  }

  /** The same chunk in the new numbers. Null if the store has lost it. */
  #again(old: Chunk | undefined): Chunk | null {
    if (old === undefined) return null;
    const chunk = this.#renumbered(old);
    if (chunk === null || old.base === null) return chunk && { ...chunk, base: null };
    const base = this.#renumbered(old.base);
    return base && { ...chunk, base };
  }

  #renumbered({ id, bytes, pack, at, stored }: StoredChunk): StoredChunk | null {
    const name = this.#previous?.manifest.packs[pack];
    if (name === undefined || this.#previous?.present.has(name) !== true) return null;
    return { id, bytes, pack: this.#packs.indexOf(name), at, stored };
  }

  /** Null if there is no older chunk, or if the difference from it needs more than half as much as that chunk did. */
  async #asDelta(id: string, content: Uint8Array, before: Chunk | null): Promise<Chunk | null> {
    if (before === null || this.#previous === null) return null;
    // Never the difference from a difference: each chunk needs one other chunk at most.
    const whole = before.base ?? before;
    const dictionary = await orNull(this.#previous.read({ ...whole, base: null }));
    if (dictionary === null) return null;
    const frame = this.#codec.compress(content, dictionary);
    const base = frame.length * 2 > whole.stored ? null : this.#renumbered(whole);
    return base && { ...(await this.#packs.add(id, content.length, frame)), base };
  }

  async #asWhole(id: string, content: Uint8Array): Promise<Chunk> {
    const frame = this.#codec.compress(content, null);
    return { ...(await this.#packs.add(id, content.length, frame)), base: null };
  }
}

/** A damaged chunk serves no other. `snapshot verify` reports it. */
async function orNull(reading: Promise<Uint8Array>): Promise<Uint8Array | null> {
  try {
    return await reading;
  } catch (error) {
    if (isDamage(error)) return null;
    throw error;
  }
}

function chunksOf(previous: Previous | null): Chunk[] {
  const tables = previous?.manifest.database?.tables ?? [];
  const files = previous?.manifest.files ?? [];
  return [...tables, ...files].flatMap(({ chunks }): readonly Chunk[] => chunks);
}
