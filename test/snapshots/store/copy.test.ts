import { describe, expect, test } from "vitest";
import { encryptedCodec } from "../../../src/files/encrypted-codec.ts";
import { snapshotCodec } from "../../../src/files/snapshot-codec.ts";
import { type Copier, copierOf } from "../../../src/snapshots/store/copy.ts";
import { readManifest, type Snapshot } from "../../../src/snapshots/store/manifests.ts";
import { executePrune } from "../../../src/snapshots/prune/prune.ts";
import { planPrune } from "../../../src/snapshots/prune/prune-plan.ts";
import type { Store, StoredObject } from "../../../src/snapshots/store/store.ts";
import { verifySnapshot } from "../../../src/snapshots/verify/verify.ts";
import { numbered, storeFolder, take } from "../store-folder.ts";

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 10, 30, 12);

/** The store, whose objects were all written so many hours before {@link NOW}. */
function aged(store: Store, hours: number): Store {
  const writtenAt = new Date(NOW - hours * HOUR).toISOString();
  const dated = (one: StoredObject): StoredObject => ({ ...one, writtenAt });
  return {
    ...store,
    list: async (folder) => (await store.list(folder)).map(dated),
    find: async (folder, name) => {
      const found = await store.find(folder, name);
      return found && dated(found);
    },
  };
}

function copier(
  from: Store,
  to: Store,
  known: readonly Snapshot[],
  now: () => Date = () => new Date(NOW),
): Copier {
  return copierOf({ from, to, codec: snapshotCodec, known, now });
}

/** The store, with the names of the objects that were written to it. */
function recorded(store: Store): { readonly store: Store; readonly written: string[] } {
  const written: string[] = [];
  return {
    written,
    store: {
      ...store,
      async write(folder, name, bytes) {
        written.push(`${folder}/${name}`);
        await store.write(folder, name, bytes);
      },
    },
  };
}

async function damagesOf(store: Store, id: string): Promise<unknown[]> {
  const { manifest } = await readManifest(store, snapshotCodec, id);
  return verifySnapshot({ store, codec: snapshotCodec, manifest });
}

/** Two snapshots. The second shares packs with the first, and has one of its own. */
async function history(): Promise<{
  readonly source: ReturnType<typeof storeFolder>;
  readonly first: Snapshot;
  readonly second: Snapshot;
}> {
  const source = storeFolder();
  const d1 = await numbered(3000);
  const first = await take(source.store, { d1 });
  await d1.prepare("UPDATE t SET v = 'changed' WHERE id = 1500").run();
  const second = await take(source.store, { d1, previous: first });
  return { source, first, second };
}

describe("a copy of a snapshot", () => {
  test("writes its packs and then its manifest, and the target proves it", async () => {
    const { source, second } = await history();
    const target = storeFolder();
    const { store, written } = recorded(target.store);
    const copied = await copier(source.store, store, [second]).copy(second);
    expect(copied).toMatchObject({ kind: "copied", packs: 2 });
    expect(written.map((one) => one.split("/")[0])).toEqual(["packs", "packs", "snapshots"]);
    expect(await damagesOf(target.store, second.id)).toEqual([]);
  });

  test("writes nothing a second time", async () => {
    const { source, first, second } = await history();
    const target = storeFolder();
    const { store, written } = recorded(target.store);
    const { copy, plan } = copier(source.store, store, [first, second]);
    await copy(first);
    expect(await copy(second)).toMatchObject({ kind: "copied", packs: 1 });
    const before = written.length;
    expect(await copy(first)).toEqual({ kind: "there" });
    expect(await copy(second)).toEqual({ kind: "there" });
    expect(written).toHaveLength(before);
    expect(await plan([second, first])).toMatchObject([
      { snapshot: { id: first.id }, isThere: true, packs: [] },
      { snapshot: { id: second.id }, isThere: true, packs: [] },
    ]);
  });

  test("is planned from the oldest on, and counts a shared pack once", async () => {
    const { source, first, second } = await history();
    const plans = await copier(source.store, storeFolder().store, [second, first]).plan([
      second,
      first,
    ]);
    expect(plans.map(({ snapshot }) => snapshot.id)).toEqual([first.id, second.id]);
    expect(plans.map(({ packs }) => packs.length)).toEqual([1, 1]);
  });

  test("writes a pack again that a snapshot of the target has lost, or only its end", async () => {
    const { source, first } = await history();
    const target = storeFolder();
    const { copy } = copier(source.store, target.store, [first]);
    await copy(first);
    const [pack = ""] = first.manifest.packs;
    target.remove(`packs/${pack}`);
    expect(await copy(first)).toMatchObject({ kind: "copied", packs: 1 });
    target.write(`packs/${pack}`, target.read(`packs/${pack}`).subarray(1));
    expect(await copy(first)).toMatchObject({ kind: "copied", packs: 1 });
    expect(await damagesOf(target.store, first.id)).toEqual([]);
  });

  test("reports damage of the source, and writes no manifest", async () => {
    const { source, first } = await history();
    const [pack = ""] = first.manifest.packs;
    const bytes = source.read(`packs/${pack}`);
    bytes[10] = (bytes[10] ?? 0) ^ 1;
    source.write(`packs/${pack}`, bytes);
    const target = storeFolder();
    expect(await copier(source.store, target.store, [first]).copy(first)).toMatchObject({
      kind: "damaged",
      error: { code: "SNAPSHOT_DAMAGED", details: { object: `packs/${pack}` } },
    });
    expect(target.objects()).toEqual([]);
    source.remove(`packs/${pack}`);
    expect(await copier(source.store, target.store, [first]).copy(first)).toMatchObject({
      kind: "damaged",
    });
  });

  test("says so if a prune has deleted the snapshot from the source", async () => {
    const { source, first } = await history();
    source.remove(`snapshots/${first.id}`);
    const target = storeFolder();
    expect(await copier(source.store, target.store, [first]).copy(first)).toEqual({ kind: "gone" });
    expect((await target.store.list("snapshots")).length).toBe(0);
  });

  test("keeps the bytes of an encrypted store, so that its key opens the copy", async () => {
    const codec = encryptedCodec(new Uint8Array(32).fill(7));
    const source = storeFolder();
    const taken = await take(source.store, { d1: await numbered(300), codec });
    const target = storeFolder();
    const now = (): Date => new Date(NOW);
    const known = [taken];
    await copierOf({ from: source.store, to: target.store, codec, known, now }).copy(taken);
    expect(target.objects()).toEqual(source.objects());
    const { manifest } = await readManifest(target.store, codec, taken.id);
    expect(await verifySnapshot({ store: target.store, codec, manifest })).toEqual([]);
  });
});

