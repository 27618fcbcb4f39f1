import { describe, expect, test } from "vitest";
import { migrateApply } from "../../../src/commands/migrate/apply.ts";
import { migratePlan } from "../../../src/commands/migrate/plan.ts";
import { migrateStatus } from "../../../src/commands/migrate/status.ts";
import { migrateVerify } from "../../../src/commands/migrate/verify.ts";
import { status } from "../../../src/commands/status.ts";
import { makeProject, type Project } from "../../project.ts";

/** A misspelt directive would leave a migration without its gate. */

const USERS = "CREATE TABLE users(id INTEGER PRIMARY KEY, old_name TEXT);";
const DROP =
  "-- forgets\n-- d1ops:require backfill 0001_names\nALTER TABLE users DROP COLUMN old_name;";
const FINDING = { rule: "directive", file: "migrations/0002_drop.sql", line: 2 };

async function withUsers(): Promise<Project> {
  const project = makeProject({ "migrations/0001_users.sql": USERS });
  await migrateApply({ cwd: project.dir, place: "local" });
  project.write("migrations/0002_drop.sql", DROP);
  return project;
}

describe("a misspelt directive of a pending migration", () => {
  test("is an error of plan and both status commands, with file, line and the valid directive", async () => {
    const { dir } = await withUsers();
    for (const look of [migratePlan, migrateStatus, status]) {
      const report = await look({ cwd: dir });
      expect(report).toMatchObject({ outcome: "problems", exitCode: 1 });
      expect(report.findings[0]).toMatchObject({ ...FINDING, level: "error" });
      expect(report.findings[0]?.message).toContain("-- d1ops:require backfill 0001_names");
      expect(report.findings[0]?.help).toContain("-- d1ops:requires backfill NAME");
    }
  });

  test("is an error that names its position if it is indented or follows other text", async () => {
    const project = await withUsers();
    for (const before of ["  ", "SELECT 1; "]) {
      project.write("migrations/0002_drop.sql", `${before}-- d1ops:requires backfill 0001_names`);
      const { findings } = await migratePlan({ cwd: project.dir });
      expect(findings[0]?.message).toBe(
        "0002_drop.sql has a directive that does not start at the first character of its line: -- d1ops:requires backfill 0001_names",
      );
    }
  });

  test.each([[], ["changed", "missing", "out-of-order", "renamed"]] as const)(
    "stops apply before it changes anything, whatever is allowed (%j)",
    async (...allow) => {
      const project = await withUsers();
      const report = await migrateApply({ cwd: project.dir, place: "local", allow });
      expect(report).toMatchObject({ outcome: "problems", exitCode: 3 });
      const db = project.open();
      expect(db.prepare("SELECT count(*) AS n FROM d1_migrations").get()).toEqual({ n: 1 });
      expect(db.prepare("SELECT name FROM pragma_table_info('users')").all()).toHaveLength(2);
      db.close();
    },
  );

  test("does not stop a run that ends before it, nor verify", async () => {
    const project = await withUsers();
    project.write("migrations/0001_more.sql", "CREATE TABLE more(a);");
    const over = { cwd: project.dir, place: "local" } as const;
    expect(await migrateApply({ ...over, to: "0001_more", allow: ["out-of-order"] })).toMatchObject(
      { exitCode: 0, outcome: "changed" },
    );
    expect(await migrateVerify(over)).toMatchObject({ exitCode: 0 });
  });
});

describe("a misspelt directive of an applied migration", () => {
  const applied = async (): Promise<Project> => {
    const project = await withUsers();
    project.write("migrations/0002_drop.sql", DROP.replace(/^-- d1ops.*\n/m, ""));
    await migrateApply({ cwd: project.dir, place: "local" });
    project.write("migrations/0002_drop.sql", DROP);
    return project;
  };

  test("is a warning of both status commands and not a problem, because it is applied already", async () => {
    const { dir } = await applied();
    for (const look of [migrateStatus, status]) {
      expect(await look({ cwd: dir })).toMatchObject({
        outcome: "ok",
        exitCode: 0,
        findings: [{ ...FINDING, level: "warning" }],
      });
    }
  });

  test("does not stop later migrations", async () => {
    const project = await applied();
    project.write("migrations/0003_more.sql", "CREATE TABLE more(a);");
    const over = { cwd: project.dir, place: "local" } as const;
    expect(await migratePlan(over)).toMatchObject({ exitCode: 0, findings: [] });
    expect(await migrateApply(over)).toMatchObject({ exitCode: 0, outcome: "changed" });
  });
});

describe("a backfill that a nested migrations_pattern matches", () => {
  const config = (pattern: string): string =>
    JSON.stringify({
      d1_databases: [
        {
          binding: "DB",
          database_name: "shop-db",
          database_id: "shop",
          migrations_dir: "migrations",
          migrations_pattern: pattern,
        },
      ],
    });

  test("is one finding, which has the pattern that leaves it out", async () => {
    const project = makeProject({
      "wrangler.jsonc": config("migrations/**/*.sql"),
      "migrations/0001_users.sql": USERS,
      "migrations/shop/0001_more.sql": "CREATE TABLE more(a);",
      "migrations/backfills/0001_names.sql":
        "-- d1ops:source users\n-- d1ops:key id\n-- d1ops:write\nDELETE FROM users WHERE {window};",
    });
    const at = { cwd: project.dir, variables: {} };
    const file = "migrations/backfills/0001_names.sql";
    for (const look of [migratePlan, migrateStatus, status]) {
      const { findings, outcome } = await look(at);
      expect([outcome, findings]).toMatchObject(["problems", [{ rule: "backfill", file }]]);
    }
    const stopped = await migrateApply({ ...at, place: "local" });
    expect(stopped).toMatchObject({ exitCode: 3, findings: [{ rule: "backfill" }] });
    const better = /write "(.*?)"/.exec(stopped.findings[0]?.help ?? "")?.[1] ?? "";
    project.write("wrangler.jsonc", config(better));
    expect(await migrateApply({ ...at, place: "local" })).toMatchObject({
      summary: "2 migrations applied",
      findings: [],
    });
  });
});
