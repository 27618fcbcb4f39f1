import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  backfillList,
  backfillNew,
  backfillRun,
  migrateApply,
  migrateNew,
} from "../../../src/index.ts";
import { makeProject, type Project } from "../../project.ts";

const CORE = {
  "migrations/0003_core.sql":
    "CREATE TABLE users(id INTEGER PRIMARY KEY, phone TEXT, tidy_phone TEXT);\n",
};

async function shop(files: Readonly<Record<string, string>> = {}): Promise<Project> {
  const project = makeProject({ ...CORE, ...files });
  await migrateApply({ cwd: project.dir, place: "local" });
  const db = project.open();
  db.exec("INSERT INTO users(phone) VALUES ('555 0100'), (NULL), ('555 0101')");
  db.close();
  return project;
}

/** Replaces the names that the first lines of the file ask for. */
function edit(project: Project, file: string): void {
  const path = join(project.dir, file);
  const text = readFileSync(path, "utf8");
  writeFileSync(
    path,
    text
      .replaceAll("your_table", "users")
      .replaceAll("new_column", "tidy_phone")
      .replaceAll("old_column", "phone"),
  );
}

describe("a new backfill", () => {
  test.each([
    ["SQL", { name: "fill phones" }, ".sql", {}],
    ["a program, by its flag", { name: "fill phones", typescript: true }, ".ts", {}],
    ["a program, by its name", { name: "fill phones.mjs" }, ".mjs", { keep: true }],
    [
      "a program in a package of modules",
      { name: "fill phones.ts" },
      ".ts",
      { "package.json": '{"type":"module"}' },
    ],
    [
      "a program in a package of CommonJS",
      { name: "fill phones.mts" },
      ".mts",
      { "package.json": '{"type":"commonjs"}' },
    ],
  ])(
    "can be listed unchanged, and can run once its names are replaced: %s",
    async (_, options, ending, { keep, ...files }: Record<string, unknown>) => {
      const project = await shop(files as Record<string, string>);
      const file = `migrations/backfills/0003_fill_phones${ending}`;
      expect(await backfillNew({ cwd: project.dir, ...options })).toMatchObject({
        outcome: "changed",
        data: { name: "0003_fill_phones", file, after: "0003_core.sql" },
        next: [
          "npx d1ops backfill run 0003_fill_phones --local --dry-run",
          "npx d1ops backfill run 0003_fill_phones --local",
        ],
      });
      if (keep === true) {
        // JavaScript has no types.
        const path = join(project.dir, file);
        const text = readFileSync(path, "utf8");
        writeFileSync(
          path,
          text.replace(/^import type.*\n/m, "").replace(": BackfillDefinition", ""),
        );
      }
      const list = await backfillList({ cwd: project.dir });
      expect(list).toMatchObject({
        exitCode: 0,
        data: { jobs: [{ name: "0003_fill_phones", state: "not begun" }] },
      });
      edit(project, file);
      const run = { cwd: project.dir, place: "local", name: "3" } as const;
      const counts = { scanned: 3, changed: 2, invalid: 1, state: "reconciled" };
      expect(await backfillRun({ ...run, dryRun: true })).toMatchObject({
        exitCode: 0,
        data: { jobs: [counts] },
      });
      expect(await backfillRun(run)).toMatchObject({ exitCode: 0, data: { jobs: [counts] } });
      const db = project.open();
      expect(db.prepare("SELECT tidy_phone AS p FROM users").all()).toEqual([
        { p: "555 0100" },
        { p: null },
        { p: "555 0101" },
      ]);
      db.close();
    },
  );

  test("fails with the name of the missing table and writes nothing if it runs unchanged", async () => {
    const project = await shop();
    await backfillNew({ cwd: project.dir, name: "fill" });
    await expect(
      backfillRun({ cwd: project.dir, place: "local", name: "3" }),
    ).rejects.toMatchObject({
      code: "BACKFILL_NOT_READY",
      message: expect.stringContaining("its source cannot be read: no such table: your_table"),
      hint: expect.stringContaining("in migrations/backfills/0003_fill.sql."),
    });
  });

  test("suggests the same command without --dry-run after a dry run", async () => {
    const { dir } = await shop();
    const options = { cwd: dir, name: "fill phones", typescript: true, dryRun: true };
    expect((await backfillNew(options)).next).toEqual([
      "npx d1ops backfill new 'fill phones' --typescript",
    ]);
    expect((await migrateNew("add plan", { cwd: dir, dryRun: true })).next).toEqual([
      "npx d1ops migrate new 'add plan'",
    ]);
  });

  test("gets the number 1 and no `after` in a project without migrations", async () => {
    const project = makeProject();
    const report = await backfillNew({ cwd: project.dir, name: "it's new" });
    expect(report.data).toEqual({
      name: "0001_it's_new",
      file: "migrations/backfills/0001_it's_new.sql",
      after: null,
    });
    expect(await backfillList({ cwd: project.dir })).toMatchObject({ exitCode: 0 });
  });

  test("keeps the number of its name", async () => {
    const project = await shop();
    expect((await backfillNew({ cwd: project.dir, name: "0042_fill" })).data).toMatchObject({
      name: "0042_fill",
    });
  });

  test("is rejected if a backfill of either kind has its name", async () => {
    const project = await shop();
    await backfillNew({ cwd: project.dir, name: "fill" });
    for (const name of ["fill", "fill.ts"]) {
      await expect(backfillNew({ cwd: project.dir, name })).rejects.toMatchObject({
        code: "MIGRATION_EXISTS",
        message: "There is a backfill 0003_fill already: migrations/backfills/0003_fill.sql.",
      });
    }
  });

  test("is not created by a dry run", async () => {
    const project = await shop();
    expect(await backfillNew({ cwd: project.dir, name: "fill", dryRun: true })).toMatchObject({
      outcome: "ok",
      summary: "Would create migrations/backfills/0003_fill.sql",
    });
    expect(existsSync(join(project.dir, "migrations/backfills"))).toBe(false);
  });

  test.each(["", " ", "a/b", "..", ".ts", "a\nb?"])("is rejected for the name %j", async (name) => {
    const project = await shop();
    await expect(backfillNew({ cwd: project.dir, name })).rejects.toMatchObject({
      code: expect.stringMatching(/MIGRATION_NAME_INVALID|OPTION_INVALID/),
    });
  });

  test("is rejected if it is requested as SQL and as TypeScript", async () => {
    const project = await shop();
    await expect(
      backfillNew({ cwd: project.dir, name: "x.sql", typescript: true }),
    ).rejects.toMatchObject({ code: "USAGE" });
  });
});
