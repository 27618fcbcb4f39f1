import { describe, expect, test } from "vitest";
import { openMemory } from "../../src/database/memory.ts";
import type { Database } from "../../src/database/port.ts";
import { applyMigrations } from "../../src/migrations/apply.ts";
import { readLedger } from "../../src/migrations/ledger.ts";
import type { Migration } from "../../src/migrations/migration.ts";
import {
  type Verification,
  verifySchema,
  type VerifyRequest,
} from "../../src/migrations/verify.ts";
import { definitionsStatement } from "../../src/schema/identical.ts";
import { migration } from "./make.ts";
import { database, databaseForEach, request, TABLE } from "./run-fixture.ts";

databaseForEach();

const ONE = migration("0001_one.sql", "CREATE TABLE one(a);\nCREATE INDEX i ON one(a);");
const TWO = migration(
  "0002_two.sql",
  "CREATE VIEW v AS SELECT a FROM one;\nCREATE TRIGGER r AFTER INSERT ON one BEGIN SELECT 1; END;",
);
/** In the lines of the two files. */
const OBJECTS = 4;

let opened: { open: number; closed: number };

async function verify(
  folder: readonly Migration[],
  over: Partial<VerifyRequest> = {},
): Promise<Verification> {
  opened = { open: 0, closed: 0 };
  const counting = (): Database => {
    const memory = openMemory();
    opened.open += 1;
    return {
      ...memory,
      close() {
        opened.closed += 1;
        memory.close();
      },
    };
  };
  const { d1 } = database;
  const table = over.table ?? TABLE;
  const applied = await readLedger(d1, table);
  return verifySchema({ d1, table, folder, applied, openMemory: counting, ...over });
}

async function apply(folder: readonly Migration[], table = TABLE): Promise<void> {
  const ledger = await readLedger(database.d1, table);
  const { stopped } = await applyMigrations(await request(folder, { table, ledger }));
  expect(stopped).toBe("no");
}

describe("verifySchema", () => {
  test("finds no difference if the definitions are identical", async () => {
    await apply([ONE, TWO]);
    expect(await verify([ONE, TWO])).toEqual({
      outcome: "compared",
      differences: [],
      objects: OBJECTS,
    });
    expect(opened).toEqual({ open: 1, closed: 1 });
  });

  test("finds no difference if only the spelling differs, and counts the same objects", async () => {
    await apply([ONE, TWO]);
    await database.d1.exec("DROP INDEX i");
    await database.d1.exec('create index "i" on "one" ( "a" )');
    expect(await verify([ONE, TWO])).toEqual({
      outcome: "compared",
      differences: [],
      objects: OBJECTS,
    });
  });

  test("ignores the ledgers, whatever the config calls them", async () => {
    await apply([ONE, TWO], "my_migrations");
    expect(await verify([ONE, TWO], { table: "my_migrations" })).toMatchObject({
      objects: OBJECTS,
    });
    await database.d1.exec("DROP INDEX i");
    expect(await verify([ONE, TWO], { table: "my_migrations" })).toMatchObject({
      objects: OBJECTS,
      differences: [{}],
    });
  });

  test("reports a difference that was made by hand", async () => {
    await apply([ONE, TWO]);
    await database.d1.exec("CREATE TABLE mine(a)");
    await database.d1.exec("DROP VIEW v");
    const found = await verify([ONE, TWO]);
    expect(found).toMatchObject({ outcome: "compared", objects: OBJECTS });
    expect(
      found.outcome === "compared" && found.differences.map(({ name }) => name).sort(),
    ).toEqual(["mine", "v"]);
    expect(opened).toEqual({ open: 1, closed: 1 });
  });

  test("uses definitions that were read already, if they are identical", async () => {
    await apply([ONE, TWO]);
    const definitions = (await definitionsStatement(database.d1).all()).results;
    const empty = openMemory();
    expect(await verify([ONE, TWO], { definitions, d1: empty.d1 })).toMatchObject({
      differences: [],
    });
    empty.close();
  });

  test("does not compare if an applied file fails in the replay", async () => {
    await apply([ONE, TWO]);
    const broken = migration(ONE.name, "CREATE TABLE one(a);\nINSERT INTO nowhere VALUES (1);");
    expect(await verify([broken, TWO])).toEqual({
      outcome: "not replayed",
      migration: broken,
      index: 1,
      place: "INSERT INTO ".length,
      message: expect.stringContaining("no such table: nowhere"),
    });
    expect(opened).toEqual({ open: 1, closed: 1 });
  });
});
