import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { openLocal } from "../../../src/database/local.ts";
import { replaceTables } from "../../../src/database/replace-tables.ts";
import { chooseTables, type ChosenTables } from "../../../src/snapshots/restore/choose-tables.ts";
import type { SnapshotDatabase } from "../../../src/snapshots/store/manifest.ts";
import { writeDatabase, type WriteRequest } from "../../../src/snapshots/restore/write-database.ts";
import { folderForEach, target } from "../../database/folder.ts";
import { memoryStore } from "../../database/round-trip/memory-store.ts";
import { restore, run, takeFrom } from "../../database/round-trip/round-trip.ts";
import { writing } from "./written-databases.ts";

const folder = folderForEach();

/** SQLite ignores the case of names, and keeps the spelling of each statement. */
const SHOP = [
  "CREATE TABLE users(id INTEGER PRIMARY KEY, name)",
  "CREATE TABLE log(text)",
  "INSERT INTO users VALUES (1, 'Ada')",
  "CREATE VIRTUAL TABLE found USING fts5(name, content=USERS, content_rowid=id)",
  "INSERT INTO found(found) VALUES ('rebuild')",
  "CREATE TRIGGER renamed AFTER UPDATE ON USERS BEGIN INSERT INTO log VALUES (old.name); END",
];

const RENAMED = [
  "UPDATE users SET name = 'Nia'",
  "DELETE FROM log",
  "INSERT INTO found(found) VALUES ('rebuild')",
];

interface Places {
  /** What the batches of D1 write to. */
  readonly live: string;
  readonly wanted: SnapshotDatabase;
  /** Makes the live database equal to the snapshot, in batches. */
  write(only: ChosenTables | null, send?: WriteRequest["send"]): Promise<readonly string[]>;
  chosen(): Promise<ChosenTables>;
  readonly copy: string;
}

/** `changes`: the statements that made the present from the state of the snapshot. */
async function places(shop: readonly string[], changes: readonly string[]): Promise<Places> {
  const path = (name: string): string => join(folder.path, `${name}.sqlite`);
  const [source, live, copy] = [path("source"), path("live"), path("copy")];
  const store = memoryStore();
  const taken = async (from: string, into: typeof store) => {
    using database = openDisposable(from, "read");
    return takeFrom(database.d1, into, null);
  };
  run(source, shop);
  run(live, [...shop, ...changes]);
  const snapshot = await taken(source, store);
  await restore(store, snapshot, copy);
  const wanted = databaseOf(snapshot.manifest.database);
  return {
    live,
    copy,
    wanted,
    async write(only, interrupt) {
      using rebuilt = openDisposable(copy, "read");
      using database = openDisposable(live, "write");
      const all = writing(database.d1, { store, snapshot, copy: rebuilt.d1 });
      const send: WriteRequest["send"] = async (what, statements) => {
        await interrupt?.(what, statements);
        await all.send(what, statements);
      };
      const request = { ...all, send };
      if (only === null) return writeDatabase(request);
      const part = { ...request.wanted, database: { ...wanted, ...only.content } };
      return writeDatabase({ ...request, wanted: part, only: only.names });
    },
    async chosen() {
      const { manifest } = await taken(live, memoryStore());
      return chooseTables({
        names: ["users"],
        snapshot: wanted,
        present: databaseOf(manifest.database),
        short: "abc",
        isOwn: () => false,
      });
    },
  };
}

function openDisposable(path: string, mode: "read" | "write") {
  const { d1, close } = openLocal(path, target, { mode });
  return { d1, [Symbol.dispose]: close };
}

function databaseOf(database: SnapshotDatabase | null): SnapshotDatabase {
  if (database === null) throw new Error("the snapshot has no database");
  return database;
}

function stateOf(path: string): unknown {
  using db = new DatabaseSync(path);
  const all = (sql: string): unknown[] => db.prepare(sql).all();
  return {
    users: all("SELECT name FROM users"),
    log: all("SELECT * FROM log"),
    ada: all("SELECT rowid FROM found WHERE found MATCH 'Ada'"),
    triggers: all("SELECT name FROM sqlite_schema WHERE type = 'trigger'"),
  };
}

