import { describe, expect, test } from "vitest";
import { fileWords, migrationTemplate, nextMigrationName } from "../../src/migrations/create.ts";
import { OpsError } from "../../src/report/error.ts";

describe("the name of a new migration", () => {
  test.each([
    [
      "has the number after the highest one",
      ["0002_b.sql", "0010_c.sql", "0001_a.sql"],
      "0011_x.sql",
    ],
    ["is the first in an empty folder", [], "0001_x.sql"],
    ["does not count files without a number", ["notes.sql", "0003_a.sql"], "0004_x.sql"],
    ["is the first beside files without a number", ["notes.sql"], "0001_x.sql"],
    ["has more than four digits if it must", ["9999_a.sql"], "10000_x.sql"],
    ["reads a timestamp as a number", ["20251101120000_a.sql"], "20251101120001_x.sql"],
  ])("%s", (_, existing, expected) => {
    expect(nextMigrationName(existing, "x")).toBe(expected);
  });

  test("keeps one .sql at its end, and loses none inside", () => {
    expect(nextMigrationName([], "add plan.sql")).toBe("0001_add_plan.sql");
    expect(nextMigrationName([], "a.sql_b")).toBe("0001_a.sql_b.sql");
  });
});

describe("a title as a part of a file's name", () => {
  test("has one underscore for each run of white space, and none around it", () => {
    expect(fileWords("  add \t plan\nto tenants ", "")).toBe("add_plan_to_tenants");
  });

  test("may have a dot inside, and at its end", () => {
    expect(fileWords("v1.2", "")).toBe("v1.2");
    expect(fileWords("v1.", "")).toBe("v1.");
  });

  test.each([
    "",
    "  ",
    ".sql",
    ".hidden",
    "a/b",
    "a\\b",
    "a:b",
    "a*",
    "a?",
    'a"',
    "a<",
    "a>",
    "a|",
    "a\u0000",
  ])("is refused: %j", (title) => {
    const refused = (): string => fileWords(title, "d1ops migrate new add_plan");
    expect(refused).toThrow(OpsError);
    expect(refused).toThrow(
      expect.objectContaining({
        code: "MIGRATION_NAME_INVALID",
        details: { name: title },
        hint: "Use letters, digits, spaces and underscores:\nd1ops migrate new add_plan",
      }),
    );
  });
});

test("a new file says its number and when it was begun, as wrangler's does", () => {
  expect(migrationTemplate("0007_add_plan.sql", "2026-01-02T03:04:05.000Z")).toBe(
    "-- Migration number: 0007 \t 2026-01-02T03:04:05.000Z\n",
  );
});
