import { expect, test } from "vitest";
import { together } from "../../src/migrations/ahead.ts";
import { migration } from "./make.ts";

const steps = [
  migration("0001.sql"),
  migration("0002.sql"),
  migration("0003.sql", 'UPDATE "D1_Migrations" SET name = name;'),
  migration("0004.sql"),
];

test.each([
  [0, ["0001.sql", "0002.sql"]],
  [2, ["0003.sql"]],
  [3, ["0004.sql"]],
])("a migration about the ledger is sent alone: from %d on", (at, names) => {
  expect(together(steps, at, 6, "d1_migrations").map(({ name }) => name)).toEqual(names);
});

test("another ledger does not count", () => {
  expect(together(steps, 0, 6, "other")).toHaveLength(4);
});
