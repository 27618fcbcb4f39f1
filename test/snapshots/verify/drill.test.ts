import { describe, expect, test } from "vitest";
import { differencesBetween } from "../../../src/snapshots/verify/drill.ts";
import { handMade, table } from "../hand-made.ts";

type Tables = NonNullable<Parameters<typeof handMade>[1]["tables"]>;

function differences(wanted: Tables, found: Tables): string[] {
  const databaseOf = (tables: Tables): Parameters<typeof differencesBetween>[0] => ({
    schema: handMade("a", { tables }).manifest.database?.schema ?? [],
    tables,
  });
  return differencesBetween(databaseOf(wanted), databaseOf(found));
}

describe("the comparison of a drill", () => {
  test("finds no difference between equal databases", () => {
    const tables = [table("users", "a", "b"), table("logs")];
    expect(differences(tables, tables)).toEqual([]);
  });

  test.each([
    [[table("users", "a")], [table("users", "b")], ["the table users has other rows"]],
    [
      [table("users", "a", "b")],
      [table("users", "a")],
      ["the table users has 10 rows instead of 20"],
    ],
    [
      [table("users", "a")],
      [],
      ["the table users is missing", "the table users has no rows that can be read"],
    ],
    [
      [],
      [table("users", "a")],
      ["the table users is not part of it", "the table users is not part of it"],
    ],
  ])("names the table that differs (case %#)", (wanted, found, named) => {
    expect(differences(wanted, found)).toEqual(named);
  });

  test("names an object of the schema whose text differs", () => {
    const one = { type: "view", name: "v", table: "v", sql: "CREATE VIEW v AS SELECT 1" } as const;
    const other = { ...one, sql: "CREATE VIEW v AS SELECT 2" };
    expect(
      differencesBetween({ schema: [one], tables: [] }, { schema: [other], tables: [] }),
    ).toEqual(["the view v has another text"]);
  });
});
