import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { openLocal } from "../../../src/database/local.ts";
import { replaceTables } from "../../../src/database/replace-tables.ts";
import { chooseTables, type ChosenTables } from "../../../src/snapshots/restore/choose-tables.ts";
import type { SnapshotDatabase } from "../../../src/snapshots/store/manifest.ts";
import { writeDatabase } from "../../../src/snapshots/restore/write-database.ts";
import { folderForEach, target } from "../../database/folder.ts";
import { memoryStore } from "../../database/round-trip/memory-store.ts";
import { restore, run, takeFrom } from "../../database/round-trip/round-trip.ts";
import { writing } from "./written-databases.ts";

/** SQLite ignores the case of names, and keeps the spelling of each statement. */

const folder = folderForEach();

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
  write(only: ChosenTables | null): Promise<readonly string[]>;
  chosen(): Promise<ChosenTables>;
  readonly copy: string;
}

async function places(present: readonly string[]): Promise<Places> {
  const path = (name: string): string => join(folder.path, `${name}.sqlite`);
  const [source, live, copy] = [path("source"), path("live"), path("copy")];
  const store = memoryStore();
  const taken = async (from: string, into: typeof store) => {
    using database = openDisposable(from, "read");
    return takeFrom(database.d1, into, null);
  };
  run(source, SHOP);
  run(live, [...SHOP, ...present]);
  const snapshot = await taken(source, store);
  await restore(store, snapshot, copy);
  const wanted = databaseOf(snapshot.manifest.database);
  return {
    live,
    copy,
    wanted,
    async write(only) {
      using rebuilt = openDisposable(copy, "read");
      using database = openDisposable(live, "write");
      const request = writing(database.d1, { store, snapshot, copy: rebuilt.d1 });
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
    const { live, copy, write } = await places(RENAMED);
    expect(await write(null)).toEqual([]);
    expect(stateOf(live)).toEqual(stateOf(copy));
  });

  test("fires no trigger if its rows are restored alone in batches", async () => {
    const { live, copy, write, chosen } = await places(RENAMED);
    expect(await write(await chosen())).toEqual([]);
    expect(stateOf(live)).toEqual(stateOf(copy));
  });

  test.each(["in the local file", "in batches"])("is created with its triggers %s", async (how) => {
    const { live, copy, write, chosen } = await places(["DROP TABLE users"]);
    const only = await chosen();
    if (how === "in batches") expect(await write(only)).toEqual([]);
    else replaceTables(live, { from: copy, created: [...only.created], ...only.content });
    expect(stateOf(live)).toEqual(stateOf(copy));
  });
});
