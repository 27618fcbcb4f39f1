import { describe, expect, test } from "vitest";
import type { D1Database } from "../../src/database/port.ts";
import { snapshotCodec as codec } from "../../src/files/snapshot-codec.ts";
import { chunkReader } from "../../src/snapshots/rows/read-chunk.ts";
import type { Store } from "../../src/snapshots/store/store.ts";
import type { Taken } from "../../src/snapshots/take/take.ts";
import { fakeRemote } from "../database/remote-fixture.ts";
import { numbered, storeFolder, take } from "./store-folder.ts";

/** Two accounts. Every transfer keeps the sum of 100. */
async function accounts(d1: D1Database): Promise<void> {
  await d1.batch(
    ["a", "b"].flatMap((name) => [
      d1.prepare(`CREATE TABLE ${name}(amount INTEGER)`),
      d1.prepare(`INSERT INTO ${name} VALUES (50)`),
    ]),
  );
}

/** Takes a snapshot. While its first readings go on, someone transfers money, once in each. */
async function takeWith(store: Store, transfers: number): Promise<Taken> {
  const { d1, remote } = await fakeRemote({ timeTravel: "bookmarks only" });
  await accounts(d1);
  let [made, batches] = [0, 0];
  const transfer = [
    d1.prepare("UPDATE a SET amount = amount - 1"),
    d1.prepare("UPDATE b SET amount = amount + 1"),
  ];
  // In each reading, the batches are: the schema, the numbers of rows, the rows of a, the rows of b.
  const writing: D1Database = {
    prepare: (sql) => d1.prepare(sql),
    exec: async (sql) => d1.exec(sql),
    async batch(statements) {
      const answers = await d1.batch<never>(statements);
      batches += 1;
      if (made < transfers && batches === 3) {
        made += 1;
        await d1.batch(transfer);
      }
      return answers;
    },
  };
  const bookmark = async (): Promise<string> => {
    batches = 0;
    return (await remote.bookmark?.()) ?? "";
  };
  return take(store, { d1: writing, bookmark });
}

async function sumOf(store: Store, { manifest }: Taken): Promise<number> {
  const read = chunkReader(store, codec, manifest);
  let sum = 0;
  for (const { name, chunks } of manifest.database?.tables ?? []) {
    if (name !== "a" && name !== "b") continue;
    for (const chunk of chunks) {
      sum += Number(/,(-?\d+)\)/.exec(new TextDecoder().decode(await read(chunk)))?.[1]);
    }
  }
  return sum;
}

describe("a snapshot of a database at Cloudflare", () => {
  test("is consistent, with its bookmark, if no one writes", async () => {
    const { store } = storeFolder();
    const taken = await takeWith(store, 0);
    expect(taken.manifest.database).toMatchObject({ consistent: true });
    expect(taken.manifest.database?.bookmark).toMatch(/^[\da-f]+-/);
    expect(await sumOf(store, taken)).toBe(100);
  });

  test.each([1, 2])(
    "is read again if someone wrote in each of the first %i readings",
    async (transfers) => {
      const { store } = storeFolder();
      const taken = await takeWith(store, transfers);
      expect(taken.manifest.database).toMatchObject({ consistent: true });
      expect(await sumOf(store, taken)).toBe(100);
    },
  );

  test("says that it is not consistent if someone wrote in each of three readings", async () => {
    const { store } = storeFolder();
    const taken = await takeWith(store, 3);
    expect(taken.manifest.database).toMatchObject({ consistent: false });
  });

  test("needs at most 1.2 requests for each 5 MB", async () => {
    const { store } = storeFolder();
    const { d1, cloudflare } = await fakeRemote();
    await d1.batch([
      d1.prepare("CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT)"),
      d1.prepare(
        "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 100000) INSERT INTO t SELECT i, hex(zeroblob(150))||i FROM c",
      ),
    ]);
    const before = cloudflare.log.length;
    const { manifest } = await take(store, { d1, place: "remote" });
    const bytes = manifest.database?.tables[0]?.chunks.reduce((sum, chunk) => sum + chunk.bytes, 0);
    const requests = cloudflare.log.length - before;
    // Schema, rows of each table and edges of the ranges are three requests and little data, and the first read is small.
    expect(requests - 5).toBeLessThanOrEqual((1.2 * (bytes ?? 0)) / 5_000_000);
  });
});

describe("a snapshot of a local database", () => {
  test("needs no bookmark, because all its queries see the same state", async () => {
    const { store } = storeFolder();
    const { manifest } = await take(store, { d1: await numbered(3) });
    expect(manifest.database).toMatchObject({ bookmark: null, consistent: true });
  });
});
