import { describe, expect, onTestFinished, test } from "vitest";
import { startCloudflare } from "../../fixtures/cloudflare/fake.ts";
import { backfillRun } from "../../src/commands/backfill/run.ts";
import { migrateApply } from "../../src/commands/migrate/apply.ts";
import { status } from "../../src/commands/status.ts";
import { makeProject, type Project } from "../project.ts";
import { impatientClock, makeRemoteProject } from "../project/remote.ts";

/** `status` reports for each database the states of its backfills, and those that a pending migration requires. */

const backfill = (outcome: string): string => `-- d1ops:source users
-- d1ops:key id
-- d1ops:outcome
${outcome}
-- d1ops:write
UPDATE users SET name = old_name WHERE id IN (SELECT id FROM todo);
-- d1ops:reconcile
SELECT id FROM users WHERE 0;
`;

const FILES = {
  "migrations/0001_users.sql":
    "CREATE TABLE users(id INTEGER PRIMARY KEY, old_name TEXT, name TEXT);",
  "migrations/backfills/0001_names.sql": backfill(
    "CASE id WHEN 1 THEN 'invalid: x' ELSE 'changed' END",
  ),
  "migrations/backfills/0002_more.sql": backfill("'already'"),
  "migrations/backfills/0003_program.mjs": "throw new Error('status runs no program');",
};
const PROGRAM = "migrations/backfills/0003_program.mjs";
const DROP =
  "-- d1ops:requires backfill 0002_more.sql\n-- d1ops:requires backfill 1\nDROP TABLE users;";

async function begun(): Promise<Project> {
  const project = makeProject(FILES);
  project.write("migrations/backfills/lib/x.ts", "");
  await migrateApply({ cwd: project.dir, place: "local" });
  const db = project.open();
  db.exec("INSERT INTO users(old_name) VALUES ('Zoe'), ('Elise'), ('Nia')");
  db.close();
  // A file that cannot be a backfill stops commands that load backfills, but not `status`.
  project.write(
    PROGRAM,
    "export default { source: 'users', key: 'id', decide: () => ({ outcome: 'already' }) };",
  );
  await backfillRun({ cwd: project.dir, place: "local", name: "1" });
  project.write(PROGRAM, FILES[PROGRAM]);
  return project;
}

const zero = {
  notBegun: 0,
  running: 0,
  silent: 0,
  paused: 0,
  cancelled: 0,
  scanned: 0,
  reconciled: 0,
};

