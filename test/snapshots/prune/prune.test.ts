import { utimesSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { snapshotCodec as codec } from "../../../src/files/snapshot-codec.ts";
import { readCatalog } from "../../../src/snapshots/store/catalog.ts";
import {
  readManifest,
  type Snapshot,
  writeManifest,
} from "../../../src/snapshots/store/manifests.ts";
import { executePrune } from "../../../src/snapshots/prune/prune.ts";
import { planPrune, type PrunePlan } from "../../../src/snapshots/prune/prune-plan.ts";
import type { Policy } from "../../../src/snapshots/prune/retention.ts";
import type { Store } from "../../../src/snapshots/store/store.ts";
import { verifySnapshot } from "../../../src/snapshots/verify/verify.ts";
import { numbered, storeFolder, take } from "../store-folder.ts";

const NONE = { last: 0, hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0 };

function last(number: number): Policy {
  return { counts: { ...NONE, last: number }, within: null, labels: [] };
}

const HOUR = 3_600_000;

/** As if everything in the store had been written `hours` ago. */
function age({ location }: Store, objects: readonly string[], hours: number): void {
  const at = new Date(Date.now() - hours * HOUR);
  for (const object of objects) utimesSync(join(location, object), at, at);
}

async function plan(
  store: Store,
  policy: Policy,
  isConcerned: (snapshot: Snapshot) => boolean = () => true,
): Promise<PrunePlan> {
  return planPrune({ store, codec, policy, isConcerned, now: new Date() });
}

/** The ids, with the reasons of those that are kept. */
function verdictsOf({ groups }: PrunePlan): (readonly [string, readonly string[]])[] {
  return groups.flatMap(({ verdicts }) =>
    verdicts.map(({ snapshot, reasons }) => [snapshot.id, reasons] as const),
  );
}

async function listSnapshots(store: Store): Promise<readonly Snapshot[]> {
  const { snapshots, unreadable } = await readCatalog(store, codec);
  expect(unreadable).toEqual([]);
  return snapshots;
}

/** Every snapshot of the store can be read in full. */
async function expectWhole(store: Store): Promise<void> {
  for (const { manifest } of await listSnapshots(store)) {
    expect(await verifySnapshot({ store, codec, manifest })).toEqual([]);
  }
}

/** Three snapshots of a database: the second and the third need packs of the ones before, and a fourth shares nothing. */
async function history(folder: ReturnType<typeof storeFolder>) {
  const { store, objects } = folder;
  const d1 = await numbered(2000);
  const first = await take(store, { d1 });
  await d1.prepare("UPDATE t SET v = 'new' WHERE id = 7").run();
  const second = await take(store, { d1, previous: first });
  await d1.prepare("UPDATE t SET v = 'new' WHERE id = 1500").run();
  const third = await take(store, { d1, previous: second });
  age(store, objects(), 48);
  return { d1, first, second, third };
}

describe("pruning", () => {
  test("deletes the snapshots that the policy does not keep, and only packs that no other one needs", async () => {
    const folder = storeFolder();
    const { store, objects } = folder;
    const { first, second, third } = await history(folder);
    const found = await plan(store, last(1));
    expect(verdictsOf(found)).toEqual([
      [third.id, ["last snapshot"]],
      [second.id, []],
      [first.id, []],
    ]);
    expect(found.groups.map(({ name }) => name)).toEqual(["example (local)"]);
    // The third snapshot needs the pack of the second for a changed range, and that of the first as a dictionary.
    expect(third.manifest.packs).toHaveLength(3);
    expect(found.packs).toEqual([]);
    await executePrune({ store, codec }, found, () => new Date());
    const packs = third.manifest.packs.map((name) => `packs/${name}`);
    expect(objects()).toEqual([...packs, `snapshots/${third.id}`].toSorted());
    await expectWhole(store);
  });

  test("deletes the packs of the deleted snapshots, and reports their bytes", async () => {
    const { store, objects, read } = storeFolder();
    const old = await take(store, { files: { "a.txt": "old" } });
    const kept = await take(store, { files: { "a.txt": "new" } });
    age(store, objects(), 48);
    const found = await plan(store, last(1));
    const pack = `packs/${old.manifest.packs[0]}`;
    expect(found.packs).toMatchObject([{ bytes: read(pack).length }]);
    const done: string[] = [];
    await executePrune(
      { store, codec },
      found,
      () => new Date(),
      (number, total) => done.push(`${number}/${total}`),
    );
    expect(done).toEqual(["1/2", "2/2"]);
    expect(objects()).toEqual([`packs/${kept.manifest.packs[0]}`, `snapshots/${kept.id}`]);
  });

  test("keeps what a running take may use: the snapshots of the last day, and the newest one before", async () => {
    const { store, objects } = storeFolder();
    const takes = [];
    for (const text of ["1", "2", "3", "4"]) {
      takes.push(await take(store, { files: { "a.txt": text } }));
    }
    const [first, second, third, fourth] = takes.map(({ id }) => id);
    age(store, objects(), 48);
    age(store, [`snapshots/${third}`, `snapshots/${fourth}`], 23);
    expect(verdictsOf(await plan(store, last(1)))).toEqual([
      [fourth, ["last snapshot"]],
      [third, ["a running take may use it"]],
      [second, ["a running take may use it"]],
      [first, []],
    ]);
  });

  test("deletes a pack that no snapshot names only if it is older than a day", async () => {
    const { store, objects } = storeFolder();
    const kept = await take(store, { files: { a: "a" } });
    await store.write("packs", "0".repeat(64), new Uint8Array(3));
    await store.write("packs", "1".repeat(64), new Uint8Array(5));
    age(store, [`packs/${"0".repeat(64)}`], 25);
    age(store, [`packs/${"1".repeat(64)}`], 23);
    const found = await plan(store, last(1));
    expect(found.packs.map(({ bytes }) => bytes)).toEqual([3]);
    expect(found.waiting.map(({ bytes }) => bytes)).toEqual([5]);
    await executePrune({ store, codec }, found, () => new Date());
    expect(objects()).toEqual(
      [
        `packs/${"1".repeat(64)}`,
        `packs/${kept.manifest.packs[0]}`,
        `snapshots/${kept.id}`,
      ].toSorted(),
    );
  });

  test("applies the policy to each database, and to other patterns of files, on its own", async () => {
    const { store, objects } = storeFolder();
    const d1 = await numbered(10);
    const config = { files: { "config/a": "1" }, globs: ["config/**", "*.txt"] };
    const snapshots = [
      await take(store, config),
      await take(store, { files: { "docs/a": "1" }, globs: ["docs/**"] }),
      await take(store, { d1, ...config }),
      await take(store, { d1 }),
      await take(store, { d1 }),
      await take(store, { ...config, globs: ["*.txt", "config/**"] }),
    ];
    const [newest] = snapshots.toReversed();
    if (newest?.manifest === undefined) throw new Error("no snapshot");
    const source = { place: "remote", database: "example", id: "0-1", env: "staging" } as const;
    const [, , other] = snapshots;
    const database = other?.manifest.database && { ...other.manifest.database, source };
    if (database === null || database === undefined) throw new Error("no database");
    await writeManifest(store, codec, { ...newest.manifest, database, files: [], globs: [] });
    age(store, objects(), 48);
    const found = await plan(store, last(1));
    expect(
      found.groups.map(({ name, verdicts }) => `${name}: ${verdicts.length}`).toSorted(),
    ).toEqual([
      "example (local) with the files *.txt, config/**: 1",
      "example (local): 2",
      "example (remote, staging): 1",
      "the files *.txt, config/**: 2",
      "the files docs/**: 1",
    ]);
    expect(found.manifests).toHaveLength(2);
  });

  test("keeps the snapshots that it is not about, and their packs", async () => {
    const { store, objects } = storeFolder();
    const files = await take(store, { files: { a: "1" } });
    await take(store, { files: { a: "2" } });
    const d1 = await numbered(10);
    const old = await take(store, { d1 });
    await take(store, { d1 });
    age(store, objects(), 48);
    const found = await plan(store, last(1), ({ manifest }) => manifest.database !== null);
    expect(found.manifests.map(({ name }) => name)).toEqual([old.id]);
    expect(found.packs.map(({ name }) => name)).toEqual(old.manifest.packs);
    expect(found.packs.map(({ name }) => name)).not.toEqual(files.manifest.packs);
  });

  test("never deletes the newest snapshot, also if only labels decide", async () => {
    const { store, objects } = storeFolder();
    const first = await take(store, { files: { a: "1" } });
    const labelled = { ...first.manifest, label: "release" };
    const id = await writeManifest(store, codec, labelled);
    const newest = await take(store, { files: { a: "2" } });
    age(store, objects(), 48);
    const labels: Policy = { counts: NONE, within: null, labels: ["release"] };
    expect(new Map(verdictsOf(await plan(store, labels)))).toEqual(
      new Map<string, readonly string[]>([
        [newest.id, ["newest snapshot"]],
        [id, ['has the label "release"']],
        [first.id, []],
      ]),
    );
  });

  test("refuses a policy without rules, and one that keeps nothing of a database", async () => {
    const { store } = storeFolder();
    await take(store, { files: { "docs/a": "1" }, globs: ["docs/*"] });
    await expect(plan(store, last(0))).rejects.toMatchObject({
      code: "USAGE",
      message: "No rule says which snapshots to keep. Nothing was deleted.",
    });
    const mistyped: Policy = { counts: NONE, within: null, labels: ["relase"] };
    await expect(plan(store, mistyped)).rejects.toMatchObject({
      code: "USAGE",
      message: "These rules keep no snapshot of the files docs/*. Nothing was deleted.",
    });
  });

  test("deletes nothing while a manifest is damaged or of a newer format, because it may need any pack", async () => {
    const { store, objects, read, write, remove } = storeFolder();
    const old = await take(store, { files: { a: "1" } });
    await take(store, { files: { a: "2" } });
    age(store, objects(), 48);
    const object = `snapshots/${old.id}`;
    const whole = read(object);
    write(object, whole.subarray(1));
    await expect(plan(store, last(1))).rejects.toMatchObject({
      code: "SNAPSHOT_DAMAGED",
      details: { object },
      message: expect.stringContaining("Nothing was deleted, because this snapshot may need any"),
      hint: expect.stringContaining(`Copy ${object} from another copy`),
    });
    remove(object);
    const newer = await codec.compress(new TextEncoder().encode('{"format":2}'), null);
    await store.write("snapshots", codec.digest(newer), newer);
    await expect(plan(store, last(1))).rejects.toMatchObject({
      code: "SNAPSHOT_FORMAT",
      message: expect.stringContaining("Nothing was deleted"),
      hint: expect.stringContaining("Install a newer version"),
    });
  });

  test("lists the store again if another prune deletes a manifest meanwhile, because a new one may need its packs", async () => {
    const folder = storeFolder();
    const { store, objects } = folder;
    const { d1, third } = await history(folder);
    let isFirst = true;
    const slow: Store = {
      ...store,
      async read(...object) {
        if (isFirst) {
          isFirst = false;
          await take(store, { d1, previous: third });
          for (const { name } of await store.list("packs")) age(store, [`packs/${name}`], 48);
          for (const { name } of await store.list("snapshots")) {
            const { manifest } = await readManifest(store, codec, name);
            if (manifest.takenAt <= third.manifest.takenAt) await store.remove("snapshots", name);
          }
        }
        return store.read(...object);
      },
    };
    const found = await plan(slow, last(1));
    expect(found.groups.flatMap(({ verdicts }) => verdicts)).toHaveLength(1);
    expect(found.packs).toEqual([]);
    await executePrune({ store, codec }, found, () => new Date());
    expect(objects().filter((object) => object.startsWith("packs/"))).toHaveLength(3);
    await expectWhole(store);
  });
});

describe("a prune that is killed or fails at any call of the store", () => {
  /** A store whose call number `at` fails: before it acts, or after. */
  function failing(store: Store, at: number, when: "before" | "after"): Store {
    let calls = 0;
    const call = async <T>(act: () => Promise<T>): Promise<T> => {
      calls += 1;
      if (calls === at && when === "before") throw new Error("killed");
      const result = await act();
      if (calls === at) throw new Error("killed");
      return result;
    };
    return {
      ...store,
      list: async (folder) => call(async () => store.list(folder)),
      read: async (folder, name, part) => call(async () => store.read(folder, name, part)),
      write: async (folder, name, bytes) => call(async () => store.write(folder, name, bytes)),
      remove: async (folder, name) => call(async () => store.remove(folder, name)),
    };
  }

  test.each(["before", "after"] as const)(
    "leaves every snapshot whole, and the next prune completes it: it ends %s the call acts",
    async (when) => {
      let kills = 0;
      for (let at = 1; ; at += 1) {
        const { store, objects } = storeFolder();
        for (const text of ["1", "2", "3", "4"]) {
          await take(store, { files: { "a.txt": text, "b.txt": "the same" } });
        }
        age(store, objects(), 48);
        const [newest] = await listSnapshots(store);
        const killed = await prune(failing(store, at, when)).then(
          () => false,
          () => true,
        );
        await expectWhole(store);
        expect((await listSnapshots(store))[0]?.id).toBe(newest?.id);
        await prune(store);
        await expectWhole(store);
        expect(objects()).toEqual(
          [`packs/${newest?.manifest.packs[0]}`, `snapshots/${newest?.id}`].toSorted(),
        );
        if (!killed) break;
        kills += 1;
      }
      // Three lists, four manifests to read, a list of proofs before each of three to delete, and three packs.
      expect(kills).toBe(3 + 4 + 3 * 2 + 3);
    },
  );

  async function prune(store: Store): Promise<void> {
    await executePrune({ store, codec }, await plan(store, last(1)), () => new Date());
  }
});

describe("a take that is slower than a prune may wait", () => {
  test("writes no manifest after twelve hours, because a prune may have deleted its packs", async () => {
    const { store } = storeFolder();
    const began = Date.UTC(2026, 0, 1);
    const late = async (ms: number): Promise<string> =>
      (await take(store, { files: { a: String(ms) }, takenAt: began, now: began + ms })).id;
    expect(await late(12 * HOUR)).not.toBe("");
    await expect(late(12 * HOUR + 1)).rejects.toMatchObject({
      code: "SNAPSHOT_INCOMPLETE",
      message: expect.stringContaining("the limit is 12 h 0 min"),
    });
    expect(await listSnapshots(store)).toHaveLength(1);
  });
});
