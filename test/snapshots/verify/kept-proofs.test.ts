import { utimesSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { snapshotCodec as codec } from "../../../src/files/snapshot-codec.ts";
import type { Snapshot } from "../../../src/snapshots/store/manifests.ts";
import { writeManifest } from "../../../src/snapshots/store/manifests.ts";
import {
  type Proof,
  proofOf,
  readProofs,
  writeProof,
} from "../../../src/snapshots/verify/proof.ts";
import { executePrune } from "../../../src/snapshots/prune/prune.ts";
import { planPrune, type PrunePlan } from "../../../src/snapshots/prune/prune-plan.ts";
import { writeRecord } from "../../../src/snapshots/store/record.ts";
import type { Store } from "../../../src/snapshots/store/store.ts";
import { type StoreFolder, storeFolder, take } from "../store-folder.ts";

const HOUR = 3_600_000;
const COUNTS = { last: 1, hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0 };

function age({ store }: StoreFolder, objects: readonly string[], hours: number): void {
  const at = new Date(Date.now() - hours * HOUR);
  for (const object of objects) utimesSync(join(store.location, object), at, at);
}

/** Proves a snapshot `hours` ago. Returns the object. */
async function prove(
  folder: StoreFolder,
  snapshot: Snapshot,
  hours: number,
  how: Proof["how"] = "verify",
): Promise<string> {
  const before = new Set(folder.objects());
  const provenAt = new Date(Date.now() - hours * HOUR).toISOString();
  await writeProof(folder.store, codec, proofOf(snapshot, { tool: "d1ops 0.0.0", how, provenAt }));
  const object = folder.objects().find((one) => !before.has(one)) ?? "";
  age(folder, [object], hours);
  return object;
}

/** With `--keep-last 1`. */
async function plan(store: Store): Promise<PrunePlan> {
  const policy = { counts: COUNTS, within: null, labels: [] };
  return planPrune({ store, codec, policy, isConcerned: () => true, now: new Date() });
}

function reasonsIn({ groups }: PrunePlan): (readonly string[])[] {
  return groups.flatMap(({ verdicts }) => verdicts.map(({ reasons }) => reasons));
}

/** Snapshots of the same files, oldest first, taken long ago. */
async function old(folder: StoreFolder, number: number): Promise<readonly Snapshot[]> {
  const taken: Snapshot[] = [];
  for (let i = 0; i < number; i += 1) {
    taken.push(await take(folder.store, { files: { a: String(i) } }));
  }
  age(folder, folder.objects(), 72);
  return taken;
}

describe("a prune of proven snapshots", () => {
  test("never deletes the last proven one, and gives this as the reason", async () => {
    const folder = storeFolder();
    const [, first, second] = await old(folder, 5);
    if (first === undefined || second === undefined) throw new Error("no snapshot");
    await prove(folder, second, 48);
    // A later proof of an older snapshot does not make it the last proven one.
    const gone = await prove(folder, first, 30);
    const found = await plan(folder.store);
    expect(reasonsIn(found)).toEqual([["last snapshot"], [], ["last proven snapshot"], [], []]);
    await executePrune({ store: folder.store, codec }, found, () => new Date());
    const left = folder.objects();
    expect(left.filter((object) => object.startsWith("snapshots/"))).toHaveLength(2);
    expect(left).toContain(`snapshots/${second.id}`);
    expect(left).not.toContain(gone);
    expect(left.filter((object) => object.startsWith("proofs/"))).toHaveLength(1);
  });

  test("keeps the one that was the last proven until a day ago, because another prune may have counted on it", async () => {
    const folder = storeFolder();
    const [first, second, third] = await old(folder, 4);
    if (first === undefined || second === undefined || third === undefined) throw new Error("none");
    await prove(folder, first, 60);
    await prove(folder, second, 50);
    await prove(folder, third, 23);
    expect(reasonsIn(await plan(folder.store))).toEqual([
      ["last snapshot"],
      ["last proven snapshot"],
      ["last proven snapshot within the last 24 hours"],
      [],
    ]);
  });

  test("counts no proof of a deleted snapshot, no damaged one and none of a newer format", async () => {
    const folder = storeFolder();
    const [first, second, third] = await old(folder, 4);
    if (first === undefined || second === undefined || third === undefined) throw new Error("none");
    const orphan = await prove(folder, third, 48);
    folder.remove(`snapshots/${third.id}`);
    const damaged = await prove(folder, second, 48);
    folder.write(damaged, new Uint8Array(3));
    const newer = await writeRecord(folder.store, codec, "proofs", { format: 2 });
    await prove(folder, first, 48);
    const found = await plan(folder.store);
    expect(reasonsIn(found)).toEqual([["last snapshot"], [], ["last proven snapshot"]]);
    expect(found.proofs.map(({ name }) => `proofs/${name}`).toSorted()).toEqual(
      [orphan, damaged].toSorted(),
    );
    await executePrune({ store: folder.store, codec }, found, () => new Date());
    expect(folder.objects()).toContain(`proofs/${newer}`);
  });

  test.each<readonly [string, readonly (readonly [Proof["how"], number])[], readonly number[]]>([
    [
      "one that a later one replaced more than a day ago",
      [
        ["verify", 50],
        ["verify", 30],
      ],
      [0],
    ],
    [
      "none that a later one replaced within the day",
      [
        ["verify", 50],
        ["verify", 20],
      ],
      [],
    ],
    [
      "no drill because of a later verification",
      [
        ["drill", 50],
        ["verify", 30],
      ],
      [],
    ],
    [
      "a verification because of a later drill",
      [
        ["verify", 50],
        ["drill", 30],
      ],
      [0],
    ],
  ])("deletes of the proofs of a snapshot that stays %s", async (_what, proofs, deleted) => {
    const folder = storeFolder();
    const [snapshot] = await old(folder, 1);
    if (snapshot === undefined) throw new Error("no snapshot");
    const written: string[] = [];
    for (const [how, hours] of proofs) written.push(await prove(folder, snapshot, hours, how));
    const found = await plan(folder.store);
    expect(found.proofs.map(({ name }) => `proofs/${name}`)).toEqual(
      deleted.map((index) => written[index]),
    );
  });

  test("deletes no snapshot later than twelve hours after its beginning", async () => {
    const folder = storeFolder();
    await old(folder, 2);
    const found = await plan(folder.store);
    const later = new Date(found.plannedAt.getTime() + 12 * HOUR + 1);
    const before = folder.objects();
    await expect(
      executePrune({ store: folder.store, codec }, found, () => later),
    ).rejects.toMatchObject({
      code: "NOT_CONFIRMED",
      message: expect.stringContaining("the limit is 12 h 0 min"),
    });
    expect(folder.objects()).toEqual(before);
  });

  test("keeps the ways back of restores apart: they replace no snapshot that the user took", async () => {
    const folder = storeFolder();
    const [first, second] = await old(folder, 2);
    if (first === undefined || second === undefined) throw new Error("no snapshot");
    for (const [at, id] of [first.id, second.id].entries()) {
      const takenAt = new Date(Date.UTC(2026, 5, 1 + at)).toISOString();
      const manifest = { ...first.manifest, takenAt, wayBackFrom: id };
      await writeManifest(folder.store, codec, manifest);
    }
    age(folder, folder.objects(), 72);
    const found = await plan(folder.store);
    expect(found.groups.map(({ name, verdicts }) => [name, verdicts.length])).toEqual(
      expect.arrayContaining([
        ["the files ", 2],
        ["the files , before a restore", 2],
      ]),
    );
    expect(found.manifests).toHaveLength(2);
    expect(found.manifests.map(({ name }) => name)).toContain(first.id);
    const labels = { counts: { ...COUNTS, last: 0 }, within: null, labels: ["nightly"] };
    await writeManifest(folder.store, codec, { ...second.manifest, label: "nightly" });
    const now = new Date();
    const byLabel = await planPrune({
      store: folder.store,
      codec,
      policy: labels,
      isConcerned: () => true,
      now,
    });
    // No label keeps a way back, and the newest one stays.
    expect(reasonsIn(byLabel).flat()).toContain("newest snapshot");
    expect((await readProofs(folder.store, codec)).proofs).toEqual([]);
  });
});
