import { describe, expect, test } from "vitest";
import {
  fileWords,
  migrationTemplate,
  nextMigrationName,
  titleOf,
} from "../../src/migrations/scaffold.ts";
import { OpsError } from "../../src/report/error.ts";

describe("nextMigrationName", () => {
  test.each([
    [
      "uses the number after the highest one",
      ["0002_b.sql", "0010_c.sql", "0001_a.sql"],
      "0011_x.sql",
    ],
    ["starts at 1 in an empty folder", [], "0001_x.sql"],
    ["ignores files without a number", ["notes.sql", "0003_a.sql"], "0004_x.sql"],
    ["starts at 1 if no file has a number", ["notes.sql"], "0001_x.sql"],
    ["uses more than four digits if needed", ["9999_a.sql"], "10000_x.sql"],
    ["reads a timestamp as a number", ["20251101120000_a.sql"], "20251101120001_x.sql"],
  ])("returns the next name: it %s", (_, existing, expected) => {
    expect(nextMigrationName(existing, "x")).toBe(expected);
  });

  test("keeps one .sql at its end, and any inside", () => {
    expect(nextMigrationName([], "add plan.sql")).toBe("0001_add_plan.sql");
    expect(nextMigrationName([], "a.sql_b")).toBe("0001_a.sql_b.sql");
  });
});

describe("fileWords", () => {
  test("replaces each run of white space with one underscore, and trims the ends", () => {
    expect(fileWords("  add \t plan\nto tenants ", "")).toBe("add_plan_to_tenants");
  });

  test("allows a dot inside and at the end", () => {
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
  ])("throws an error for %j", (title) => {
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

test("migrationTemplate writes the number and the time, as wrangler does", () => {
  expect(migrationTemplate("0007_add_plan.sql", "2026-01-02T03:04:05.000Z")).toBe(
    "-- Migration number: 0007 \t 2026-01-02T03:04:05.000Z\n",
  );
});

test.each([
  ["0007_add_plan.sql", "add_plan"],
  ["nested/20251101120000_add_plan.sql", "add_plan"],
  ["add_plan.sql", "add_plan"],
  ["0007.sql", "schema"],
])("titleOf returns the title of the file %s: %s", (name, title) => {
  expect(titleOf(name)).toBe(title);
});
