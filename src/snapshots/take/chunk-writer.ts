/** @module Stores the chunks of a new snapshot, and only those that the store does not have. */
import { release } from "../store/bytes.ts";
import type { Codec } from "../store/codec.ts";
import { nullIfDamaged } from "../errors.ts";
import type { Chunk, Manifest, StoredChunk } from "../store/manifest.ts";
import type { PackWriter } from "../store/pack-writer.ts";
import type { ReadChunk } from "../rows/read-chunk.ts";

/** The snapshot whose chunks a new one uses again. */
export interface Previous {
  readonly manifest: Manifest;
  readonly read: ReadChunk;
  /** The names of its packs whose bytes are proven. */
  readonly intact: ReadonlySet<string>;
}

/** A chunk that the store has, or the frame of a new one. */
export type Prepared =
  | { readonly kind: "again"; readonly id: string; readonly chunk: Chunk }
  | { readonly kind: "same"; readonly id: string }
  | {
      readonly kind: "new";
      readonly id: string;
      readonly bytes: number;
      readonly frame: Uint8Array;
      /** In the numbers of the previous snapshot. */
      readonly base: StoredChunk | null;
    };

/** Compresses chunks at the same time, and stores them in their order, so that equal contents give equal packs. */
export class ChunkWriter {
  readonly #codec: Codec;
  readonly #packs: PackWriter;
  readonly #previous: Previous | null;
  /** The chunks of the previous snapshot by the id of their content, and those of the new one. They number the packs differently. */
  readonly #old = new Map<string, Chunk>();
  readonly #new = new Map<string, Chunk | null>();

  constructor(codec: Codec, packs: PackWriter, previous: Previous | null) {
    this.#codec = codec;
    this.#packs = packs;
    this.#previous = previous;
    for (const chunk of chunksOf(previous)) {
      if (this.#isIntact(chunk)) this.#old.set(chunk.id, chunk);
    }
  }

  /** `before`: the chunk of the previous snapshot that the new one probably replaces. */
  async prepare(content: Uint8Array, before: Chunk | null): Promise<Prepared> {
    const id = this.#codec.digest(content);
    if (this.#new.has(id)) return { kind: "same", id };
    this.#new.set(id, null);
    const chunk = this.#old.get(id);
    if (chunk !== undefined) return { kind: "again", id, chunk };
    const bytes = content.length;
    const delta = await this.#asDelta(content, before);
    if (delta !== null) return { kind: "new", id, bytes, ...delta };
    return { kind: "new", id, bytes, frame: await this.#codec.compress(content, null), base: null };
  }

  /** To be called for every prepared chunk, in the order of the content. */
  async store(prepared: Prepared): Promise<Chunk> {
    const { id } = prepared;
    const known = this.#new.get(id);
    if (prepared.kind === "same") {
      if (known === null || known === undefined) throw new Error(`chunk ${id} is not stored yet`);
      return known;
    }
    const chunk =
      prepared.kind === "again"
        ? this.#renumbered(prepared.chunk, prepared.chunk.base)
        : await this.#add(prepared);
    this.#new.set(id, chunk);
    return chunk;
  }

  async #add({ id, bytes, frame, base }: Extract<Prepared, { kind: "new" }>): Promise<Chunk> {
    return this.#withBase(await this.#packs.add(id, bytes, frame), base);
  }

  /** Null if there is no older chunk, or if the difference from it needs more than half as much as that chunk did. */
  async #asDelta(
    content: Uint8Array,
    before: Chunk | null,
  ): Promise<{ frame: Uint8Array; base: StoredChunk } | null> {
    if (before === null || this.#previous === null || !this.#isIntact(before)) return null;
    // Never the difference from a difference: each chunk needs one other chunk at most.
    const base = before.base ?? before;
    // A damaged chunk serves no other. `snapshot verify` reports it.
    const dictionary = await this.#previous.read({ ...base, base: null }).catch(nullIfDamaged);
    if (dictionary === null) return null;
    const frame = await this.#codec.compress(content, dictionary);
    release(dictionary);
    return frame.length * 2 > base.stored ? null : { frame, base };
  }

  #isIntact({ pack, base }: Chunk): boolean {
    const has = (index: number): boolean =>
      this.#previous?.intact.has(this.#nameOf(index)) === true;
    return has(pack) && (base === null || has(base.pack));
  }

  #nameOf(pack: number): string {
    return this.#previous?.manifest.packs[pack] ?? "";
  }

  #renumbered(chunk: StoredChunk, base: StoredChunk | null): Chunk {
    return this.#withBase(this.#inNewNumbers(chunk), base);
  }

  #withBase(chunk: StoredChunk, base: StoredChunk | null): Chunk {
    return { ...chunk, base: base && this.#inNewNumbers(base) };
  }

  #inNewNumbers({ id, bytes, pack, at, stored }: StoredChunk): StoredChunk {
    return { id, bytes, pack: this.#packs.indexOf(this.#nameOf(pack)), at, stored };
  }
}

function chunksOf(previous: Previous | null): Chunk[] {
  const tables = previous?.manifest.database?.tables ?? [];
  const files = previous?.manifest.files ?? [];
  return [...tables, ...files].flatMap(({ chunks }): readonly Chunk[] => chunks);
}
