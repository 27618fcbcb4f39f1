import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import * as fc from "fast-check";
import type { Codec } from "../../src/snapshots/codec.ts";
import { copierOf } from "../../src/snapshots/copy.ts";
import { OpsError } from "../../src/snapshots/errors.ts";
import { readManifest, type Snapshot } from "../../src/snapshots/manifests.ts";
import { previousOf } from "../../src/snapshots/previous.ts";
import { executePrune, planPrune } from "../../src/snapshots/prune.ts";
import type { Store } from "../../src/snapshots/store.ts";
import { takeSnapshot } from "../../src/snapshots/take.ts";

const HOUR = 3_600_000;

/** In this thread, so that a test controls the order of everything. */
const codec: Codec = {
  digest: (bytes) => createHash("sha256").update(bytes).digest("hex"),
  compress: async (bytes, dictionary) => zstdCompressSync(bytes, dictionary ? { dictionary } : {}),
  decompress: async (frame, dictionary) =>
    zstdDecompressSync(frame, dictionary ? { dictionary } : {}),
};

/** All processes share a clock, because the argument of safety is about times. */
class Clock {
  #now = Date.UTC(2026, 0, 1);

  now(): Date {
    return new Date(this.#now);
  }

  pass(ms: number): void {
    this.#now += Math.floor(ms) + 1;
  }
}

/** In memory, so that the clock dates its objects. */
class MemoryStore implements Store {
  readonly place = "memory";
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
    return part === undefined ? bytes : (bytes?.subarray(part.at, part.at + part.bytes) ?? null);
  }

  async write(folder: string, name: string, bytes: Uint8Array): Promise<void> {
    const path = `${folder}/${name}`;
    const writtenAt = this.#clock.now().toISOString();
    this.#objects.set(path, { bytes, writtenAt });
  }

  async remove(folder: string, name: string): Promise<void> {
    this.#objects.delete(`${folder}/${name}`);
  }
}

/**
 * The store as one process sees it: before each call, it waits for its turn. Two calls are made at once. A manifest is written at once: a
 * take that is suspended for twelve hours between its last look at the clock and this call is the case that the times do not cover. With
 * copies, a pack is removed at once: a prune that is suspended between its last look at the pack and this call is that case.
 */
function inTurns(store: Store, turn: () => Promise<void>, { copies }: Model): Store {
  return {
    place: store.place,
    folder: store.folder,
    list: async (folder) => turn().then(async () => store.list(folder)),
    find: async (folder, name) => turn().then(async () => store.find(folder, name)),
    read: async (folder, name, part) => turn().then(async () => store.read(folder, name, part)),
    async write(folder, name, bytes) {
      if (folder === "packs") await turn();
      await store.write(folder, name, bytes);
      if (folder === "packs") await turn();
    },
    async remove(folder, name) {
      if (!copies || folder !== "packs") await turn();
      await store.remove(folder, name);
    },
  };
}

interface Model {
  /** There is another store, which takes write to and copies read from. */
  readonly copies: boolean;
}

interface Process {
  readonly ended: boolean;
  /** Makes one call of the store, and returns when the process waits again. */
  step(): Promise<void>;
}

async function start(
  store: Store,
  model: Model,
  run: (store: Store) => Promise<void>,
): Promise<Process> {
  const waiting: (() => void)[] = [];
  let ended = false;
  let failure: unknown = null;
  const turn = async (): Promise<void> => new Promise((resolve) => waiting.push(resolve));
  const check = async (): Promise<void> => {
    // Nothing else in this test takes longer than the promises that are settled before.
    await setImmediate();
    if (failure !== null) throw failure;
  };
  run(inTurns(store, turn, model)).then(
    () => (ended = true),
    (error: unknown) => (failure = error),
  );
  await check();
  return {
    get ended() {
      return ended;
    },
    async step() {
      waiting.shift()?.();
      await check();
    },
  };
}

async function readable(store: Store): Promise<Snapshot[]> {
  const found: Snapshot[] = [];
  for (const { name } of await store.list("snapshots")) {
    try {
      found.push(await readManifest(store, codec, name));
    } catch (error) {
      // A prune has deleted it since the list.
      if (!(error instanceof OpsError)) throw error;
    }
  }
  return found.toSorted((a, b) => (a.manifest.takenAt < b.manifest.takenAt ? 1 : -1));
}

/** Text that compresses badly, and that is nearly the same as the same text of another version. */
function text(file: number, version: number): Uint8Array {
  let state = file + 1;
  const words = Array.from({ length: 300 }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return state.toString(36);
  });
  return new TextEncoder().encode(`${version} ${words.join(" ")}`);
}