describe("a table that a trigger and an index name in another case", () => {
  test("has its index built again by a restore in batches", async () => {
    const { live, copy, write } = await places(SHOP, RENAMED);
    expect(await write(null)).toEqual([]);
    expect(stateOf(live)).toEqual(stateOf(copy));
  });

  test("fires no trigger if its rows are restored alone in batches", async () => {
    const { live, copy, write, chosen } = await places(SHOP, RENAMED);
    expect(await write(await chosen())).toEqual([]);
    expect(stateOf(live)).toEqual(stateOf(copy));
  });

  test.each(["in the local file", "in batches"])("is created with its triggers %s", async (how) => {
    const { live, copy, write, chosen } = await places(SHOP, ["DROP TABLE users"]);
    const only = await chosen();
    if (how === "in batches") expect(await write(only)).toEqual([]);
    else replaceTables(live, { from: copy, created: [...only.created], ...only.content });
    expect(stateOf(live)).toEqual(stateOf(copy));
  });
});

describe("an index of another table", () => {
  test("is built again each time that its table was written, also if d1ops has to write rows that a foreign key deleted", async () => {
    const shop = [
      "CREATE TABLE users(id INTEGER PRIMARY KEY, email UNIQUE)",
      "CREATE TABLE posts(id INTEGER PRIMARY KEY, author REFERENCES users ON DELETE CASCADE, text)",
      "CREATE VIRTUAL TABLE found USING fts5(text, content=posts, content_rowid=id)",
      "INSERT INTO users VALUES (1, 'ada@example.com'), (2, 'nia@example.com')",
      "WITH RECURSIVE k(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM k WHERE i < 2000) INSERT INTO posts SELECT i, 1 + (i > 1000), 'apples' FROM k",
      "INSERT INTO found(found) VALUES ('rebuild')",
    ];
    // D1 deletes one of two users to exchange their unique values, and with the user all posts, not only the range with the change.
    const { live, write } = await places(shop, [
      "UPDATE posts SET text = 'pears' WHERE id IN (1, 2000)",
      "UPDATE users SET email = '' WHERE id = 1",
      "UPDATE users SET email = 'ada@example.com' WHERE id = 2",
      "UPDATE users SET email = 'nia@example.com' WHERE id = 1",
    ]);
    expect(await write(null)).toEqual([]);
    using db = new DatabaseSync(live);
    const count = (sql: string): unknown => db.prepare(sql).get()?.["n"];
    expect(count("SELECT count(*) AS n FROM posts WHERE text = 'apples'")).toBe(2000);
    expect(count("SELECT count(*) AS n FROM found WHERE found MATCH 'apples'")).toBe(2000);
  });

  test("is built by the next run if the first one is killed just before", async () => {
    const { live, copy, write } = await places(SHOP, RENAMED);
    const killed = write(null, async (what) => {
      if (what === "the index found") throw new Error("killed");
    });
    await expect(killed).rejects.toThrow("killed");
    expect(await write(null)).toEqual([]);
    expect(stateOf(live)).toEqual(stateOf(copy));
  });

  test.each([
    "UPDATE users SET name = 'Nia'",
    "DROP VIEW names; CREATE VIEW names AS SELECT id, 'Nia' AS name FROM users",
  ])("is built again if it is of a view, after %s", async (sql) => {
    const shop = [
      "CREATE TABLE users(id INTEGER PRIMARY KEY, name)",
      "CREATE VIEW names AS SELECT id, name FROM users",
      "CREATE VIRTUAL TABLE found USING fts5(name, content=Names, content_rowid=id)",
      "INSERT INTO users VALUES (1, 'Ada')",
      "INSERT INTO found(found) VALUES ('rebuild')",
    ];
    const { live, write } = await places(shop, [
      sql,
      "INSERT INTO found(found) VALUES ('rebuild')",
    ]);
    expect(await write(null)).toEqual([]);
    using db = new DatabaseSync(live);
    expect(db.prepare("SELECT name FROM found WHERE found MATCH 'Ada'").all()).toEqual([
      { name: "Ada" },
    ]);
  });
});