/** The rules of decision 0059. */
describe("a copy, while a prune of the target may run,", () => {
  test("relies on packs of the newest snapshot there, however old they are", async () => {
    const { source, first, second } = await history();
    const target = storeFolder();
    const { store, written } = recorded(aged(target.store, 1000));
    const { copy } = copier(source.store, store, [first, second]);
    await copy(first);
    expect(await copy(second)).toMatchObject({ kind: "copied", packs: 1 });
    expect(written.filter((one) => one.startsWith("packs/"))).toHaveLength(2);
  });

  test.for([
    [5.9, 0],
    [6.1, 1],
  ] as const)(
    "relies on an unneeded pack that was written %d hours ago, or else writes it again: %d packs",
    async ([hours, packs]) => {
      const { source, first } = await history();
      const target = storeFolder();
      await copier(source.store, target.store, [first]).copy(first);
      target.remove(`snapshots/${first.id}`);
      const { store } = recorded(aged(target.store, hours));
      expect(await copier(source.store, store, [first]).copy(first)).toMatchObject({
        kind: "copied",
        packs,
      });
    },
  );

  test("writes all packs of a snapshot again that has lost one, because a prune may be deleting the others", async () => {
    const { source, first, second } = await history();
    const newest = await take(source.store, { d1: await numbered(10) });
    const target = storeFolder();
    const { copy } = copier(source.store, aged(target.store, 48), [first, second, newest]);
    for (const one of [second, newest]) await copy(one);
    const [shared = "", own = ""] = second.manifest.packs;
    target.remove(`packs/${own}`);
    expect(await copy(second)).toMatchObject({ kind: "copied", packs: 2 });
    target.remove(`packs/${shared}`);
    expect(await copy(second)).toMatchObject({ kind: "copied", packs: 2 });
    expect(await copy(second)).toEqual({ kind: "there" });
  });

  test("writes a pack again that the prune deletes just after it was written", async () => {
    const { source, first } = await history();
    const target = storeFolder();
    const [pack = ""] = first.manifest.packs;
    const store: Store = {
      ...target.store,
      async write(folder, name, bytes) {
        if (folder === "snapshots") target.remove(`packs/${pack}`);
        await target.store.write(folder, name, bytes);
      },
    };
    expect(await copier(source.store, store, [first]).copy(first)).toMatchObject({
      kind: "copied",
    });
    expect(await damagesOf(target.store, first.id)).toEqual([]);
  });

  test("keeps its packs although the prune had planned to delete them before", async () => {
    const { source, first, second } = await history();
    const target = storeFolder();
    const { copy } = copier(source.store, target.store, [first, second]);
    await copy(first);
    await copy(second);
    target.remove(`snapshots/${first.id}`);
    const pack = second.manifest.packs.find((one) => !first.manifest.packs.includes(one));
    target.remove(`snapshots/${second.id}`);
    await take(target.store, { d1: await numbered(10) });
    const policy = {
      counts: { last: 1, hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0 },
      within: null,
      labels: [],
    };
    const plan = await planPrune({
      store: aged(target.store, 48),
      codec: snapshotCodec,
      policy,
      isConcerned: () => true,
      now: new Date(NOW),
    });
    expect(plan.packs.map(({ name }) => name)).toContain(pack);
    await copier(source.store, aged(target.store, 48), [first, second]).copy(second);
    const done = await executePrune(
      { store: target.store, codec: snapshotCodec },
      plan,
      () => new Date(NOW),
    );
    expect(done.packs).toEqual([]);
    expect(done.waiting).toHaveLength(plan.packs.length);
    expect(await damagesOf(target.store, second.id)).toEqual([]);
  });

  test("stores no manifest later than 12 hours after its beginning", async () => {
    const { source, first } = await history();
    const target = storeFolder();
    let hours = 0;
    const slow: Store = {
      ...target.store,
      async write(...object) {
        hours += 12.1;
        await target.store.write(...object);
      },
    };
    const late = copier(source.store, slow, [first], () => new Date(NOW + hours * HOUR));
    await expect(late.copy(first)).rejects.toThrow(
      expect.objectContaining({
        code: "SNAPSHOT_INCOMPLETE",
        message: expect.stringContaining("took 12 h 6 min, and the limit is 12 h 0 min"),
      }),
    );
    expect(await target.store.list("snapshots")).toEqual([]);
  });
});
