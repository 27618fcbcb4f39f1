import { D1Dialect } from "kysely-d1";
import { type Generated, Kysely } from "kysely";
import type { D1Database as CloudflareD1 } from "@cloudflare/workers-types";
import { describe, expect, expectTypeOf, test } from "vitest";
import type { D1Client } from "../../src/database/client.ts";
import { openLocal } from "../../src/database/local.ts";
import { openMemory } from "../../src/database/memory.ts";
import type { D1Database } from "../../src/database/port.ts";
import { folderForEach, target } from "./folder.ts";

const folder = folderForEach();

describe("the types", () => {
  test("let code that was written for a Worker accept the databases of d1ops", () => {
    expectTypeOf<D1Client>().toExtend<CloudflareD1>();
  });

  test("let d1ops accept the binding of a Worker", () => {
    expectTypeOf<CloudflareD1>().toExtend<D1Database>();
  });
});

describe.each([
  ["memory", () => openMemory()],
  ["a local file", () => openLocal(folder.file, target, { mode: "write" })],
] as const)("in %s", (_name, open) => {
  test("kysely-d1 reads and writes rows", async () => {
    interface Schema {
      person: { id: Generated<number>; name: string; age: number | null };
    }
    const database = open();
    const { d1 } = database;
    const db = new Kysely<Schema>({ dialect: new D1Dialect({ database: d1 }) });
    await db.schema
      .createTable("person")
      .addColumn("id", "integer", (column) => column.primaryKey().autoIncrement())
      .addColumn("name", "text", (column) => column.notNull().unique())
      .addColumn("age", "integer")
      .execute();
    const inserted = await db
      .insertInto("person")
      .values([
        { name: "Ada", age: 36 },
        { name: "Bo", age: null },
      ])
      .executeTakeFirst();
    expect(inserted).toMatchObject({ insertId: 2n, numInsertedOrUpdatedRows: 2n });
    const updated = await db
      .updateTable("person")
      .set({ age: 37 })
      .where("name", "=", "Ada")
      .returning(["id", "age"])
      .execute();
    expect(updated).toEqual([{ id: 1, age: 37 }]);
    await expect(db.insertInto("person").values({ name: "Ada", age: 1 }).execute()).rejects.toThrow(
      "UNIQUE constraint failed: person.name",
    );
    const names = await db.selectFrom("person").select("name").orderBy("name", "desc").execute();
    expect(names).toEqual([{ name: "Bo" }, { name: "Ada" }]);
    expect((await db.introspection.getTables()).map(({ name }) => name)).toEqual(["person"]);
    database.close();
  });

  test("an error in a batch has the statement's index and D1's message", async () => {
    const database = open();
    const { d1 } = database;
    const failing = d1.batch(
      [
        "CREATE TABLE t(a UNIQUE)",
        " -- c",
        "INSERT INTO t VALUES(1)",
        "INSERT INTO t VALUES(1)",
        "SELECT 1",
      ].map((sql) => d1.prepare(sql)),
    );
    const text =
      "UNIQUE constraint failed: t.a: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_UNIQUE)";
    await expect(failing).rejects.toMatchObject({
      message: `D1_ERROR: ${text}`,
      index: 3,
      cause: { message: text },
    });
    const alone: unknown = await d1
      .prepare("SELEC")
      .run()
      .catch((error: unknown) => error);
    expect(alone).not.toHaveProperty("index");
    database.close();
  });

  test("batch rejects statements of another library", async () => {
    const database = open();
    const { d1 } = database;
    const other = openMemory();
    const stranger = { ...d1.prepare("SELECT 1") };
    await expect(d1.batch([stranger])).rejects.toThrow("batch() accepts only statements");
    expect(await d1.batch([other.d1.prepare("SELECT 1 AS one")])).toMatchObject([
      { results: [{ one: 1 }] },
    ]);
    other.close();
    database.close();
  });

  test("a session reads and writes the database and has no bookmark, and dump fails", async () => {
    const database = open();
    const { d1 } = database;
    const session = d1.withSession("first-primary");
    await session.batch([session.prepare("CREATE TABLE t(a)")]);
    expect(await d1.prepare("SELECT count(*) AS n FROM t").first("n")).toBe(0);
    expect(session.getBookmark()).toBeNull();
    await expect(d1.dump()).rejects.toThrow("D1_DUMP_ERROR");
    database.close();
  });

  test("bind returns a new statement and leaves the first one unchanged", async () => {
    const database = open();
    const { d1 } = database;
    const bytes = new Uint8Array([1, 2]);
    const statement = d1.prepare("SELECT ? AS x").bind(bytes);
    bytes[0] = 9;
    const { buffer } = new Uint8Array([3]);
    const another = d1.prepare("SELECT ? AS x").bind(buffer);
    new Uint8Array(buffer)[0] = 9;
    expect(await statement.first("x")).toEqual([1, 2]);
    expect(await another.first("x")).toEqual([3]);
    database.close();
  });
});

test("two databases in memory share no data", async () => {
  const one = openMemory({ name: "one" });
  const two = openMemory();
  await one.d1.prepare("CREATE TABLE t(a)").run();
  await expect(two.d1.prepare("SELECT * FROM t").all()).rejects.toThrow("no such table: t");
  expect([one.target.database, two.target.database]).toEqual(["one", "memory"]);
  one.close();
  two.close();
});
