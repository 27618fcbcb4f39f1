import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { listMigrations } from "../../src/files/list-migrations.ts";
import { compareNames } from "../../src/files/order.ts";
import { denied, folder } from "./temporary-folder.ts";

const names = (...list: string[]): Record<string, string> =>
  Object.fromEntries(list.map((name) => [name, "select 1;"]));

describe("listMigrations by pattern", () => {
  const files = names(
    "m/10_b.sql",
    "m/2_a.sql",
    "m/.hidden.sql",
    "m/README.md",
    "m/UP.SQL",
    "m/3_c.sql.bak",
    "m/backfills/1.sql",
    "m/20_x/migration.sql",
    "m/3_x/migration.sql",
    "m/3_x/snapshot.json",
    "m/.git/migration.sql",
    "mm/1.sql",
    "1_top.sql",
  );
  test.each([
    ["m", "m/*.sql", ["2_a.sql", "10_b.sql"]],
    ["m", "m/*/migration.sql", ["3_x/migration.sql", "20_x/migration.sql"]],
    [
      "m",
      "m/**/*.sql",
      ["2_a.sql", "3_x/migration.sql", "10_b.sql", "20_x/migration.sql", "backfills/1.sql"],
    ],
    ["m", "m/{2,10}_*.sql", ["2_a.sql", "10_b.sql"]],
    ["m", "m/*.{sql,SQL}", ["2_a.sql", "10_b.sql", "UP.SQL"]],
    ["m", "m/.*.sql", [".hidden.sql"]],
    ["m/backfills", "m/backfills/*.sql", ["1.sql"]],
    [".", "*.sql", ["1_top.sql"]],
    [".", "mm/*.sql", ["mm/1.sql"]],
    ["m/../mm", "m/../mm/*.sql", ["1.sql"]],
  ])("lists the files in %s that match %s", async (dir, pattern, expected) => {
    using root = folder(files);
    expect(await listMigrations(root.path, dir, pattern)).toEqual(expected);
  });
});

test("listMigrations lists every file of a folder once and in order, for any names", async () => {
  const name = fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 20 })
    .map((it) => `${it.replaceAll(/[/\0\n\u2028\u2029\r]/g, "-")}.sql`)
    .filter((it) => !it.startsWith("."));
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(name, { minLength: 1 }), async (list) => {
      using root = folder(names(...list.map((it) => `m/${it}`)));
      const expected = list.toSorted(compareNames);
      expect(await listMigrations(root.path, "m", "m/*.sql")).toEqual(expected);
      // The same through the glob library.
      expect(await listMigrations(root.path, "m", "m/{*,}*.sql")).toEqual(expected);
    }),
    { numRuns: 50 },
  );
});

test("listMigrations ignores symbolic links, as wrangler does, but the folder itself may be one", async () => {
  using root = folder(names("real/1.sql"));
  symlinkSync("1.sql", join(root.path, "real/2.sql"));
  symlinkSync("real", join(root.path, "m"));
  expect(await listMigrations(root.path, "m", "m/*.sql")).toEqual(["1.sql"]);
});

describe("a folder with the name of a migration", () => {
  test.each([
    ["m/*.sql", "m/2.sql"],
    ["m/**/*.sql", "m/a/2.sql"],
    ["m/*/migration.sql", "m/2_x/migration.sql"],
  ])("is an error if the pattern %s matches the folder %s", async (pattern, path) => {
    using root = folder(names("m/1.sql", "m/1_x/migration.sql"));
    mkdirSync(join(root.path, path), { recursive: true });
    await expect(listMigrations(root.path, "m", pattern)).rejects.toMatchObject({
      code: "MIGRATION_NOT_A_FILE",
      details: { path: join(root.path, path) },
      hint: expect.stringContaining("mv "),
    });
  });

  test("is allowed if the pattern matches every name", async () => {
    using root = folder(names("m/a/1.sql"));
    expect(await listMigrations(root.path, "m", "m/**")).toEqual(["a/1.sql"]);
    expect(await listMigrations(root.path, "m", "m/*/*")).toEqual(["a/1.sql"]);
  });
});

describe("the error of listMigrations without migrations", () => {
  test("says that the folder does not exist", async () => {
    using root = folder();
    await expect(listMigrations(root.path, "m", "m/*.sql")).rejects.toMatchObject({
      code: "MIGRATIONS_FOLDER_MISSING",
      details: { path: join(root.path, "m") },
      hint: expect.stringContaining("migrate new TITLE"),
    });
  });

  test("says that a file is not a folder", async () => {
    using root = folder(names("m"));
    await expect(listMigrations(root.path, "m", "m/*.sql")).rejects.toMatchObject({
      code: "MIGRATIONS_FOLDER_MISSING",
      message: expect.stringContaining("is not a folder"),
    });
  });

  test("suggests migrate new for an empty folder", async () => {
    using root = folder(names("m/README.md"));
    await expect(listMigrations(root.path, "m", "m/*.sql")).rejects.toMatchObject({
      code: "MIGRATIONS_NONE",
      details: { path: join(root.path, "m"), pattern: "m/*.sql" },
      hint: "To create one:\nd1ops migrate new TITLE",
    });
  });

  test.each([
    ["m", "m/*.sql", '"migrations_dir": "m", "migrations_pattern": "m/*/migration.sql"'],
    [".", "*.sql", '"migrations_dir": ".", "migrations_pattern": "*/migration.sql"'],
  ])("suggests the pattern for Drizzle's layout under %s", async (dir, pattern, setting) => {
    using root = folder(names(dir === "." ? "0_a/migration.sql" : "m/0_a/migration.sql"));
    await expect(listMigrations(root.path, dir, pattern)).rejects.toMatchObject({
      code: "MIGRATIONS_NONE",
      hint: expect.stringContaining(setting),
    });
  });

  test("says that a pattern for another folder matches nothing", async () => {
    using root = folder(names("m/1.sql", "m/x/1.sql"));
    await expect(listMigrations(root.path, "m", "x/*.sql")).rejects.toMatchObject({
      code: "MIGRATIONS_NONE",
      hint: 'Begin the pattern with the folder: "migrations_pattern": "m/*.sql"',
    });
  });
});

describe("a folder without read permission", () => {
  test.each([
    ["a folder of migrations", "m/a", "m/a"],
    ["the migrations folder", "m", "m"],
    ["the folder above", "", "m"],
  ])("is an error, not an empty folder, if it is %s", async (_, closed, path) => {
    using root = folder(names("m/1.sql", "m/a/2.sql"));
    using _denied = denied(join(root.path, closed), 0o000);
    await expect(listMigrations(root.path, "m", "m/**/*.sql")).rejects.toMatchObject({
      code: "MIGRATION_UNREADABLE",
      details: { path: join(root.path, path), reason: "permission denied (EACCES)" },
    });
  });
});
