import { rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { migrateApply } from "../../../src/commands/migrate/apply.ts";
import { migrateVerify } from "../../../src/commands/migrate/verify.ts";
import type { Report } from "../../../src/report/report.ts";
import { makeProject, type Project } from "../../project.ts";

const CORE = `CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT, old TEXT);
CREATE INDEX by_name ON users(name);
CREATE VIEW names AS SELECT name FROM users;`;

async function shop(): Promise<Project> {
  const project = makeProject({ "migrations/0001_core.sql": CORE });
  await apply(project);
  return project;
}

function apply({ dir }: Project): Promise<Report> {
  return migrateApply({ cwd: dir, variables: {}, place: "local" });
}

function verify({ dir }: Project): Promise<Report> {
  return migrateVerify({ cwd: dir, variables: {} });
}

function write(project: Project, sql: string): void {
  const db = project.open();
  db.exec(sql);
  db.close();
}

interface Change {
  /** Someone runs it without a migration. */
  readonly outside: string;
  readonly advice: string;
  /** The migration that follows the advice. */
  readonly migration: string;
}

const REBUILD = `CREATE TABLE n(id INTEGER PRIMARY KEY, name TEXT NOT NULL, old TEXT);
INSERT INTO n SELECT * FROM users; DROP VIEW names; DROP TABLE users; ALTER TABLE n RENAME TO users;
CREATE INDEX by_name ON users(name); CREATE VIEW names AS SELECT name FROM users;`;

const CHANGES: readonly Change[] = [
  {
    outside: "ALTER TABLE users ADD COLUMN age INTEGER",
    advice: "adds the column users.age",
    migration: "ALTER TABLE users ADD COLUMN age INTEGER;",
  },
  {
    outside: "ALTER TABLE users DROP COLUMN old",
    advice: "drops the column users.old",
    migration: "ALTER TABLE users DROP COLUMN old;",
  },
  {
    outside: "CREATE TABLE notes(a)",
    advice: "create it with IF NOT EXISTS",
    migration: "CREATE TABLE IF NOT EXISTS notes(a);",
  },
  {
    outside: "DROP INDEX by_name",
    advice: "drop it with IF EXISTS in",
    migration: "DROP INDEX IF EXISTS by_name;",
  },
  {
    outside: "DROP VIEW names; CREATE VIEW names AS SELECT id FROM users",
    advice: "drop it with IF EXISTS and create it again",
    migration: "DROP VIEW IF EXISTS names; CREATE VIEW names AS SELECT id FROM users;",
  },
  { outside: REBUILD, advice: "rebuild the table", migration: REBUILD },
];

describe("the help of a schema that was changed without a migration", () => {
  test.each(CHANGES)("can be followed: $outside", async ({ outside, advice, migration }) => {
    const project = await shop();
    write(project, outside);
    const { findings } = await verify(project);
    expect(findings).toMatchObject([{ rule: "drift", level: "error" }]);
    const help = findings[0]?.help ?? "";
    expect(help).toContain(advice);
    expect(help).toMatch(/:\nnpx d1ops migrate new TITLE --local$|:\nnpx d1ops migrate new TITLE$/);
    project.write("migrations/0002_keep.sql", migration);
    const record = /record it there as applied: (INSERT .*?\))(?=:?\n)/.exec(help)?.[1];
    if (record !== undefined) write(project, record.replace("FILE.sql", "0002_keep.sql"));
    expect(await apply(project)).toMatchObject({ exitCode: 0, findings: [] });
    expect(await verify(project)).toMatchObject({ outcome: "ok", findings: [] });
  });

  test.each([
    ["was edited", (text: string): string => text.replace(", old TEXT", "")],
    ["is gone", null],
  ])("names the applied file that %s, which may be the cause", async (_, edit) => {
    const project = await shop();
    project.write("migrations/0002_more.sql", "CREATE TABLE more(a);");
    await apply(project);
    if (edit === null) rmSync(join(project.dir, "migrations/0002_more.sql"));
    else project.write("migrations/0001_core.sql", edit(CORE));
    const file = edit === null ? "0002_more.sql" : "0001_core.sql";
    const { findings } = await verify(project);
    const drifts = findings.filter(({ rule }) => rule === "drift");
    expect(drifts).toHaveLength(1);
    expect(drifts[0]?.help).toMatch(`${file} was edited, renamed or deleted after it was applied`);
    expect(drifts[0]?.help).toMatch(/Then compare again:\nnpx d1ops migrate verify/);
    expect(drifts[0]?.help).not.toContain("without a migration");
  });
});
