/** The first errors of a new project: no folder, no database, a misspelt name. */
import { describe, expect, test } from "vitest";
import {
  doctor,
  migrateApply,
  migratePlan,
  migrateStatus,
  migrateVerify,
  backfillStatus,
  renderReport,
} from "../../src/index.ts";
import { d1ops, makeProject } from "../project.ts";

const TABLE = { "migrations/0001_users.sql": "CREATE TABLE users(id INTEGER PRIMARY KEY);\n" };

test("the hint about a missing migrations folder is the command that creates it with a first migration", async () => {
  const project = makeProject();
  await expect(migrateStatus({ cwd: project.dir })).rejects.toMatchObject({
    code: "MIGRATIONS_FOLDER_MISSING",
    hint: expect.stringMatching(/first migration:\nnpx d1ops migrate new TITLE$/),
  });
});

test("the hint about an unknown environment of Pages does not suggest adding it", async () => {
  const project = makeProject({
    "wrangler.jsonc":
      '{"name":"p","pages_build_output_dir":"out","d1_databases":[{"binding":"DB"}]}',
  });
  await expect(migratePlan({ cwd: project.dir, env: "stagingg" })).rejects.toMatchObject({
    code: "ENVIRONMENT_UNKNOWN",
    hint: `The environment production:
npx d1ops migrate plan --local --env production
The environment preview:
npx d1ops migrate plan --local --env preview
A Pages project has no other environments.`,
  });
});

test("the error of d1ops without a command has no empty detail", async () => {
  const { stderr } = await d1ops(makeProject(), []);
  expect(stderr).not.toContain("argument:");
  expect(stderr).toContain("--help` lists the commands and flags.");
});

describe("doctor", () => {
  test("reports an empty database_id", async () => {
    const project = makeProject({
      ...TABLE,
      "wrangler.jsonc": '{"name":"p","d1_databases":[{"binding":"DB","database_id":""}]}',
    });
    expect((await doctor({ cwd: project.dir })).checks).toContainEqual(
      expect.objectContaining({ id: "database.id", outcome: "warn", measured: "empty" }),
    );
  });

  test("reports a check that it could not make, and why", async () => {
    const report = await doctor({ cwd: makeProject(TABLE).dir });
    expect(report).toMatchObject({ exitCode: 0 });
    expect(report.summary).toMatch(/^\d checks, .*1 not checked$/);
    expect(await renderReport("text", report)).toContain(
      "database.readable    not checked: no local database yet",
    );
  });
});

test("the summary of verify fits a single migration", async () => {
  const project = makeProject(TABLE);
  await migrateApply({ cwd: project.dir, place: "local" });
  const { summary } = await migrateVerify({ cwd: project.dir });
  expect(summary).toBe("The schema matches 1 applied migration");
});

describe("a missing backfill", () => {
  const backfill =
    "-- d1ops:source users\n-- d1ops:key id\n-- d1ops:write\nUPDATE users SET id = id WHERE {window};\n";

  test.each([
    ["0002_fill", "write the backfill:\nnpx d1ops backfill new 0002_fill"],
    ["fill", "put the file fill.sql into the folder backfills beside the migrations."],
  ])(
    "%s: the error names the migration that requires it, and the command that creates it",
    async (name, how) => {
      const project = makeProject({
        ...TABLE,
        "migrations/0002_drop.sql": `-- d1ops:requires backfill ${name}\nDROP TABLE users;\n`,
      });
      await expect(migratePlan({ cwd: project.dir })).rejects.toMatchObject({
        code: "BACKFILL_UNKNOWN",
        message: `0002_drop.sql requires the backfill ${name}, but no backfill has that name.`,
        hint: `Correct the line "-- d1ops:requires backfill ${name}", or ${how}`,
      });
    },
  );

  test.each(["phnes", "phones", "0003_phnes"])(
    "%s: the error names the most similar backfill",
    async (name) => {
      const project = makeProject({ ...TABLE, "migrations/backfills/0003_phones.sql": backfill });
      await migrateApply({ cwd: project.dir, place: "local" });
      await expect(backfillStatus({ cwd: project.dir, name })).rejects.toMatchObject({
        code: "BACKFILL_UNKNOWN",
        hint: "Did you mean 0003_phones?\nnpx d1ops backfill status 0003_phones --local",
      });
    },
  );
});
