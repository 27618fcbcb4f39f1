import { describe, expect, test } from "vitest";
import { snapshotCodec as codec } from "../../../src/files/snapshot-codec.ts";
import {
  type Catalog,
  chooseSnapshot,
  isOf,
  readCatalog,
  type Choice,
} from "../../../src/snapshots/store/catalog.ts";
import { damage } from "../../../src/snapshots/store/unreadable.ts";
import { NOWHERE } from "../../../src/snapshots/store/unwritten.ts";
import { handMade, SHOP } from "../hand-made.ts";
import { numbered, storeFolder, take } from "../store-folder.ts";

const catalog: Catalog = {
  location: "/home/user/backups",
  snapshots: [
    handMade("abc1", { files: [] }),
    handMade("abc2", { tables: [] }),
    handMade("f00d", { tables: [] }),
  ],
  unreadable: [
    {
      id: "dead".padEnd(64, "0"),
      writtenAt: "2026-11-01T00:00:00.000Z",
      error: damage(NOWHERE, "snapshots/dead", "has other bytes"),
    },
  ],
};

function choose(id: string, more: Partial<Choice> = {}): string {
  const wanted = {
    id,
    isCandidate: () => true,
    database: null,
    retype: (one: string) => `show ${one}`,
    ...more,
  };
  return chooseSnapshot(catalog, wanted).id.slice(0, 4);
}

describe("choosing a snapshot", () => {
  test.each([
    ["abc1", "abc1"],
    ["F0", "f00d"],
    ["f00d".padEnd(64, "0"), "f00d"],
    ["latest", "abc1"],
    ["LATEST", "abc1"],
  ])("%s is %s", (typed, found) => expect(choose(typed)).toBe(found));

  test("latest is the newest one that fits", () => {
    expect(choose("latest", { isCandidate: isOf(SHOP) })).toBe("abc2");
  });

  test("latest is never the way back of a restore, which has to be named by its id", () => {
    const manifest = { wayBackFrom: "abc2".padEnd(64, "0") };
    const [, ...older] = catalog.snapshots;
    const snapshots = [handMade("beef", { tables: [], manifest }), ...older];
    const wanted = { id: "latest", isCandidate: () => true, database: null, retype: String };
    expect(chooseSnapshot({ ...catalog, snapshots }, wanted).id).toMatch(/^abc2/);
    expect(chooseSnapshot({ ...catalog, snapshots }, { ...wanted, id: "beef" }).id).toMatch(
      /^beef/,
    );
  });

  test("latest fails with the id of a snapshot that may be newer and cannot be read, and names the older one", () => {
    const [dead] = catalog.unreadable;
    if (dead === undefined) throw new Error("no unreadable snapshot");
    const newer = { ...dead, writtenAt: "2026-11-29T00:00:00.000Z" };
    const wanted = {
      id: "latest",
      isCandidate: () => true,
      database: null,
      retype: (id: string) => `show ${id}`,
    };
    for (const [snapshots, hint] of [
      [catalog.snapshots, /show abc10000$/],
      [[], /^Copy this object/],
    ] as const) {
      expect(() => chooseSnapshot({ ...catalog, snapshots, unreadable: [newer] }, wanted)).toThrow(
        expect.objectContaining({
          code: "SNAPSHOT_DAMAGED",
          message: expect.stringMatching(/^The latest snapshot may be dead0000, and its manifest/),
          hint: expect.stringMatching(hint),
        }),
      );
    }
  });

  test("an id that several begin with is unknown, and the hint lists these", () => {
    expect(() => choose("abc")).toThrow(
      expect.objectContaining({
        code: "SNAPSHOT_UNKNOWN",
        message: "2 snapshots of /home/user/backups begin with abc.",
        hint: "It has: abc10000, abc20000. To see what they contain:\nd1ops snapshot list",
        details: { id: "abc", known: ["abc10000", "abc20000"] },
      }),
    );
  });

  test("a mistyped id gets the command with the nearest one", () => {
    expect(() => choose("f0od")).toThrow(
      expect.objectContaining({ hint: "Did you mean f00d0000?\nshow f00d0000" }),
    );
  });

  test.each(["lates", "latset", "LATST"])(
    "a mistyped word, %s, gets the command with latest",
    (typed) => {
      expect(() => choose(typed)).toThrow(
        expect.objectContaining({ hint: "Did you mean latest?\nshow latest" }),
      );
    },
  );

  test("another id gets the list of all", () => {
    expect(() => choose("123456")).toThrow(
      expect.objectContaining({
        message: "/home/user/backups has no snapshot 123456.",
        hint: "It has: abc10000, abc20000, f00d0000, dead0000. To see what they contain:\nd1ops snapshot list",
      }),
    );
  });

  test("latest names the database that has no snapshot, and says that it is never a way back", () => {
    const { id, manifest } = handMade("beef", { tables: [] });
    const wayBack = { id, isAppended: false, manifest: { ...manifest, wayBackFrom: "abc1" } };
    const wanted = { id: "latest", isCandidate: () => false, database: SHOP, retype: String };
    expect(() =>
      chooseSnapshot({ ...catalog, snapshots: [wayBack], unreadable: [] }, wanted),
    ).toThrow(
      expect.objectContaining({
        message: "/home/user/backups has no snapshot of shop-db (local).",
        hint: "`latest` is never the way back of a restore. It has: beef0000. To see what they contain:\nd1ops snapshot list",
      }),
    );
  });

  test("the empty id is unknown", () => {
    expect(() => choose("")).toThrow(expect.objectContaining({ code: "SNAPSHOT_UNKNOWN" }));
  });

  test("latest of an empty store gets the command that takes the first one", () => {
    const none = { ...catalog, snapshots: [], unreadable: [] };
    const wanted = { id: "latest", isCandidate: () => true, database: null, retype: String };
    expect(() => chooseSnapshot(none, wanted)).toThrow(
      expect.objectContaining({
        hint: "The store has no snapshots yet. To take one:\nd1ops snapshot take",
      }),
    );
  });

  test("a snapshot whose manifest cannot be read is an error of its own", () => {
    expect(() => choose("dead")).toThrow(expect.objectContaining({ code: "SNAPSHOT_DAMAGED" }));
  });
});

