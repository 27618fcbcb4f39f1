import { describe, expect, test } from "vitest";
import { encryptedCodec } from "../../src/files/encrypted-codec.ts";
import { chunkReader } from "../../src/snapshots/rows/read-chunk.ts";
import { readManifest } from "../../src/snapshots/store/manifests.ts";
import { verifySnapshot } from "../../src/snapshots/verify/verify.ts";
import { numbered, type StoreFolder, storeFolder, take } from "./store-folder.ts";

const codec = encryptedCodec(Buffer.alloc(32, 1));
const other = encryptedCodec(Buffer.alloc(32, 2));
/** Bytes of `2026-01-01T00:00:00.000Z`. */
const STAMP = 24;

const files = { "config/secret-name.txt": "a secret sentence" };

describe("an encrypted store", () => {
  test("gives back what was put in, also from a chunk that is stored as a change", async () => {
    const { store } = storeFolder();
    const d1 = await numbered(2000);
    const first = await take(store, { d1, codec });
    await d1.prepare("UPDATE t SET v = 'changed' WHERE id = 1000").run();
    const second = await take(store, { d1, codec, files, previous: first });
    expect(second.added).toBeLessThan(first.added / 3);
    const { manifest } = await readManifest(store, codec, second.id);
    expect(await verifySnapshot({ store, codec, manifest })).toEqual([]);
    const read = chunkReader(store, codec, manifest);
    const chunks = manifest.database?.tables[0]?.chunks ?? [];
    expect(chunks.filter(({ base }) => base !== null)).not.toEqual([]);
    const texts = await Promise.all(
      chunks.map(async (chunk) => Buffer.from(await read(chunk)).toString()),
    );
    expect(texts.join("\n")).toContain("(1000,'changed')");
  });

  test("has no name of a table or file, no value and no path in any byte, and no plain hash in a name", async () => {
    const plain = storeFolder();
    const encrypted = storeFolder();
    const d1 = await numbered(300);
    await d1.batch([
      d1.prepare("CREATE TABLE confidential_table(id INTEGER PRIMARY KEY, secret_column TEXT)"),
      d1.prepare("INSERT INTO confidential_table VALUES (1, 'a very secret value')"),
    ]);
    await take(plain.store, { d1, files });
    await take(encrypted.store, { d1, files, codec });
    const secrets = [
      "confidential_table",
      "secret_column",
      "secret value",
      "secret-name",
      "secret sentence",
      "CREATE TABLE",
      "d1ops",
      "takenAt",
    ];
    for (const object of encrypted.objects()) {
      const bytes = encrypted.read(object);
      for (const secret of secrets) expect(bytes.includes(secret)).toBe(false);
      // The beginning of a zstd frame.
      expect(bytes.indexOf(Buffer.from("28b52ffd", "hex"))).not.toBe(12);
    }
    const names = new Set(plain.objects());
    expect(encrypted.objects().filter((name) => names.has(name))).toEqual([]);
  });

  test("stores the same content under the same ids and as the same bytes, and shares no id with a store of another key", async () => {
    const [one, two, three] = [storeFolder(), storeFolder(), storeFolder()];
    const d1 = await numbered(1000);
    const what = { d1, files, takenAt: Date.UTC(2026, 0, 1) };
    const taken = [
      await take(one.store, { ...what, codec }),
      await take(two.store, { ...what, codec }),
      await take(three.store, { ...what, codec: other }),
    ];
    const idsOf = (index: number): string[] => {
      const { packs: _, ...manifest } = taken[index]?.manifest ?? {};
      return [...JSON.stringify(manifest).matchAll(/[\da-f]{64}/g)].map(([id]) => id);
    };
    /** Without the time, with which a pack ends. */
    const packOf = ({ objects, read }: StoreFolder): Buffer =>
      read(objects().find((name) => name.startsWith("packs/")) ?? "").subarray(0, -STAMP);
    expect(packOf(one)).toEqual(packOf(two));
    expect(packOf(one)).not.toEqual(packOf(three));
    expect(idsOf(0)).toEqual(idsOf(1));
    const strange = new Set(idsOf(2));
    expect(strange.size).toBeGreaterThan(4);
    expect(idsOf(0).filter((id) => strange.has(id))).toEqual([]);
  });

  test("reports every flipped byte of every object", async () => {
    const { store, objects, read, write } = storeFolder();
    const d1 = await numbered(20);
    const { id } = await take(store, { d1, files, codec });
    for (const object of objects()) {
      const intact = read(object);
      for (let at = 0; at < intact.length; at += 7) {
        const bytes = Buffer.from(intact);
        bytes.writeUInt8(bytes.readUInt8(at) ^ 0x10, at);
        write(object, bytes);
        const named = await readManifest(store, codec, id).then(
          async ({ manifest }) => {
            const damages = await verifySnapshot({ store, codec, manifest });
            return damages.map(({ error }) => error.details.object);
          },
          (error: { details: { object: string } }) => [error.details.object],
        );
        expect(named).toContain(object);
      }
      write(object, intact);
    }
  });

  test("cannot be read with another key", async () => {
    const { store } = storeFolder();
    const { id } = await take(store, { files, codec });
    await expect(readManifest(store, other, id)).rejects.toMatchObject({
      code: "SNAPSHOT_DAMAGED",
    });
  });
});
