import { describe, expect, test } from "vitest";
import { snapshotCodec as codec } from "../../../src/files/snapshot-codec.ts";
import { digestOf } from "../../../src/snapshots/take/content-digest.ts";
import { requireConsistent } from "../../../src/snapshots/verify/contradictions.ts";
import type {
  Manifest,
  SnapshotDatabase,
  SnapshotTable,
} from "../../../src/snapshots/store/manifest.ts";
import { readManifest } from "../../../src/snapshots/store/manifests.ts";
import { verifySnapshot } from "../../../src/snapshots/verify/verify.ts";
import { numbered, storeFolder, take } from "../store-folder.ts";

describe("verifying a snapshot", () => {
  test("finds every flipped byte of every object, and names the object and what is lost", async () => {
    const { store, objects, read, write } = storeFolder();
    const d1 = await numbered(120);
    const first = await take(store, { d1, files: { "a.txt": "some text" } });
    await d1.prepare("UPDATE t SET v = 'new' WHERE id = 7").run();
    const { id, manifest } = await take(store, {
      d1,
      files: { "a.txt": "some text" },
      previous: first,
    });
    let lossy = 0;
    for (const object of objects().filter((one) => one !== `snapshots/${first.id}`)) {
      const whole = read(object);
      for (let at = 0; at < whole.length; at += 1) {
        const damaged = Buffer.from(whole);
        damaged[at] = (damaged[at] ?? 0) ^ 0x10;
        write(object, damaged);
        if (object === `snapshots/${id}`) {
          await expect(readManifest(store, codec, id)).rejects.toMatchObject({
            code: "SNAPSHOT_DAMAGED",
            details: { object },
          });
          continue;
        }
        const damages = await verifySnapshot({ store, codec, manifest });
        expect(damages.map(({ error }) => error.details.object)).toContain(object);
        const loses = damages.some((damage) => damage.loses !== null);
        // Some bits of the header of a frame mean nothing.
        expect(loses && !isNeeded(at, object)).toBe(false);
        lossy += Number(loses);
      }
      write(object, whole);
    }
    expect(lossy).toBeGreaterThan(300);

    /** A byte of the first version of the changed range is needed as well: as the dictionary of the second. */
    function isNeeded(at: number, object: string): boolean {
      const parts = [...(manifest.database?.tables ?? []), ...manifest.files]
        .flatMap(({ chunks }) => chunks)
        .flatMap((chunk) => (chunk.base === null ? [chunk] : [chunk, chunk.base]));
      return parts.some(
        ({ pack, at: start, stored }) =>
          `packs/${manifest.packs[pack]}` === object && at >= start && at < start + stored,
      );
    }
  });

  test("reports a missing pack for each table and file that needs it", async () => {
    const { store, remove } = storeFolder();
    const { manifest } = await take(store, { d1: await numbered(3), files: { "a.txt": "a" } });
    remove(`packs/${manifest.packs[0]}`);
    const damages = await verifySnapshot({ store, codec, manifest });
    expect(damages.map(({ loses }) => loses?.name ?? null)).toEqual(["t", "a.txt", null]);
    expect(damages[0]?.error.message).toContain("is missing");
  });

  test("finds a manifest that contradicts itself", async () => {
    const { store } = storeFolder();
    const { manifest } = await take(store, { d1: await numbered(3), files: { "a.txt": "a" } });
    const [table] = manifest.database?.tables ?? [];
    if (manifest.database === null || table === undefined) throw new Error("no table");
    const lying = {
      ...manifest,
      database: { ...manifest.database, tables: [{ ...table, chunks: [] }] },
    };
    const damages = await verifySnapshot({ store, codec, manifest: lying });
    expect(damages.map(({ error }) => error.message)).toEqual([
      expect.stringContaining("contradicts its own digest of the table t"),
    ]);
  });
});

test.each<[string, (one: Manifest) => Partial<Manifest>]>([
  [
    "says that the table t has 4 rows, and its chunks 3",
    ({ database }) => ({ database: database && withTable(database, { rows: 4 }) }),
  ],
  [
    "says that the file a.txt has 9 bytes, and its chunks 1",
    ({ files }) => ({ files: files.map((file) => ({ ...file, bytes: 9 })) }),
  ],
  [
    "has the file config/../../a.txt, which is outside of the project",
    ({ files }) => ({ files: files.map((file) => ({ ...file, path: "config/../../a.txt" })) }),
  ],
  ["contradicts its own digest", () => ({ digest: "0".repeat(64) })],
])("a manifest that %s is damaged, and cannot be restored", async (problem, change) => {
  const { store } = storeFolder();
  const { manifest } = await take(store, { d1: await numbered(3), files: { "a.txt": "a" } });
  const changed = { ...manifest, ...change(manifest) };
  const digest = digestOf(codec, changed.database, changed.files);
  const check = {
    store,
    codec,
    manifest: { ...changed, ...(problem.endsWith("digest") ? {} : { digest }) },
  };
  const damages = await verifySnapshot(check);
  expect(damages.map(({ error }) => error.details.problem)).toEqual([problem]);
  expect(() => requireConsistent(check)).toThrow(
    expect.objectContaining({ code: "SNAPSHOT_DAMAGED" }),
  );
});

function withTable(database: SnapshotDatabase, more: Partial<SnapshotTable>): SnapshotDatabase {
  return { ...database, tables: database.tables.map((table) => ({ ...table, ...more })) };
}

describe("reading a manifest", () => {
  test("rejects the manifest of a newer format with its number", async () => {
    const { store } = storeFolder();
    const text = new TextEncoder().encode(JSON.stringify({ format: 2, anything: "else" }));
    const frame = await codec.compress(text, null);
    const id = codec.digest(frame);
    await store.write("snapshots", id, frame);
    await expect(readManifest(store, codec, id)).rejects.toMatchObject({
      code: "SNAPSHOT_FORMAT",
      details: { format: 2 },
    });
  });
});
