import { describe, expect, test } from "vitest";
import { snapshotCodec as codec } from "../../../src/files/snapshot-codec.ts";
import type { Manifest, TableChunk } from "../../../src/snapshots/store/manifest.ts";
import { chunkReader } from "../../../src/snapshots/rows/read-chunk.ts";
import type { Store } from "../../../src/snapshots/store/store.ts";
import { verifySnapshot } from "../../../src/snapshots/verify/verify.ts";
import { numbered, storeFolder, take } from "../store-folder.ts";

function chunksOf({ database }: Manifest): readonly TableChunk[] {
  return database?.tables.flatMap(({ chunks }) => chunks) ?? [];
}

async function textOf(store: Store, manifest: Manifest): Promise<string> {
  const read = chunkReader(store, codec, manifest);
  const texts: string[] = [];
  for (const chunk of chunksOf(manifest)) texts.push(new TextDecoder().decode(await read(chunk)));
  return texts.join(",\n");
}

async function fileOf(store: Store, manifest: Manifest, path: string): Promise<string> {
  const read = chunkReader(store, codec, manifest);
  const chunks = manifest.files.find((file) => file.path === path)?.chunks ?? [];
  const parts = await Promise.all(chunks.map(async (chunk) => read(chunk)));
  return Buffer.concat(parts).toString();
}

describe("a snapshot", () => {
  test("contains schema, rows and files, in packs that its manifest names", async () => {
    const { store, objects } = storeFolder();
    const { id, manifest } = await take(store, {
      d1: await numbered(3),
      files: { "wrangler.jsonc": "{}", "src/empty.ts": "" },
    });
    expect(manifest.database?.schema).toEqual([
      {
        type: "table",
        name: "t",
        table: "t",
        sql: "CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT)",
      },
    ]);
    expect(await textOf(store, manifest)).toBe(
      "(1,'value 427799'),\n(2,'value 855598'),\n(3,'value 283394')",
    );
    expect(await fileOf(store, manifest, "wrangler.jsonc")).toBe("{}");
    expect(await fileOf(store, manifest, "src/empty.ts")).toBe("");
    expect(objects()).toEqual([`packs/${manifest.packs[0]}`, `snapshots/${id}`]);
    expect(await verifySnapshot({ store, codec, manifest })).toEqual([]);
  });

  test("adds only its manifest if nothing has changed, and has the same digest", async () => {
    const { store, objects } = storeFolder();
    const d1 = await numbered(5000);
    const first = await take(store, { d1, files: { "a.txt": "a" } });
    const second = await take(store, { d1, files: { "a.txt": "a" }, previous: first });
    expect(second.added).toBe(0);
    expect(second.manifest.digest).toBe(first.manifest.digest);
    expect(second.id).not.toBe(first.id);
    expect(objects()).toHaveLength(3);
  });

  test("has another digest after any change of rows, schema, file content, file name or mode", async () => {
    const { store } = storeFolder();
    const d1 = await numbered(10);
    const digests: string[] = [];
    const digest = async (files: Readonly<Record<string, string>>): Promise<void> => {
      digests.push((await take(store, { d1, files })).manifest.digest);
    };
    await digest({ "a.txt": "a" });
    await digest({ "a.txt": "b" });
    await digest({ "b.txt": "b" });
    await d1.prepare("UPDATE t SET v = 'new' WHERE id = 3").run();
    await digest({ "b.txt": "b" });
    await d1.prepare("CREATE INDEX i ON t(v)").run();
    await digest({ "b.txt": "b" });
    expect(new Set(digests).size).toBe(digests.length);
  });

  test("stores a changed range as a difference, and never a difference from a difference", async () => {
    const { store } = storeFolder();
    const d1 = await numbered(2000);
    let previous = await take(store, { d1 });
    const full = previous.added;
    for (const value of ["one", "two", "three"]) {
      await d1.prepare(`UPDATE t SET v = '${value}' WHERE id = 1000`).run();
      const next = await take(store, { d1, previous });
      expect(next.added).toBeGreaterThan(0);
      expect(next.added * 20).toBeLessThan(full);
      const deltas = chunksOf(next.manifest).filter(({ base }) => base !== null);
      expect(deltas).toHaveLength(1);
      const wholes = new Set(chunksOf(previous.manifest).flatMap((one) => one.base?.id ?? one.id));
      expect(wholes).toContain(deltas[0]?.base?.id);
      expect(await textOf(store, next.manifest)).toContain(`(1000,'${value}')`);
      expect(await verifySnapshot({ store, codec, manifest: next.manifest })).toEqual([]);
      previous = next;
    }
  });

  test("stores a range whole again if the difference saves less than half", async () => {
    const { store } = storeFolder();
    const d1 = await numbered(2000);
    const first = await take(store, { d1 });
    await d1.prepare("UPDATE t SET v = (id * 40503 + 12345678901) % 999983").run();
    const second = await take(store, { d1, previous: first });
    expect(chunksOf(second.manifest).filter(({ base }) => base !== null)).toEqual([]);
    expect(await verifySnapshot({ store, codec, manifest: second.manifest })).toEqual([]);
  });

  test("stores equal files once, and a file of several chunks in parts", async () => {
    const { store } = storeFolder();
    const large = Array.from({ length: 1_500_000 }, (_, i) => (i * 40503) % 1000).join();
    const { manifest, added } = await take(store, { files: { "a.csv": large, "b.csv": large } });
    const [a, b] = manifest.files;
    expect(a?.chunks.length).toBeGreaterThan(1);
    expect(b?.chunks).toEqual(a?.chunks);
    expect(added).toBe(a?.chunks.reduce((sum, { stored }) => sum + stored, 0));
    expect((await fileOf(store, manifest, "b.csv")) === large).toBe(true);
  });

  test("uses no chunk again of a pack that the store has lost", async () => {
    const { store, remove } = storeFolder();
    const d1 = await numbered(1000);
    const first = await take(store, { d1 });
    remove(`packs/${first.manifest.packs[0]}`);
    const second = await take(store, { d1, previous: first });
    expect(await verifySnapshot({ store, codec, manifest: second.manifest })).toEqual([]);
  });

  test.each([
    ["has lost its last 10 bytes", (pack: Buffer) => pack.subarray(0, -10)],
    ["is empty", () => Buffer.alloc(0)],
    ["has other bytes", (pack: Buffer) => Buffer.from(pack).fill(0, 100, 200)],
    ["has more bytes", (pack: Buffer) => Buffer.concat([pack, Buffer.alloc(1)])],
  ])("uses no chunk again of a pack that %s", async (_, damaged) => {
    const { store, read, write } = storeFolder();
    const d1 = await numbered(1000);
    const first = await take(store, { d1, files: { "a.txt": "a" } });
    const pack = `packs/${first.manifest.packs[0]}`;
    write(pack, damaged(read(pack)));
    await d1.prepare("UPDATE t SET v = 'new' WHERE id = 7").run();
    const second = await take(store, { d1, files: { "a.txt": "a" }, previous: first });
    expect(await verifySnapshot({ store, codec, manifest: second.manifest })).toEqual([]);
    expect(second.manifest.packs).not.toContain(first.manifest.packs[0]);
  });

  test("leaves no snapshot behind if it fails", async () => {
    const { store, objects } = storeFolder();
    const d1 = await numbered(10);
    const failing = { ...store, write: async () => Promise.reject(new Error("the disk is gone")) };
    await expect(take(failing, { d1 })).rejects.toThrow("the disk is gone");
    expect(objects()).toEqual([]);
  });
});
