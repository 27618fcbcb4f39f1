/** @module A store in memory whose clock a test controls, and what has to be true of it at any time. */
import { createHash } from "node:crypto";
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { digesterOf } from "../../../src/files/snapshot-codec.ts";
import type { Codec } from "../../../src/snapshots/store/codec.ts";
import { readManifest } from "../../../src/snapshots/store/manifests.ts";
import { readProof } from "../../../src/snapshots/verify/proof.ts";
import type { Store } from "../../../src/snapshots/store/store.ts";

/** In this thread, so that a test controls the order of everything. */
export const codec: Codec = {
  appends: false,
  isAppended: () => false,
  digest: (bytes) => createHash("sha256").update(bytes).digest("hex"),
  digester: () => digesterOf(createHash("sha256")),
  compress: async (bytes, dictionary) => zstdCompressSync(bytes, dictionary ? { dictionary } : {}),
  decompress: async (frame, dictionary) =>
    zstdDecompressSync(frame, dictionary ? { dictionary } : {}),
};

/** All processes share a clock, because the argument of safety is about times. */
export class Clock {
  #now = Date.UTC(2026, 0, 1);

  now(): Date {
    return new Date(this.#now);
  }

  pass(ms: number): void {
    this.#now += Math.floor(ms) + 1;
  }
}

/** In memory, so that the clock dates its objects. */
export class MemoryStore implements Store {
  readonly location = "memory";
  readonly folder = null;
  readonly #clock: Clock;
  readonly #objects = new Map<string, { bytes: Uint8Array; writtenAt: string }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async list(folder: string): ReturnType<Store["list"]> {
    return [...this.#objects]
      .filter(([path]) => path.startsWith(`${folder}/`))
      .map(([path, { bytes, writtenAt }]) => ({
        name: path.slice(folder.length + 1),
        bytes: bytes.length,
        writtenAt,
      }));
  }

  async find(folder: string, name: string): ReturnType<Store["find"]> {
    return (await this.list(folder)).find((one) => one.name === name) ?? null;
  }

  async read(folder: string, name: string, part?: { at: number; bytes: number }) {
    const bytes = this.#objects.get(`${folder}/${name}`)?.bytes ?? null;
    return (
      bytes?.slice(part?.at ?? 0, part === undefined ? bytes.length : part.at + part.bytes) ?? null
    );
  }

  async write(folder: string, name: string, bytes: Uint8Array): Promise<void> {
    const path = `${folder}/${name}`;
    const writtenAt = this.#clock.now().toISOString();
    this.#objects.set(path, { bytes: bytes.slice(), writtenAt });
  }

  async remove(folder: string, name: string): Promise<void> {
    this.#objects.delete(`${folder}/${name}`);
  }
}

/** The packs of each manifest. Reading them again in every step would take most of the time. */
const packsOf = new Map<string, readonly string[]>();

/** @throws Error if a manifest of the store names a pack that the store does not have */
export async function requireWhole(store: Store): Promise<void> {
  const packs = new Set((await store.list("packs")).map(({ name }) => name));
  for (const { name } of await store.list("snapshots")) {
    const named = packsOf.get(name) ?? (await readManifest(store, codec, name)).manifest.packs;
    packsOf.set(name, named);
    const lost = named.filter((pack) => !packs.has(pack));
    if (lost.length > 0) throw new Error(`${name} has lost ${lost.join()}`);
  }
}

/** The snapshot of each proof. */
const provenBy = new Map<string, string>();

/** True if the store has a snapshot with a proof. */
export async function hasProven(store: Store): Promise<boolean> {
  const snapshots = new Set((await store.list("snapshots")).map(({ name }) => name));
  for (const object of await store.list("proofs")) {
    const known = provenBy.get(object.name);
    const snapshot = known ?? (await readProof(store, codec, object)).snapshot;
    provenBy.set(object.name, snapshot);
    if (snapshots.has(snapshot)) return true;
  }
  return false;
}
