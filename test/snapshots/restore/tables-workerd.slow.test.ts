import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { openLocal } from "../../../src/database/local.ts";
import { replaceTables } from "../../../src/database/replace-tables.ts";
import { chooseTables, type ChosenTables } from "../../../src/snapshots/restore/choose-tables.ts";
import type { SnapshotDatabase } from "../../../src/snapshots/store/manifest.ts";
import type { Snapshot } from "../../../src/snapshots/store/manifests.ts";
import { writeDatabase } from "../../../src/snapshots/restore/write-database.ts";
import { folderForEach, target } from "../../database/folder.ts";
import { memoryStore } from "../../database/round-trip/memory-store.ts";
import { restore, takeFrom } from "../../database/round-trip/round-trip.ts";
import { type Binding, startWorkerd, stopWorkerds } from "../../database/running-workerd.ts";
import { writing } from "./written-databases.ts";

const folder = folderForEach();
afterEach(stopWorkerds);

const SCHEMA = [
  "CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT UNIQUE)",
  "CREATE TABLE orders(id INTEGER PRIMARY KEY, user INTEGER REFERENCES users ON DELETE CASCADE)",
  "CREATE TABLE log(text)",
  "CREATE VIRTUAL TABLE found USING fts5(name, content=users, content_rowid=id)",
  "CREATE TRIGGER grow AFTER INSERT ON users BEGIN INSERT INTO found(rowid, name) VALUES (new.id, new.name); INSERT INTO log VALUES (new.name); END",
  "INSERT INTO users VALUES (1, 'Ada'), (2, 'Nia')",
  "INSERT INTO orders VALUES (1, 1), (2, 2)",
];

const RENAME = "UPDATE users SET name = 'x' || name";

interface Shop {
  readonly binding: Binding;
  readonly file: string;
  readonly store: ReturnType<typeof memoryStore>;
  readonly snapshot: Snapshot;
  readonly copy: string;
}

async function shop(): Promise<Shop> {
  const { binding, file } = await startWorkerd(folder.path);
  await run(binding, ...SCHEMA);
  const store = memoryStore();
  const snapshot = await takeFrom(binding, store, null);
  const copy = join(folder.path, "copy.sqlite");
  await restore(store, snapshot, copy);
  return { binding, file, store, snapshot, copy };
}

async function run(binding: Binding, ...statements: readonly string[]): Promise<void> {
  await binding.batch(statements.map((sql) => binding.prepare(sql)));
}

async function all(binding: Binding, sql: string): Promise<unknown[]> {
  return (await binding.prepare(sql).raw()).map(String);
}

async function contentOf(binding: Binding): Promise<unknown> {
  return {
    users: await all(binding, "SELECT * FROM users ORDER BY id"),
    orders: await all(binding, "SELECT * FROM orders ORDER BY id"),
    found: await all(binding, "SELECT rowid FROM found WHERE found MATCH 'ada'"),
    log: await all(binding, "SELECT * FROM log"),
    triggers: await all(binding, "SELECT name FROM sqlite_master WHERE type = 'trigger'"),
  };
}

async function usersIn({ binding, snapshot }: Shop): Promise<[SnapshotDatabase, ChosenTables]> {
  const present = (await takeFrom(binding, memoryStore(), null)).manifest.database;
  const { database } = snapshot.manifest;
  if (present === null || database === null) throw new Error("no database");
  const named = { names: ["users"], short: "abc", isOwn: () => false };
  return [database, chooseTables({ ...named, snapshot: database, present })];
}

async function write(given: Shop): Promise<readonly string[]> {
  const { binding, store, snapshot, copy } = given;
  const [database, chosen] = await usersIn(given);
  const rebuilt = openLocal(copy, target, { mode: "read" });
  const request = writing(binding, { store, snapshot, copy: rebuilt.d1 });
  const wanted = { ...request.wanted, database: { ...database, ...chosen.content } };
  try {
    return await writeDatabase({ ...request, wanted, only: chosen.names });
  } finally {
    rebuilt.close();
  }
}

describe("some tables, restored at a running workerd", () => {
  test("are there at once if another process replaces them in its file", async () => {
    const made = await shop();
    const { binding, file, copy } = made;
    const before = await contentOf(binding);
    await run(binding, RENAME, "INSERT INTO found(found) VALUES ('rebuild')");
    const [, chosen] = await usersIn(made);
    replaceTables(file, { from: copy, created: [...chosen.created], ...chosen.content });
    expect(await contentOf(binding)).toEqual(before);
    await run(binding, "INSERT INTO users VALUES (3, 'ada the third')");
    expect(await contentOf(binding)).toMatchObject({ found: ["1", "3"], orders: ["1,1", "2,2"] });
  });

  test("are written in batches in which no trigger fires and no foreign key acts", async () => {
    const made = await shop();
    const { binding } = made;
    const before = await contentOf(binding);
    await run(binding, RENAME, "INSERT INTO found(found) VALUES ('rebuild')", "DELETE FROM log");
    expect(await write(made)).toEqual([]);
    expect(await contentOf(binding)).toEqual({ ...(before as object), log: [] });
  });

  test("are refused if D1 would delete rows of another table, and nothing changes", async () => {
    const made = await shop();
    const { binding } = made;
    await run(binding, "INSERT INTO users VALUES (3, 'new')", "INSERT INTO orders VALUES (3, 3)");
    const present = await contentOf(binding);
    await expect(write(made)).rejects.toMatchObject({
      code: "SNAPSHOT_INCOMPLETE",
      message: expect.stringContaining("rows of orders"),
    });
    expect(await contentOf(binding)).toEqual(present);
  });
});
