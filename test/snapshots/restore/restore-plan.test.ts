import { describe, expect, test } from "vitest";
import type { Manifest } from "../../../src/snapshots/store/manifest.ts";
import {
  changesDatabase,
  changesOf,
  planRestore,
} from "../../../src/snapshots/restore/restore-plan.ts";
import { file, handMade, type HandMade, table } from "../hand-made.ts";

function of(content: HandMade): Manifest {
  return handMade("a", content).manifest;
}

describe("the plan of a restore", () => {
  test("has no change if the present equals the snapshot", () => {
    const content = { tables: [table("users", "a", "b")], files: [file("x.txt", "x")] };
    const plan = planRestore(of(content), of(content));
    expect(changesOf(plan)).toEqual({ tables: [], schema: [], others: [], files: [] });
    expect(changesDatabase(plan)).toBe(false);
  });

  test("counts the rows of the ranges that the snapshot does not have, as rows that may be lost", () => {
    const plan = planRestore(
      of({ tables: [table("users", "a", "x", "y", "b")] }),
      of({ tables: [table("users", "a", "b", "c")] }),
    );
    expect(changesOf(plan).tables).toEqual([
      { name: "users", change: "changed", rowsNow: 40, rowsThen: 30, atRisk: 20 },
    ]);
    expect(changesDatabase(plan)).toBe(true);
  });

  test("loses no row if the snapshot only has more of them", () => {
    const plan = planRestore(
      of({ tables: [table("users", "a")] }),
      of({ tables: [table("users", "a", "b")] }),
    );
    expect(changesOf(plan).tables).toMatchObject([{ change: "changed", atRisk: 0 }]);
  });

  test("creates the tables that only the snapshot has, and drops those that only the present has", () => {
    const plan = planRestore(
      of({ tables: [table("drafts", "d")] }),
      of({ tables: [table("users", "u")] }),
    );
    expect(changesOf(plan).tables).toEqual([
      { name: "users", change: "created", rowsNow: 0, rowsThen: 10, atRisk: 0 },
      { name: "drafts", change: "removed", rowsNow: 10, rowsThen: 0, atRisk: 10 },
    ]);
    expect(plan.database?.schema.map(({ name }) => name)).toEqual(["table users", "table drafts"]);
  });

  test("changes the database if only the text of an object differs", () => {
    const present = of({ tables: [table("users", "a")] });
    const index = { type: "index", name: "by_id", table: "users", sql: "CREATE INDEX …" } as const;
    const then = {
      ...present,
      database: present.database && {
        ...present.database,
        schema: [...present.database.schema, index],
      },
    };
    const plan = planRestore(present, then);
    expect(changesOf(plan).tables).toEqual([]);
    expect(plan.database?.schema).toEqual([
      { name: "index by_id", change: "created", isPlannedTable: false },
    ]);
    expect(changesDatabase(plan)).toBe(true);
  });

  test("a table whose columns have another order is changed, although its chunks are equal", () => {
    const now = table("users", "a");
    const plan = planRestore(
      of({ tables: [now] }),
      of({ tables: [{ ...now, columns: ["other"] }] }),
    );
    expect(changesOf(plan).tables).toMatchObject([{ name: "users", change: "changed" }]);
  });

  test("overwrites files with another content or mode, creates missing ones, and removes those that only the present has", () => {
    const plan = planRestore(
      of({
        files: [
          file("same", "s"),
          file("edited", "e2"),
          file("mode", "m", 0o755),
          file("new", "n"),
        ],
      }),
      of({ files: [file("same", "s"), file("edited", "e"), file("mode", "m"), file("gone", "g")] }),
    );
    expect(changesOf(plan).files.map(({ path, change }) => `${path} ${change}`)).toEqual([
      "edited changed",
      "mode changed",
      "gone created",
      "new removed",
    ]);
  });

  test("does not concern the database if the snapshot has none", () => {
    const plan = planRestore(of({ tables: [table("users", "a")] }), of({ files: [] }));
    expect(plan).toMatchObject({ database: null, files: [] });
  });

  test("a database that does not exist yet is created", () => {
    const plan = planRestore(of({ files: [] }), of({ tables: [table("users", "a")] }));
    expect(changesOf(plan).tables).toMatchObject([{ change: "created", atRisk: 0 }]);
  });
});
