import { describe, expect, test } from "vitest";
import { startCloudflare } from "../../fixtures/cloudflare/fake.ts";
import { gateStatements } from "../../src/backfills/gate.ts";
import { parseSqlBackfill } from "../../src/backfills/parse.ts";
import { backfillRun } from "../../src/commands/backfill-run.ts";
import { migrateApply } from "../../src/commands/migrate-apply.ts";
import { migratePlan } from "../../src/commands/migrate-plan.ts";
import { openMemory } from "../../src/database/memory.ts";
import type { Report } from "../../src/report/report.ts";
import { makeProject, type Project } from "../project.ts";
import { makeRemoteProject } from "./remote.ts";

/** A migration that destroys what a backfill reads runs only once the backfill is reconciled. */

const BACKFILL = `-- d1ops:after 0001_users.sql
-- d1ops:source users
-- d1ops:key id
-- d1ops:write
UPDATE users SET name = old_name WHERE {window};
-- d1ops:reconcile
SELECT id FROM users WHERE name IS NOT old_name;
`;

const FILES = {
  "migrations/0001_users.sql":
    "CREATE TABLE users(id INTEGER PRIMARY KEY, old_name TEXT, name TEXT);",
  "migrations/backfills/0001_names.sql": BACKFILL,
};

const DROP = "-- d1ops:requires backfill 0001_names\nALTER TABLE users DROP COLUMN old_name;";

async function withUsers(): Promise<Project> {
  const project = makeProject(FILES);
  await migrateApply({ cwd: project.dir, place: "local" });
  const db = project.open();
  db.exec("INSERT INTO users(old_name) VALUES ('Zoe'), ('Elise')");
  db.close();
  project.write("migrations/0002_drop.sql", DROP);
  return project;
}

function apply(project: Project): Promise<Report> {
  return migrateApply({ cwd: project.dir, place: "local" });
}

function run(project: Project): Promise<Report> {
  return backfillRun({ cwd: project.dir, place: "local", name: "0001_names" });
}

describe("a migration that requires a backfill", () => {
  test("is stopped by the plan, and applied by nobody, while it has not been run", async () => {
    const project = await withUsers();
    expect(await migratePlan({ cwd: project.dir })).toMatchObject({
      exitCode: 1,
      findings: [{ rule: "requires" }, { rule: "destructive" }],
    });
    expect(await apply(project)).toMatchObject({ exitCode: 3, outcome: "problems" });
  });

  test("runs once it is reconciled", async () => {
    const project = await withUsers();
    expect(await run(project)).toMatchObject({ exitCode: 0 });
    expect(await apply(project)).toMatchObject({ exitCode: 0, outcome: "changed" });
  });

  test("is stopped again by a row that came behind the cursor", async () => {
    const project = await withUsers();
    await run(project);
    const db = project.open();
    db.exec("UPDATE users SET old_name = 'Ana' WHERE id = 1");
    db.close();
    const report = await apply(project);
    expect(report.exitCode).toBe(3);
    expect(report.findings[0]?.message).toMatch(/reconciliation finds 1 row that is/);
  });

  test("runs on a new database, where there is nothing to read", async () => {
    const project = makeProject({ ...FILES, "migrations/0002_drop.sql": DROP });
    expect(await apply(project)).toMatchObject({ exitCode: 0, outcome: "changed" });
  });

  test("is a usage error where there is no such backfill", async () => {
    const project = makeProject({
      ...FILES,
      "migrations/0002_drop.sql": DROP.replace("names", "nmes"),
    });
    await expect(apply(project)).rejects.toMatchObject({ code: "BACKFILL_UNKNOWN" });
  });

  test("lets nothing before it be written to a remote database that nobody has confirmed", async () => {
    const cloudflare = await startCloudflare({ timeTravel: "bookmarks only" });
    const project = makeRemoteProject(cloudflare, FILES);
    const remote = {
      cwd: project.dir,
      place: "remote",
      variables: cloudflare.variables(),
    } as const;
    await migrateApply({ ...remote, yes: true });
    const db = project.database.open();
    db.exec("INSERT INTO users(old_name) VALUES ('Zoe')");
    db.close();
    project.write("migrations/0002_more.sql", "CREATE TABLE more(a);");
    project.write("migrations/0003_drop.sql", DROP);
    const before = project.database.bookmark();
    expect(await migrateApply(remote)).toMatchObject({ exitCode: 3 });
    expect(project.database.bookmark()).toBe(before);
    await cloudflare.close();
  });
});

test("inside of a batch the gate fails, and the batch with it, where something is left over", async () => {
  const { d1, close } = openMemory();
  const backfill = parseSqlBackfill({ name: "b", file: "b.sql", checksum: "", text: BACKFILL });
  await d1.prepare("CREATE TABLE users(id INTEGER PRIMARY KEY, old_name, name)").run();
  const gated = (): Promise<unknown> =>
    d1.batch([...gateStatements(d1, backfill), d1.prepare("DROP TABLE users")]);
  await d1.prepare("INSERT INTO users(old_name) VALUES (1)").run();
  await expect(gated()).rejects.toThrow("malformed JSON");
  expect(await d1.prepare("SELECT count(*) AS n FROM users").first("n")).toBe(1);
  await d1.prepare("DELETE FROM users").run();
  await gated();
  close();
});
