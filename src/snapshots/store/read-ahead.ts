/** @module Reads parts of packs in blocks, because a snapshot has thousands of small parts, and each request takes a round trip. */
import { concatenated } from "./bytes.ts";
import type { Part, Store } from "./store.ts";

/** Bytes of a block. A pack has up to 8 MB, and a chunk mostly a few kB. */
const BLOCK = 1_000_000;

/** Blocks in memory: those that 16 readers at the same time need, with the bases of their chunks. */
const MOST = 40;

/** The store, whose blocks stay in memory while they are used. Parts that begin in the same block share one request. */
export function withReadAhead(store: Store): Store {
  /** The least recently used first. */
  const blocks = new Map<string, Promise<Uint8Array | null>>();

  const block = async (name: string, at: number): Promise<Uint8Array | null> => {
    const key = `${name} ${at}`;
    const read = blocks.get(key) ?? store.read("packs", name, { at, bytes: BLOCK });
    blocks.delete(key);
    blocks.set(key, read);
    for (const oldest of [...blocks.keys()].slice(0, -MOST)) blocks.delete(oldest);
    try {
      return await read;
    } catch (error) {
      blocks.delete(key);
      throw error;
    }
  };

  const readPart = async (name: string, { at, bytes }: Part): Promise<Uint8Array | null> => {
    const first = at - (at % BLOCK);
    const parts: Uint8Array[] = [];
    for (let start = first; start < at + bytes; start += BLOCK) {
      const one = await block(name, start);
      if (one === null) return null;
      parts.push(one);
      if (one.length < BLOCK) break;
    }
    // The caller may free what it gets, and the blocks are for others, too.
    return concatenated(parts).slice(at - first, at - first + bytes);
  };

  return {
    ...store,
    async read(folder, name, part) {
      const isSmall = part !== undefined && part.bytes > 0 && part.bytes <= BLOCK;
      return isSmall && folder === "packs" ? readPart(name, part) : store.read(folder, name, part);
    },
    async write(folder, name, bytes) {
      try {
        await store.write(folder, name, bytes);
      } finally {
        // It may have replaced a damaged pack, also while that was read.
        blocks.clear();
      }
    },
  };
}
