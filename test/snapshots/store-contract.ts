import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { snapshotCodec } from "../../src/files/snapshot-codec.ts";
import type { Store } from "../../src/snapshots/store/store.ts";
import { until } from "../until.ts";

export interface Sample {
  readonly name: string;
  readonly bytes: Buffer;
}

/** A random object. */
export function sample(length = 1000): Sample {
  const bytes = randomBytes(length);
  return { name: snapshotCodec.digest(bytes), bytes };
}

/** What every store promises. `open` returns one that has no object. */
export function testStore(kind: string, open: () => Promise<Store>): void {
  describe(`every promise of the port, by ${kind}`, () => {
    test("it is empty, has no object, and removes nothing before the first write", async () => {
      const store = await open();
      expect(await store.list("packs")).toEqual([]);
      expect(await store.read("packs", sample().name)).toBeNull();
      expect(await store.read("packs", sample().name, { at: 0, bytes: 5 })).toBeNull();
      await store.remove("packs", sample().name);
    });

    test("it lists and returns the objects that it wrote, each in its own folder", async () => {
      const store = await open();
      const [pack, manifest, empty] = [sample(), sample(), sample(0)];
      await store.write("packs", pack.name, pack.bytes);
      await store.write("packs", empty.name, empty.bytes);
      await store.write("snapshots", manifest.name, manifest.bytes);
      expect((await store.list("packs")).map(({ name }) => name).toSorted()).toEqual(
        [pack.name, empty.name].toSorted(),
      );
      expect(await store.list("snapshots")).toEqual([
        { name: manifest.name, bytes: 1000, writtenAt: expect.stringMatching(ISO) },
      ]);
      expect(await store.read("packs", pack.name)).toEqual(new Uint8Array(pack.bytes));
      expect(await store.read("packs", empty.name)).toEqual(new Uint8Array());
      expect(await store.read("packs", manifest.name)).toBeNull();
    });

    test("it dates an object with the time of its write", async () => {
      const store = await open();
      const { name, bytes } = sample();
      // The clock of a storage may have whole seconds only.
      const before = Date.now() - 1000;
      await store.write("packs", name, bytes);
      const [object] = await store.list("packs");
      const writtenAt = Date.parse(object?.writtenAt ?? "");
      expect(writtenAt).toBeGreaterThanOrEqual(before);
      expect(writtenAt).toBeLessThanOrEqual(Date.now() + 1000);
    });

    test("it lists every one of many objects once", async () => {
      const store = await open();
      const samples = Array.from({ length: 25 }, () => sample(10));
      for (const { name, bytes } of samples) await store.write("packs", name, bytes);
      expect((await store.list("packs")).map(({ name }) => name).toSorted()).toEqual(
        samples.map(({ name }) => name).toSorted(),
      );
    });

    test("it returns a part of an object, and less if the object ends before", async () => {
      const store = await open();
      const { name, bytes } = sample();
      await store.write("packs", name, bytes);
      const part = async (at: number, length: number): Promise<Buffer> =>
        Buffer.from((await store.read("packs", name, { at, bytes: length })) ?? []);
      expect(await part(10, 20)).toEqual(bytes.subarray(10, 30));
      expect(await part(990, 20)).toEqual(bytes.subarray(990));
      expect(await part(10, 0)).toHaveLength(0);
      expect(await part(1000, 1)).toHaveLength(0);
      expect(await part(5000, 20)).toHaveLength(0);
      expect(await part(0, 1e15)).toEqual(bytes);
    });

    test("it keeps an object that is written again, and lists it once", async () => {
      const store = await open();
      const { name, bytes } = sample();
      await store.write("packs", name, bytes);
      await store.write("packs", name, bytes);
      expect(await store.list("packs")).toHaveLength(1);
      expect(await store.read("packs", name)).toEqual(new Uint8Array(bytes));
    });

    test("it finds an object by its name, and its date is that of the last write", async () => {
      const store = await open();
      const { name, bytes } = sample();
      expect(await store.find("packs", name)).toBeNull();
      expect(await store.find("packs", "README.md")).toBeNull();
      await store.write("packs", name, bytes);
      const first = await store.find("packs", name);
      expect(first).toEqual((await store.list("packs"))[0]);
      await until(async () => {
        await store.write("packs", name, bytes);
        return (await store.find("packs", name))?.writtenAt !== first?.writtenAt;
      });
      expect(await store.find("packs", name)).toMatchObject({ name, bytes: 1000 });
    });

    test("it removes an object, and does nothing if there is none", async () => {
      const store = await open();
      const { name, bytes } = sample();
      await store.write("packs", name, bytes);
      await store.remove("packs", name);
      await store.remove("packs", name);
      expect(await store.read("packs", name)).toBeNull();
      expect(await store.list("packs")).toEqual([]);
    });

    test("it keeps an object of 16 MB", async () => {
      const store = await open();
      const { name, bytes } = sample(16_000_000);
      await store.write("packs", name, bytes);
      expect(snapshotCodec.digest((await store.read("packs", name)) ?? new Uint8Array())).toBe(
        name,
      );
    });

    test("it neither reads, writes nor removes anything whose name is no hash", async () => {
      const store = await open();
      const { name, bytes } = sample();
      await store.write("snapshots", name, bytes);
      const outside = `../snapshots/${name}`;
      expect(await store.read("packs", outside)).toBeNull();
      await store.remove("packs", outside);
      await expect(store.write("packs", outside, bytes)).rejects.toThrow("name");
      expect(await store.read("snapshots", name)).toEqual(new Uint8Array(bytes));
    });
  });
}

const ISO = /^20\d\d-\d\d-\d\dT[\d:.]+Z$/;