describe("the catalog of a store", () => {
  test("lists the snapshots newest first, and a damaged manifest does not hide the others", async () => {
    const { store, write, read } = storeFolder();
    const d1 = await numbered(3);
    const taken = [await take(store, { d1 }), await take(store, { d1 }), await take(store, { d1 })];
    const [first, second, third] = taken.map(({ id }) => id);
    const bytes = read(`snapshots/${second}`);
    bytes[9] = (bytes[9] ?? 0) ^ 1;
    write(`snapshots/${second}`, bytes);
    const found = await readCatalog(store, codec);
    expect(found.snapshots.map(({ id }) => id)).toEqual([third, first]);
    expect(found.unreadable).toEqual([
      {
        id: second,
        writtenAt: expect.any(String),
        error: expect.objectContaining({ code: "SNAPSHOT_DAMAGED" }),
      },
    ]);
  });

  test("is empty if the store does not exist", async () => {
    const { store } = storeFolder();
    expect(await readCatalog(store, codec)).toEqual({
      location: store.location,
      snapshots: [],
      unreadable: [],
    });
  });
});

describe("reading the snapshots of a store", () => {
  test("skips a snapshot that a prune deletes meanwhile, and reports one that is damaged", async () => {
    const { store, write } = storeFolder();
    const [pruned, damaged, whole] = [
      await take(store, { files: { a: "1" } }),
      await take(store, { files: { a: "2" } }),
      await take(store, { files: { a: "3" } }),
    ];
    write(`snapshots/${damaged.id}`, new Uint8Array(3));
    const pruning = {
      ...store,
      async read(...object: Parameters<typeof store.read>) {
        await store.remove("snapshots", pruned.id);
        return store.read(...object);
      },
    };
    const { snapshots, unreadable } = await readCatalog(pruning, codec);
    expect(snapshots.map(({ id }) => id)).toEqual([whole.id]);
    expect(unreadable.map(({ id }) => id)).toEqual([damaged.id]);
  });
});
