import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import type { OnProgress } from "../../../src/report/progress.ts";
import { migrateApply, migrateVerify } from "../../../src/index.ts";
import { makeProject, type Project } from "../../project.ts";

/** An apply on an empty database needs no replay. In these tests another program writes before the run or during it. */

const FILES = {
  "migrations/0001_a.sql": "CREATE TABLE a(x);",
  "migrations/0002_b.sql": "CREATE TABLE b(x);\nALTER TABLE a ADD COLUMN y;",
  "migrations/0003_c.sql": "CREATE TABLE c(x);",
};

async function apply({ dir }: Project, onProgress?: OnProgress) {
  const options = { cwd: dir, variables: {}, place: "local" as const };
  const report = await migrateApply({ ...options, ...(onProgress && { onProgress }) });
  expect(report.outcome).toBe("changed");
  return report;
}

/** Runs SQL on a separate connection before this migration. */
function before(project: Project, name: string, sql: string): OnProgress {
  return (_done, _total, label) => {
    if (label !== name) return;
    const db = project.open();
    db.exec(sql);
    db.close();
  };
}

const drift = (report: { findings: readonly { rule: string; message: string }[] }): string[] =>
  report.findings.filter(({ rule }) => rule === "drift").map(({ message }) => message);

test("an apply on an empty database finds no difference, as verify does", async () => {
  const project = makeProject(FILES);
  const { checks } = await apply(project);
  expect(checks).toEqual(
    (await migrateVerify({ cwd: project.dir, variables: {} })).checks.slice(1),
  );
});

test("a second apply on the same database compares its schema again", async () => {
  const project = makeProject({ "migrations/0001_a.sql": FILES["migrations/0001_a.sql"] });
  await apply(project);
  const db = project.open();
  db.exec("CREATE TABLE mine(x)");
  db.close();
  project.write("migrations/0002_d.sql", "CREATE TABLE d(x);");
  const report = await apply(project);
  expect(drift(report)).toEqual([expect.stringContaining("table mine is extra")]);
  expect(report.findings.find(({ rule }) => rule === "drift")?.help).toMatch(
    /IF NOT EXISTS in a new migration:\nnpx d1ops migrate new TITLE$/,
  );
});

test.each([
  ["a table that another program creates", "CREATE TABLE mine(x)", "table mine is extra"],
  ["a column that another program adds", "ALTER TABLE a ADD COLUMN z", "column a.z is extra"],
  ["an index on a new table", "CREATE INDEX i ON b(x)", "index i is extra"],
])("an apply on an empty database finds %s during the run", async (_, sql, message) => {
  const project = makeProject(FILES);
  const found = drift(await apply(project, before(project, "0003_c.sql", sql)));
  expect(found).toEqual([expect.stringContaining(message)]);
});

test("an apply finds what another program created in the file before the run", async () => {
  const project = makeProject(FILES);
  mkdirSync(dirname(project.file), { recursive: true });
  const db = project.open();
  db.exec("CREATE TABLE mine(x)");
  db.close();
  expect(drift(await apply(project))).toEqual([expect.stringContaining("table mine is extra")]);
});

test("two runs at once on an empty database find no difference, and no migration runs twice", async () => {
  const project = makeProject(FILES);
  const others: Promise<unknown>[] = [];
  const report = await apply(project, (_done, _total, label) => {
    if (label !== "0002_b.sql" || others.length > 0) return;
    others.push(migrateApply({ cwd: project.dir, variables: {}, place: "local" }));
  });
  await Promise.all(others);
  expect(drift(report)).toEqual([]);
  expect(report.checks).toMatchObject([{ id: "schema.matches", outcome: "pass" }]);
});