async function take(store: Store, clock: Clock, versions: readonly number[]): Promise<void> {
  const takenAt = clock.now().toISOString();
  const previous = previousOf(await readable(store), null);
  await unlessTooSlow(async () =>
    takeSnapshot({
      store,
      codec,
      database: null,
      files: versions.map((version, file) => {
        const bytes = text(file, version);
        return { path: `f${file}`, mode: 0o644, bytes: bytes.length, read: async () => bytes };
      }),
      previous,
      about: { tool: "d1ops 0.0.0", takenAt, label: null, git: null },
      now: () => clock.now(),
    }),
  );
}

async function unlessTooSlow(action: () => Promise<unknown>): Promise<void> {
  try {
    await action();
  } catch (error) {
    const tooSlow = error instanceof OpsError && error.code === "SNAPSHOT_INCOMPLETE";
    if (!tooSlow) throw error;
  }
}

/** Copies the newest snapshots of the other store. */
async function copy(from: Store, to: Store, clock: Clock, newest: number): Promise<void> {
  const known = await readable(from);
  const copier = copierOf({ from, to, codec, known, now: () => clock.now() });
  for (const { snapshot } of await copier.plan(known.slice(0, newest))) {
    await unlessTooSlow(async () => copier.copy(snapshot));
  }
}

async function prune(store: Store, clock: Clock, last: number): Promise<void> {
  const counts = { last, hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0 };
  const policy = { counts, within: null, labels: [] };
  const plan = await planPrune({ store, codec, policy, isConcerned: () => true, now: clock.now() });
  await executePrune(store, plan);
}

type Job =
  | { readonly kind: "take"; readonly versions: readonly number[] }
  | { readonly kind: "prune"; readonly last: number }
  | { readonly kind: "copy"; readonly newest: number };

const aTake = fc.record({
  kind: fc.constant("take" as const),
  versions: fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 2, maxLength: 2 }),
});
const aPrune = fc.record({
  kind: fc.constant("prune" as const),
  last: fc.integer({ min: 1, max: 2 }),
});
const aCopy = fc.record({
  kind: fc.constant("copy" as const),
  newest: fc.integer({ min: 1, max: 3 }),
});

/** Which process runs next, how much time passes, and whether the process is killed. */
const turn = fc.record({
  who: fc.nat(5),
  ms: fc.oneof(
    { weight: 30, arbitrary: fc.nat(60_000) },
    { weight: 2, arbitrary: fc.nat(6 * HOUR) },
    { weight: 1, arbitrary: fc.nat(40 * HOUR) },
  ),
  isKilled: fc.oneof(
    { weight: 29, arbitrary: fc.constant(false) },
    { weight: 1, arbitrary: fc.constant(true) },
  ),
});

/** The packs of each manifest. Reading them again in every step would take most of the time. */
const packsOf = new Map<string, readonly string[]>();

/** @throws Error if a manifest of the store names a pack that the store does not have */
async function requireWhole(store: Store): Promise<void> {
  const packs = new Set((await store.list("packs")).map(({ name }) => name));
  for (const { name } of await store.list("snapshots")) {
    const named = packsOf.get(name) ?? (await readManifest(store, codec, name)).manifest.packs;
    packsOf.set(name, named);
    const lost = named.filter((pack) => !packs.has(pack));
    if (lost.length > 0) throw new Error(`${name} has lost ${lost.join()}`);
  }
}

/** Plays as many random histories, and looks at the store after every call of every process. */
export async function playRaces(numRuns: number, model: Model): Promise<void> {
  const job: fc.Arbitrary<Job> = fc.oneof(aTake, aPrune, ...(model.copies ? [aCopy] : []));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(job, { minLength: 1, maxLength: 5 }), { minLength: 2, maxLength: 5 }),
      fc.array(turn, { minLength: 100, maxLength: 300 }),
      async (scripts, turns) => {
        const clock = new Clock();
        const store = new MemoryStore(clock);
        const other = new MemoryStore(clock);
        let processes = await Promise.all(
          scripts.map(async (jobs) =>
            start(store, model, async (own) => runAll({ own, other, clock }, jobs)),
          ),
        );
        for (const { who, ms, isKilled } of turns) {
          processes = processes.filter(({ ended }) => !ended);
          const chosen = processes[who % processes.length];
          if (chosen === undefined) break;
          clock.pass(ms);
          if (isKilled) processes = processes.filter((one) => one !== chosen);
          else await chosen.step();
          await requireWhole(store);
        }
      },
    ),
    { numRuns },
  );
}

interface Stores {
  readonly own: Store;
  readonly other: Store;
  readonly clock: Clock;
}

async function runAll({ own, other, clock }: Stores, jobs: readonly Job[]): Promise<void> {
  for (const one of jobs) {
    if (one.kind === "prune") await prune(own, clock, one.last);
    else if (one.kind === "copy") await copy(other, own, clock, one.newest);
    else {
      await take(own, clock, one.versions);
      await take(other, clock, one.versions);
    }
  }
}
