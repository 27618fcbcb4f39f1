import { setImmediate } from "node:timers/promises";
import * as fc from "fast-check";
import { copierOf } from "../../../src/snapshots/store/copy.ts";
import { OpsError } from "../../../src/snapshots/errors.ts";
import { readManifest, type Snapshot } from "../../../src/snapshots/store/manifests.ts";
import { previousOf } from "../../../src/snapshots/take/previous.ts";
import { proofOf, writeProof } from "../../../src/snapshots/verify/proof.ts";
import { executePrune } from "../../../src/snapshots/prune/prune.ts";
import { planPrune } from "../../../src/snapshots/prune/prune-plan.ts";
import type { Store } from "../../../src/snapshots/store/store.ts";
import { takeSnapshot } from "../../../src/snapshots/take/take.ts";
import { Clock, codec, hasProven, MemoryStore, requireWhole } from "./race-store.ts";
import { whole } from "../whole-file.ts";

const HOUR = 3_600_000;

/**
 * The store as one process sees it: before each call, it waits for its turn. Two calls are made at once. A manifest is written at once: a
 * take that is suspended for twelve hours between its last look at the clock and this call is the case that the times do not cover. A prune
 * removes a manifest at once for the same reason. With
 * copies, a pack is removed at once: a prune that is suspended between its last look at the pack and this call is that case.
 */
function inTurns(store: Store, turn: () => Promise<void>, { copies }: Model): Store {
  return {
    location: store.location,
    folder: store.folder,
    list: async (folder) => turn().then(async () => store.list(folder)),
    find: async (folder, name) => turn().then(async () => store.find(folder, name)),
    read: async (folder, name, part) => turn().then(async () => store.read(folder, name, part)),
    async write(folder, name, bytes) {
      if (folder !== "snapshots") await turn();
      await store.write(folder, name, bytes);
      if (folder === "packs") await turn();
    },
    async remove(folder, name) {
      if (folder !== "snapshots" && (!copies || folder !== "packs")) await turn();
      await store.remove(folder, name);
      if (folder === "snapshots") await turn();
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
        return { path: `f${file}`, mode: 0o644, bytes: bytes.length, read: whole(bytes) };
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
    const tooSlow = ["NOT_CONFIRMED", "SNAPSHOT_INCOMPLETE"];
    if (!(error instanceof OpsError) || !tooSlow.includes(error.code)) throw error;
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
  await unlessTooSlow(async () => executePrune({ store, codec }, plan, () => clock.now()));
}

/** Proves one of the snapshots: the newest for 0. */
async function verify(store: Store, clock: Clock, at: number): Promise<void> {
  const found = await readable(store);
  const snapshot = found[at % found.length];
  if (snapshot === undefined) return;
  const about = {
    tool: "d1ops 0.0.0",
    how: "verify",
    provenAt: clock.now().toISOString(),
  } as const;
  await writeProof(store, codec, proofOf(snapshot, about));
}

type Job =
  | { readonly kind: "take"; readonly versions: readonly number[] }
  | { readonly kind: "verify"; readonly at: number }
  | { readonly kind: "prune"; readonly last: number }
  | { readonly kind: "copy"; readonly newest: number };

const aTake = fc.record({
  kind: fc.constant("take" as const),
  versions: fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 2, maxLength: 2 }),
});
const aVerify = fc.record({ kind: fc.constant("verify" as const), at: fc.nat(2) });
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

/** Plays as many random histories, and looks at the store after every call of every process. */
export async function playRaces(numRuns: number, model: Model): Promise<void> {
  const job: fc.Arbitrary<Job> = fc.oneof(aTake, aVerify, aPrune, ...(model.copies ? [aCopy] : []));
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
        let wasProven = false;
        for (const { who, ms, isKilled } of turns) {
          processes = processes.filter(({ ended }) => !ended);
          const chosen = processes[who % processes.length];
          if (chosen === undefined) break;
          clock.pass(ms);
          if (isKilled) processes = processes.filter((one) => one !== chosen);
          else await chosen.step();
          await requireWhole(store);
          const isProven = await hasProven(store);
          if (wasProven && !isProven) throw new Error("the last proven snapshot was deleted");
          wasProven = isProven;
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
    else if (one.kind === "verify") await verify(own, clock, one.at);
    else if (one.kind === "copy") await copy(other, own, clock, one.newest);
    else {
      await take(own, clock, one.versions);
      await take(other, clock, one.versions);
    }
  }
}
