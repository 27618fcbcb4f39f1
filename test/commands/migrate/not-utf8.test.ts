import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  migrateApply,
  type MigrateApplyOptions,
  migratePlan,
  migrateStatus,
  migrateVerify,
  type Report,
  status,
} from "../../../src/index.ts";
import { makeProject, type Project } from "../../project.ts";

/** A file as an editor with Windows-1252 saves it. */
const BAD = new Uint8Array([...Buffer.from("CREATE TABLE notes(a); -- "), 0xe9, 0x0a]);
const OTHER = new Uint8Array([...Buffer.from("CREATE TABLE notes(a); -- "), 0xe8, 0x0a]);

async function apply({ dir }: Project, options: MigrateApplyOptions = {}): Promise<Report> {
  return migrateApply({ cwd: dir, variables: {}, place: "local", ...options });
}

/** A project with two applied files, the second of which is no longer UTF-8. */
async function projectNotUtf8(by: "d1ops" | "wrangler"): Promise<Project> {
  const project = makeProject({
    "migrations/0001_users.sql": "CREATE TABLE users(id INTEGER PRIMARY KEY);",
    "migrations/0002_notes.sql": "CREATE TABLE notes(a);",
  });
  await apply(project);
  if (by === "wrangler") {
    const db = project.open();
    db.exec("DROP TABLE d1ops_migrations");
    db.close();
  }
  project.write("migrations/0002_notes.sql", BAD);
  return project;
}

function rules({ findings }: Report): string[] {
  return findings.map(({ rule, level }) => `${level} ${rule}`);
}

describe("an applied file that is not UTF-8", () => {
  test("is reported as a warning and as changed by reading commands", async () => {
    const project = await projectNotUtf8("d1ops");
    const options = { cwd: project.dir, variables: {} };
    const found = ["error changed", "warning MIGRATION_NOT_UTF8"];
    const looked = await migrateStatus(options);
    expect(rules(looked)).toEqual(found);
    expect(looked).toMatchObject({ exitCode: 1, data: { changed: ["0002_notes.sql"] } });
    expect(looked.findings[1]).toMatchObject({
      file: "migrations/0002_notes.sql",
      message: expect.stringMatching(/^0002_notes\.sql is applied\. .* line 1, byte 26\.$/),
      help: expect.stringContaining("iconv"),
    });
    expect(rules(await status(options))).toEqual(found);
    expect(rules(await migratePlan(options))).toEqual([
      "warning changed",
      "warning MIGRATION_NOT_UTF8",
    ]);
    const verified = await migrateVerify(options);
    expect(rules(verified)).toEqual(found);
    expect(verified).toMatchObject({
      exitCode: 1,
      checks: [{ outcome: "fail" }, { id: "schema.matches", outcome: "not-checked" }],
    });
  });

  test("is only a warning if wrangler applied it, since its original text is unknown", async () => {
    const project = await projectNotUtf8("wrangler");
    const looked = await migrateStatus({ cwd: project.dir, variables: {} });
    expect(rules(looked)).toEqual(["warning MIGRATION_NOT_UTF8"]);
    expect(looked.exitCode).toBe(0);
    project.write("migrations/0003_more.sql", 'CREATE TABLE more(a); INSERT INTO more SELECT "x";');
    const run = await apply(project);
    expect(run).toMatchObject({ exitCode: 0, data: { applied: ["0003_more.sql"] } });
    expect(run.checks).toMatchObject([{ outcome: "not-checked" }]);
  });

  test("stops the next run until exactly these bytes are accepted", async () => {
    const project = await projectNotUtf8("d1ops");
    project.write("migrations/0003_more.sql", "CREATE TABLE more(a);");
    expect((await apply(project)).exitCode).toBe(3);
    expect((await apply(project, { allow: ["changed"] })).exitCode).toBe(0);
    expect((await migrateStatus({ cwd: project.dir, variables: {} })).exitCode).toBe(0);
    project.write("migrations/0002_notes.sql", OTHER);
    expect((await migrateStatus({ cwd: project.dir, variables: {} })).exitCode).toBe(1);
  });

  test.each([
    ["INSERT INTO nowhere VALUES (1);", /no such table: nowhere/],
    ["INSERT INTO users VALUES (1), (1);", /UNIQUE constraint failed: users\.id/],
  ])("does not hide why another file fails: %s", async (sql, message) => {
    const project = await projectNotUtf8("wrangler");
    project.write("migrations/0003_bad.sql", sql);
    const run = await apply(project);
    expect(run.exitCode).toBe(3);
    expect(run.findings.map((one) => one.message).join()).toMatch(message);
  });
});

test("a pending file that is not UTF-8 stops the run before anything is applied", async () => {
  const project = makeProject({ "migrations/0001_users.sql": "CREATE TABLE users(a);" });
  project.write("migrations/0002_notes.sql", BAD);
  await expect(apply(project)).rejects.toMatchObject({ code: "MIGRATION_NOT_UTF8" });
  expect(existsSync(project.file)).toBe(false);
});