describe("status", () => {
  test("counts the backfills by state, and the rows in the quarantine", async () => {
    const project = await begun();
    const report = await status({ cwd: project.dir, variables: {} });
    expect(report).toMatchObject({
      outcome: "ok",
      findings: [],
      steps: [
        { note: "1 applied, 0 pending; backfills: 2 not begun, 1 reconciled, 1 quarantined" },
      ],
      data: { databases: [{ backfills: { ...zero, notBegun: 2, reconciled: 1, quarantined: 1 } }] },
    });
  });

  test.each([
    ["running", 0, "running"],
    ["running", 90, "silent"],
    ["paused", 90, "paused"],
    ["cancelled", 0, "cancelled"],
    ["scanned", 0, "scanned"],
  ])("shows a backfill that was %s %i s ago as %s", async (state, seconds, told) => {
    const project = await begun();
    const db = project.open();
    db.exec(
      `UPDATE d1ops_backfills SET state = '${state}', updated_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-${seconds} seconds')`,
    );
    db.close();
    expect(await status({ cwd: project.dir, variables: {} })).toMatchObject({
      data: { databases: [{ backfills: { ...zero, notBegun: 2, [told]: 1 } }] },
    });
  });

  test("shows no line about backfills in a project without them", async () => {
    const project = makeProject({ "migrations/0001_users.sql": "CREATE TABLE users(id);" });
    const { data, steps } = await status({ cwd: project.dir, variables: {} });
    expect(steps[0]?.note).toBe("0 applied, 1 pending, no database file yet");
    expect(JSON.stringify(data)).not.toContain("backfills");
  });

  test("shows the unreconciled backfills that a pending migration requires, not as a problem", async () => {
    const project = await begun();
    project.write("migrations/0002_drop.sql", DROP);
    expect(await status({ cwd: project.dir, variables: {} })).toMatchObject({
      outcome: "ok",
      exitCode: 0,
      summary: "1 database, 1 with pending migrations",
      findings: [
        {
          rule: "requires",
          level: "warning",
          file: "migrations/0002_drop.sql",
          message:
            "0002_drop.sql is pending, and requires the backfill 0002_more, which is not begun.",
        },
      ],
    });
  });

  test.each(["paused", "reconciled"])(
    "suggests a run that d1ops does not refuse for a required backfill whose file was edited while it was %s",
    async (state) => {
      const project = await begun();
      project.write("migrations/backfills/0001_names.sql", backfill("'already'"));
      project.write("migrations/0002_drop.sql", DROP);
      const db = project.open();
      db.prepare("UPDATE d1ops_backfills SET state = ?").run(state);
      db.close();
      const { findings } = await status({ cwd: project.dir, variables: {} });
      const found = findings.find(({ message }) => message.includes("0001_names"));
      expect(found?.message).toMatch(
        `0001_names, which is ${state} and was edited after it began.`,
      );
      expect(found?.help).toMatch(
        /Restore the file to continue, or begin again:\n.*backfill run 0001_names.* --anew/,
      );
      project.write(
        PROGRAM,
        "export default { source: 'users', key: 'id', decide: () => ({ outcome: 'already' }) };",
      );
      const run = { cwd: project.dir, place: "local", name: "0001_names" } as const;
      await expect(backfillRun(run)).rejects.toMatchObject({ code: "BACKFILL_NOT_READY" });
      expect(await backfillRun({ ...run, anew: true })).toMatchObject({ exitCode: 0 });
    },
  );

  test("shows no required backfills for a new database, but an error for a missing backfill", async () => {
    const project = makeProject({ ...FILES, "migrations/0002_drop.sql": DROP });
    expect(await status({ cwd: project.dir, variables: {} })).toMatchObject({ findings: [] });
    const other = await begun();
    other.write("migrations/0002_drop.sql", DROP.replace("0002_more", "0002_mor"));
    expect(await status({ cwd: other.dir, variables: {} })).toMatchObject({
      outcome: "problems",
      findings: [
        {
          rule: "BACKFILL_UNKNOWN",
          level: "error",
          help: 'Did you mean 0002_more? Correct the line "-- d1ops:requires backfill 0002_mor.sql" of 0002_drop.sql.',
        },
      ],
      data: { databases: [{ applied: 1 }] },
    });
  });

  test.each([
    ["a new database", {}],
    ["a project without backfills", { applied: true }],
  ])(
    "reports a required backfill that does not exist, also in %s",
    async (_, { applied = false }: { readonly applied?: boolean }) => {
      const users = FILES["migrations/0001_users.sql"];
      const project = makeProject({ "migrations/0001_users.sql": users });
      if (applied) await migrateApply({ cwd: project.dir, place: "local" });
      else project.write("migrations/backfills/0002_more.sql", backfill("'already'"));
      project.write("migrations/0002_drop.sql", DROP);
      const { findings, outcome } = await status({ cwd: project.dir, variables: {} });
      expect(outcome).toBe("problems");
      expect(findings.at(-1)).toMatchObject({
        rule: "BACKFILL_UNKNOWN",
        level: "error",
        file: "migrations/0002_drop.sql",
        message: expect.stringContaining("0002_drop.sql requires the backfill 1, but no backfill"),
      });
    },
  );

  test("makes one call to a remote database, and one more if there are backfills", async () => {
    const cloudflare = await startCloudflare({ timeTravel: "bookmarks only" });
    onTestFinished(() => cloudflare.close());
    const project = makeRemoteProject(cloudflare, {
      "migrations/0001_users.sql": FILES["migrations/0001_users.sql"],
    });
    const over = {
      cwd: project.dir,
      place: "remote",
      variables: cloudflare.variables(),
      clock: impatientClock(),
    } as const;
    const calls = async (): Promise<number> => {
      const before = cloudflare.log.length;
      expect(await status(over)).toMatchObject({ outcome: "ok" });
      return cloudflare.log.length - before;
    };
    await migrateApply({ ...over, yes: true });
    expect(await calls()).toBe(1);
    project.write(
      "migrations/backfills/0002_more.sql",
      FILES["migrations/backfills/0002_more.sql"],
    );
    project.write("migrations/0002_drop.sql", "-- d1ops:requires backfill 2\nDROP TABLE users;");
    expect(await calls()).toBe(2);
    await backfillRun({ ...over, yes: true, name: "2" });
    expect(await calls()).toBe(2);
  });
});
