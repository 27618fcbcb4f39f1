import { rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { startCloudflare } from "../../../fixtures/cloudflare/fake.ts";
import { backfillRun } from "../../../src/commands/backfill/run.ts";
import { migrateApply } from "../../../src/commands/migrate/apply.ts";
import { migratePlan } from "../../../src/commands/migrate/plan.ts";
import type { Report } from "../../../src/report/report.ts";
import { makeProject, type Project } from "../../project.ts";
import { makeRemoteProject } from "../../project/remote.ts";

/** A migration that destroys data that a backfill reads runs only once the backfill is reconciled. */

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
  test("is stopped by plan and apply until the backfill has run", async () => {
    const project = await withUsers();
    expect(await migratePlan({ cwd: project.dir })).toMatchObject({
      exitCode: 1,
      findings: [{ rule: "requires" }, { rule: "destructive" }],
    });
    expect(await apply(project)).toMatchObject({ exitCode: 3, outcome: "problems" });
  });

  test("runs once the backfill is reconciled", async () => {
    const project = await withUsers();
    expect(await run(project)).toMatchObject({ exitCode: 0 });
    expect(await apply(project)).toMatchObject({ exitCode: 0, outcome: "changed" });
  });

  test("is stopped again by a row inserted behind the cursor", async () => {
    const project = await withUsers();
    await run(project);
    const db = project.open();
    db.exec("UPDATE users SET old_name = 'Ana' WHERE id = 1");
    db.close();
    const report = await apply(project);
    expect(report.exitCode).toBe(3);
    expect(report.findings[0]?.message).toMatch(/reconciliation still finds 1 row\./);
  });

  test("runs on a new database, which has nothing to read", async () => {
    const project = makeProject({ ...FILES, "migrations/0002_drop.sql": DROP });
    expect(await apply(project)).toMatchObject({ exitCode: 0, outcome: "changed" });
  });

  test("is a usage error if the backfill does not exist", async () => {
    const project = makeProject({
      ...FILES,
      "migrations/0002_drop.sql": DROP.replace("names", "nmes"),
    });
    await expect(apply(project)).rejects.toMatchObject({ code: "BACKFILL_UNKNOWN" });
  });

  test("stops before earlier migrations are written to an unconfirmed remote database", async () => {
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

describe("the help of a required backfill", () => {
  test("stops before the migration by its name, and leaves the command out if nothing comes before it", async () => {
    const project = await withUsers();
    const help = async (): Promise<string | undefined> =>
      (await migratePlan({ cwd: project.dir })).findings.find(({ rule }) => rule === "requires")
        ?.help;
    expect(await help()).toBe("Run it first:\nnpx d1ops backfill run 0001_names --local");
    project.write("migrations/0001_z_more.sql", "CREATE TABLE more(a);");
    expect(await help()).toBe(
      "Run it first:\nnpx d1ops backfill run 0001_names --local\nTo stop before it:\nnpx d1ops migrate apply --local --to 0001_z_more.sql",
    );
  });
});

describe("the requirement of a backfill", () => {
  const ALL = ["changed", "missing", "out-of-order", "renamed"] as const;

  async function columnsOf(project: Project): Promise<readonly string[]> {
    const db = project.open();
    const columns = db.prepare("SELECT name FROM pragma_table_info('users')").all();
    db.close();
    return columns.map(({ name }) => String(name));
  }

  test.each([
    ["flags of --allow", { allow: ALL }],
    ["--to with its own name", { to: "0002_drop.sql" }],
    ["both together", { to: "2", allow: ALL }],
  ])("cannot be circumvented by %s", async (_, over) => {
    const project = await withUsers();
    const report = await migrateApply({ cwd: project.dir, place: "local", ...over });
    expect(report).toMatchObject({ exitCode: 3, outcome: "problems" });
    expect(await columnsOf(project)).toContain("old_name");
  });

  test("cannot be circumvented by another file name", async () => {
    const project = await withUsers();
    rmSync(join(project.dir, "migrations/0002_drop.sql"));
    project.write("migrations/0009_other_name.sql", DROP);
    expect(await apply(project)).toMatchObject({ exitCode: 3, outcome: "problems" });
  });

  test("cannot be circumvented by a file that is renamed after it was applied", async () => {
    const project = await withUsers();
    await run(project);
    await apply(project);
    rmSync(join(project.dir, "migrations/0002_drop.sql"));
    project.write("migrations/0009_other_name.sql", DROP);
    const report = await migrateApply({ cwd: project.dir, place: "local", allow: ALL });
    expect(report.exitCode).toBe(3);
    expect(report.findings.map(({ message }) => message).join()).toContain(
      "reconciliation cannot be read: no such column: old_name",
    );
  });

  test("does not stop --to with an earlier migration", async () => {
    const project = await withUsers();
    project.write("migrations/0001_z.sql", "CREATE TABLE more(a);");
    const over = { cwd: project.dir, place: "local", to: "0001_z" } as const;
    expect(await migrateApply(over)).toMatchObject({ exitCode: 0, outcome: "changed" });
    expect(await columnsOf(project)).toContain("old_name");
  });

  test("ends if the directive is removed from a pending file", async () => {
    const project = await withUsers();
    project.write("migrations/0002_drop.sql", DROP.replace(/^--.*\n/, ""));
    expect(await apply(project)).toMatchObject({ exitCode: 0, outcome: "changed" });
  });

  test("is not met by a backfill whose file changed after it was reconciled", async () => {
    const project = await withUsers();
    await run(project);
    project.write("migrations/backfills/0001_names.sql", BACKFILL.replace("name IS NOT", "0 AND"));
    const report = await apply(project);
    expect(report.exitCode).toBe(3);
    expect(report.findings[0]?.message).toMatch(/its file was edited after/);
  });

  test("is met by a reconciled backfill that ran again and failed before it wrote anything", async () => {
    const project = await withUsers();
    const failing = `import { existsSync } from "node:fs";
export default {
  source: "users", key: "id",
  prepare: async () => { if (existsSync(${JSON.stringify(join(project.dir, "down"))})) throw new Error("no codes"); },
  decide: ({ id, old_name }) => ({ outcome: "changed", writes: [["UPDATE users SET name = ? WHERE id = ?", old_name, id]] }),
  reconcile: "SELECT id FROM users WHERE name IS NOT old_name",
};`;
    rmSync(join(project.dir, "migrations/backfills/0001_names.sql"));
    project.write("migrations/backfills/0001_names.mjs", failing);
    expect(await run(project)).toMatchObject({ exitCode: 0 });
    project.write("down", "");
    expect(await run(project)).toMatchObject({
      exitCode: 3,
      outcome: "failed",
      data: { jobs: [{ state: "reconciled" }] },
    });
    expect(await apply(project)).toMatchObject({ exitCode: 0, outcome: "changed" });
  });
});

describe("the gate of a migration", () => {
  /** Returns the backfill's file with these directives replaced. */
  const file = (lines: Readonly<Record<string, string>>): string =>
    Object.entries(lines).reduce(
      (text, [word, value]) =>
        text.replace(
          new RegExp(`-- d1ops:${word}[^]*?(?=-- d1ops:|$)`),
          () => `-- d1ops:${word}${value}\n`,
        ),
      BACKFILL,
    );

  const view = "CREATE VIEW named AS SELECT id, old_name, name FROM users;";

  test.each<[string, Readonly<Record<string, string>>, string]>([
    ["a query as source", { source: "\nSELECT id FROM users WHERE old_name <> '' -- some" }, ""],
    ["a view as source", { source: " named" }, view],
    [
      "a reconciliation that ends in a comment",
      {
        reconcile: "\nSELECT id FROM users WHERE name IS NOT old_name -- not done\n;",
      },
      "",
    ],
    [
      "a reconciliation that ends in an unclosed comment",
      {
        reconcile: "\nSELECT id FROM users WHERE name IS NOT old_name /* not done",
      },
      "",
    ],
    [
      "a reconciliation of several queries in one",
      {
        reconcile:
          "\nWITH w AS (SELECT id FROM users WHERE name IS NOT old_name) SELECT id FROM w UNION SELECT id FROM w",
      },
      "",
    ],
    [
      "a reconciliation that reads the quarantine",
      {
        reconcile:
          "\nSELECT id FROM users WHERE name IS NOT old_name AND quote(id) NOT IN (SELECT key FROM d1ops_quarantine WHERE backfill = '0001_names');",
      },
      "",
    ],
  ])(
    "stops before the backfill has run and at a row behind the cursor, and then opens: %s",
    async (_, lines, more) => {
      const project = makeProject(FILES);
      project.write("migrations/0001_users.sql", `${FILES["migrations/0001_users.sql"]}\n${more}`);
      project.write("migrations/backfills/0001_names.sql", file(lines));
      await apply(project);
      const write = (sql: string): void => {
        const db = project.open();
        db.exec(sql);
        db.close();
      };
      const drop = more === "" ? DROP : DROP.replace("ALTER", "DROP VIEW named;\nALTER");
      project.write("migrations/0002_drop.sql", drop);
      write("INSERT INTO users(old_name) VALUES ('Zoe'), ('Elise')");
      expect(await apply(project)).toMatchObject({ exitCode: 3, outcome: "problems" });
      expect(await run(project)).toMatchObject({ exitCode: 0 });
      write("INSERT INTO users(id, old_name) VALUES (-1, 'Ana')");
      expect(await apply(project)).toMatchObject({ exitCode: 3, outcome: "problems" });
      write("DELETE FROM users WHERE id = -1");
      expect(await apply(project)).toMatchObject({ exitCode: 0, outcome: "changed" });
    },
  );

  test("stops at a row behind the cursor for a program whose reconciliation ends in a comment", async () => {
    const project = await withUsers();
    rmSync(join(project.dir, "migrations/backfills/0001_names.sql"));
    project.write(
      "migrations/backfills/0001_names.mjs",
      `export default { source: "users", key: "id",
  decide: ({ id, old_name }) => ({ outcome: "changed", writes: [["UPDATE users SET name = ? WHERE id = ?", old_name, id]] }),
  reconcile: "SELECT id FROM users WHERE name IS NOT old_name -- not done" };`,
    );
    expect(await run(project)).toMatchObject({ exitCode: 0 });
    expect(await apply(project)).toMatchObject({ exitCode: 0, outcome: "changed" });
  });

  test("opens although rows are quarantined if the reconciliation accepts them", async () => {
    const project = makeProject(FILES);
    project.write(
      "migrations/backfills/0001_names.sql",
      file({
        key: " id\n-- d1ops:outcome\nCASE WHEN old_name = '?' THEN 'invalid: unknown' ELSE 'changed' END",
        write: "\nUPDATE users SET name = old_name WHERE id IN (SELECT id FROM todo);",
        reconcile:
          "\nSELECT id FROM users WHERE name IS NOT old_name AND quote(id) NOT IN (SELECT key FROM d1ops_quarantine WHERE backfill = '0001_names')",
      }),
    );
    await apply(project);
    const db = project.open();
    db.exec("INSERT INTO users(old_name) VALUES ('Zoe'), ('?')");
    project.write("migrations/0002_drop.sql", DROP);
    await run(project);
    db.exec("DELETE FROM d1ops_quarantine");
    expect(await apply(project)).toMatchObject({ exitCode: 3 });
    db.exec(
      "INSERT INTO d1ops_quarantine VALUES ('0001_names', '2', 'invalid', 'unknown', NULL, '2026-01-01')",
    );
    db.close();
    expect(await apply(project)).toMatchObject({ exitCode: 0, outcome: "changed" });
  });

  test("stops if only one of two required backfills is reconciled", async () => {
    const project = await withUsers();
    project.write("migrations/backfills/0001_other.sql", BACKFILL);
    project.write("migrations/0002_drop.sql", `-- d1ops:requires backfill 0001_other\n${DROP}`);
    const plan = await migratePlan({ cwd: project.dir });
    expect(plan.findings.filter(({ rule }) => rule === "requires")).toHaveLength(2);
    await run(project);
    expect(await apply(project)).toMatchObject({ exitCode: 3 });
    await backfillRun({ cwd: project.dir, place: "local", name: "0001_other" });
    expect(await apply(project)).toMatchObject({ exitCode: 0, outcome: "changed" });
  });

  test.each([
    ["\nSELECT id, nickname FROM users", "", "cannot be read: no such column: nickname"],
    [" persons", "", "reads the table persons, which does not exist"],
    [" persons", "CREATE TABLE person(id);", "reads the table persons, which does not exist"],
    [" users", "DROP TABLE users;", "reads the table users, which does not exist"],
  ])(
    "stops in the plan already if the source is%s, and no pending migration makes it readable: %s",
    async (source, earlier, reason) => {
      const project = await withUsers();
      const after = earlier === "" ? "" : "-- d1ops:after 0001_z.sql\n";
      if (earlier !== "") project.write("migrations/0001_z.sql", earlier);
      project.write(
        "migrations/backfills/0001_names.sql",
        file({ source }).replace(/^-- d1ops:after.*\n/, after),
      );
      const finding = {
        rule: "requires",
        message: expect.stringContaining(`its source ${reason}`),
      };
      const findings = expect.arrayContaining([expect.objectContaining(finding)]);
      expect(await migratePlan({ cwd: project.dir })).toMatchObject({ exitCode: 1, findings });
      expect(await apply(project)).toMatchObject({ exitCode: 3, outcome: "problems", findings });
    },
  );

  test("stops during the run if only rows decide whether the source can be read", async () => {
    const project = await withUsers();
    // The table is empty in memory, so this statement fails there.
    project.write(
      "migrations/0001_z.sql",
      "CREATE TABLE person(n NOT NULL); INSERT INTO person SELECT max(id) FROM users;",
    );
    project.write("migrations/backfills/0001_names.sql", file({ source: " persons" }));
    expect(await migratePlan({ cwd: project.dir })).toMatchObject({ exitCode: 0 });
    expect(await apply(project)).toMatchObject({
      exitCode: 4,
      findings: expect.arrayContaining([expect.objectContaining({ rule: "BACKFILL_NOT_READY" })]),
    });
  });

  test("stops during the run if memory cannot have the schema of the database", async () => {
    const project = await withUsers();
    const db = project.open();
    db.exec("CREATE VIRTUAL TABLE old USING fts4(a)");
    db.close();
    project.write("migrations/0001_z.sql", "CREATE TABLE more(a);");
    const backfill = file({ source: " old" }).replace("0001_users.sql", "0001_z.sql");
    project.write("migrations/backfills/0001_names.sql", backfill);
    expect(await migratePlan({ cwd: project.dir })).toMatchObject({ exitCode: 0 });
  });

  test.each([
    ["creates its table", "CREATE TABLE persons(id INTEGER PRIMARY KEY, old_name, name);"],
    ["gives its table the name", "ALTER TABLE users RENAME TO persons;"],
    ["creates the index that has it", "CREATE VIRTUAL TABLE p USING fts5(name, old_name);"],
  ])("opens for the source of a pending migration that %s", async (_, earlier) => {
    const project = await withUsers();
    project.write("migrations/0001_z.sql", earlier);
    project.write("migrations/0002_drop.sql", DROP.replace(/ALTER.*/, "CREATE TABLE more(a);"));
    const source = earlier.includes("fts5") ? " p_content" : " persons";
    project.write("migrations/backfills/0001_names.sql", file({ source }));
    expect(await migratePlan({ cwd: project.dir })).toMatchObject({ exitCode: 0 });
  });

  test("opens for two migrations in a new database, although the first one drops the source of the backfill", async () => {
    const project = makeProject({
      ...FILES,
      "migrations/0002_drop.sql": DROP,
      "migrations/0003_more.sql":
        "-- d1ops:requires backfill 0001_names\nALTER TABLE users DROP COLUMN name;",
    });
    expect(await apply(project)).toMatchObject({ exitCode: 0, outcome: "changed" });
  });
});
