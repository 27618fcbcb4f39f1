import { rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { startCloudflare } from "../../../fixtures/cloudflare/fake.ts";
import {
  migrateApply,
  type MigrateApplyOptions,
  migratePlan,
  migrateStatus,
  migrateVerify,
  renderReport,
  status,
} from "../../../src/index.ts";
import { makeProject, type Project } from "../../project.ts";
import { impatientClock, makeRemoteProject } from "../../project/remote.ts";

const FILES = {
  "migrations/0001_users.sql": "CREATE TABLE users(id INTEGER PRIMARY KEY);",
  "migrations/0002_notes.sql": "CREATE TABLE notes(a);\nINSERT INTO notes VALUES (1);",
};
/** The schema stays the same. */
const EDITED = "CREATE TABLE notes(a);\nINSERT INTO notes VALUES (2);";

async function applied(): Promise<Project> {
  const project = makeProject(FILES);
  expect((await apply(project)).exitCode).toBe(0);
  return project;
}

async function apply({ dir }: Project, options: MigrateApplyOptions = {}) {
  return migrateApply({ cwd: dir, variables: {}, place: "local", ...options });
}

function once(action: () => void): () => void {
  let done = false;
  return () => {
    if (!done) action();
    done = true;
  };
}

/** The exit codes of the reading commands, and the acceptances that they report. */
async function look({ dir }: Project): Promise<{ codes: number[]; accepted: string[] }> {
  const options = { cwd: dir, variables: {} };
  const reports = [
    await migrateStatus(options),
    await migratePlan(options),
    await migrateVerify(options),
    await status(options),
  ];
  const accepted = reports.map(({ findings }) =>
    findings
      .filter(({ rule, level }) => rule === "accepted" && level === "info")
      .map(({ message }) =>
        message.replace(/ \S+ accepted that at [\d-]+T[\d:.]+Z\.$/, " Accepted."),
      )
      .join("\n"),
  );
  expect(new Set(accepted).size).toBe(1);
  return { codes: reports.map(({ exitCode }) => exitCode), accepted: [...new Set(accepted)] };
}

describe("verify of an edited file, if the schema is equal", () => {
  test("fails for the file and passes for the schema, in one summary", async () => {
    const project = await applied();
    project.write("migrations/0002_notes.sql", EDITED);
    const report = await migrateVerify({ cwd: project.dir, variables: {} });
    expect(report).toMatchObject({
      exitCode: 1,
      summary: "Applied files: 1 edited; the schema matches 2 applied migrations",
      checks: [
        { id: "files.unchanged", outcome: "fail", measured: "1 edited", expected: "0 changed" },
        { id: "schema.matches", outcome: "pass" },
      ],
      findings: [{ rule: "changed", level: "error" }],
    });
  });

  test("suggests only commands with flags that they have", async () => {
    const project = await applied();
    project.write("migrations/0002_notes.sql", EDITED);
    const { findings } = await migrateVerify({ cwd: project.dir, variables: {} });
    expect(findings[0]?.help).toContain("npx d1ops migrate new change_notes\n");
    expect(findings[0]?.help).toMatch(
      /to keep the change without running it:\nnpx d1ops migrate apply --local --allow-changed$/,
    );
  });
});

describe("apply --allow-changed of an edited file", () => {
  test("accepts it with an applied migration, and the next run and the reading commands report it", async () => {
    const project = await applied();
    project.write("migrations/0002_notes.sql", EDITED);
    project.write("migrations/0003_more.sql", "CREATE TABLE more(a);");
    expect((await apply(project)).exitCode).toBe(3);
    const run = await apply(project, { allow: ["changed"] });
    expect(run).toMatchObject({ exitCode: 0, outcome: "changed" });
    expect(run.findings[0]).toMatchObject({ rule: "changed", level: "warning" });
    expect(await look(project)).toEqual({
      codes: [0, 0, 0, 0],
      accepted: ["0002_notes.sql was edited after it was applied. Accepted."],
    });
    project.write("migrations/0004_last.sql", "CREATE TABLE last(a);");
    expect(await apply(project)).toMatchObject({
      exitCode: 0,
      data: { applied: ["0004_last.sql"] },
    });
  });

  test("records only the acceptance, once, if nothing is pending", async () => {
    const project = await applied();
    project.write("migrations/0002_notes.sql", EDITED);
    expect((await look(project)).codes).toEqual([1, 0, 1, 1]);
    expect(await apply(project, { allow: ["changed"], dryRun: true })).toMatchObject({
      outcome: "ok",
    });
    expect((await look(project)).codes).toEqual([1, 0, 1, 1]);
    expect(await apply(project, { allow: ["changed"] })).toMatchObject({
      exitCode: 0,
      outcome: "changed",
      summary: "Nothing to apply, 1 change accepted",
      data: { accepted: ["0002_notes.sql"] },
    });
    expect((await look(project)).codes).toEqual([0, 0, 0, 0]);
    expect(await apply(project, { allow: ["changed"] })).toMatchObject({
      outcome: "ok",
      summary: "Nothing to apply",
    });
  });

  test("accepts that text only, so that another edit stops the next run and the original text does not", async () => {
    const project = await applied();
    project.write("migrations/0002_notes.sql", EDITED);
    await apply(project, { allow: ["changed"] });
    project.write("migrations/0003_more.sql", "CREATE TABLE more(a);");
    project.write("migrations/0002_notes.sql", EDITED.replace("2", "3"));
    expect((await apply(project)).exitCode).toBe(3);
    project.write("migrations/0002_notes.sql", FILES["migrations/0002_notes.sql"]);
    expect(await look(project)).toEqual({ codes: [0, 0, 0, 0], accepted: [""] });
    expect((await apply(project)).exitCode).toBe(0);
  });

  test("does not accept it if the pending migration fails", async () => {
    const project = await applied();
    project.write("migrations/0002_notes.sql", EDITED);
    project.write("migrations/0003_bad.sql", "INSERT INTO nowhere VALUES (1);");
    expect((await apply(project, { allow: ["changed"] })).exitCode).toBe(3);
    expect((await look(project)).accepted).toEqual([""]);
  });

  test("accepts it if another runner applies the pending migrations in between", async () => {
    const project = await applied();
    project.write("migrations/0002_notes.sql", EDITED);
    project.write("migrations/0003_more.sql", "CREATE TABLE more(a);");
    const asWrangler = once(() => {
      const db = project.open();
      db.exec("CREATE TABLE more(a); INSERT INTO d1_migrations(name) VALUES ('0003_more.sql')");
      db.close();
    });
    const run = await apply(project, { allow: ["changed"], onProgress: asWrangler });
    expect(run).toMatchObject({
      exitCode: 0,
      outcome: "changed",
      summary: "Nothing to apply, 1 applied by another run, 1 change accepted",
      data: { byOthers: ["0003_more.sql"], accepted: ["0002_notes.sql"] },
    });
    expect((await look(project)).accepted).toEqual([
      "0002_notes.sql was edited after it was applied. Accepted.",
    ]);
  });

  test("fails with LEDGER_INVALID and accepts nothing if d1ops's ledger rejects the row", async () => {
    const project = await applied();
    const db = project.open();
    db.exec("ALTER TABLE d1ops_migrations DROP COLUMN git_commit");
    db.close();
    project.write("migrations/0002_notes.sql", EDITED);
    await expect(apply(project, { allow: ["changed"] })).rejects.toMatchObject({
      code: "LEDGER_INVALID",
      details: { table: "d1ops_migrations" },
      message: expect.stringContaining("no column named git_commit"),
    });
    expect((await look(project)).accepted).toEqual([""]);
  });

  test("records the acceptance under a ledger name that other versions and wrangler do not read", async () => {
    const project = await applied();
    project.write("migrations/0002_notes.sql", EDITED);
    await apply(project, { allow: ["changed"] });
    const db = project.open();
    expect(db.prepare("SELECT count(*) AS n FROM d1_migrations").get()).toEqual({ n: 2 });
    expect(
      db.prepare("SELECT name FROM d1ops_migrations WHERE ledger = 'd1_migrations'").all(),
    ).toHaveLength(2);
    expect(
      db.prepare("SELECT name FROM d1ops_migrations WHERE ledger = 'accepted:d1_migrations'").all(),
    ).toEqual([{ name: "0002_notes.sql" }]);
    db.close();
  });
});

describe("apply --remote --allow-changed", () => {
  test("requires confirmation before it accepts an edited file", async () => {
    const cloudflare = await startCloudflare({ timeTravel: "bookmarks only" });
    onTestFinished(async () => cloudflare.close());
    const project = makeRemoteProject(cloudflare, FILES);
    const remote: MigrateApplyOptions = {
      place: "remote",
      variables: cloudflare.variables(),
      clock: impatientClock(),
    };
    expect((await apply(project, { ...remote, yes: true })).exitCode).toBe(0);
    project.write("migrations/0002_notes.sql", EDITED);
    const accept = { ...remote, allow: ["changed"] } as const;
    await expect(apply(project, accept)).rejects.toMatchObject({
      code: "NOT_CONFIRMED",
      hint: expect.stringContaining("migrate apply --remote --allow-changed --yes"),
    });
    expect(await apply(project, { ...accept, yes: true })).toMatchObject({ outcome: "changed" });
    project.write("migrations/0003_more.sql", "CREATE TABLE more(a);");
    expect(await apply(project, { ...remote, yes: true })).toMatchObject({
      exitCode: 0,
      findings: [{ rule: "accepted" }, { rule: "way-back" }],
    });
  });
});

describe("apply --allow-missing of a deleted file", () => {
  test("accepts the deletion, and accepts the same file if it is there again", async () => {
    const project = await applied();
    rmSync(join(project.dir, "migrations/0002_notes.sql"));
    project.write("migrations/0003_more.sql", "CREATE TABLE more(a);");
    expect((await apply(project)).exitCode).toBe(3);
    expect((await apply(project, { allow: ["missing"] })).exitCode).toBe(0);
    const after = await migrateStatus({ cwd: project.dir, variables: {} });
    expect(after).toMatchObject({
      exitCode: 0,
      data: { unknown: [], accepted: ["0002_notes.sql"] },
    });
    project.write("migrations/0002_notes.sql", FILES["migrations/0002_notes.sql"]);
    expect((await look(project)).accepted).toEqual([""]);
  });

  test("accepts that it is deleted if only wrangler applied it", async () => {
    const project = await applied();
    const db = project.open();
    db.exec("DROP TABLE d1ops_migrations");
    db.close();
    rmSync(join(project.dir, "migrations/0002_notes.sql"));
    expect((await migrateStatus({ cwd: project.dir, variables: {} })).exitCode).toBe(1);
    expect((await apply(project, { allow: ["missing"] })).outcome).toBe("changed");
    expect((await migrateStatus({ cwd: project.dir, variables: {} })).exitCode).toBe(0);
  });

  test("accepts the old name of a file that ran again under a new one", async () => {
    const project = await applied();
    rmSync(join(project.dir, "migrations/0002_notes.sql"));
    project.write("migrations/0003_notes.sql", "DROP TABLE notes;");
    await apply(project, { allow: ["missing"] });
    project.write("migrations/0004_notes.sql", FILES["migrations/0002_notes.sql"]);
    expect((await apply(project)).exitCode).toBe(3);
    expect((await apply(project, { allow: ["renamed"] })).exitCode).toBe(0);
    project.write("migrations/0005_more.sql", "CREATE TABLE more(a);");
    expect((await apply(project)).exitCode).toBe(0);
  });
});

describe("apply of a file that is renamed twice", () => {
  test("reports each renaming, and runs the file again each time it is allowed", async () => {
    const project = await applied();
    const text = "INSERT INTO notes VALUES (7);";
    project.write("migrations/0003_a.sql", text);
    await apply(project);
    for (const [from, to] of [
      ["0003_a.sql", "0004_b.sql"],
      ["0004_b.sql", "0005_c.sql"],
    ] as const) {
      rmSync(join(project.dir, "migrations", from));
      project.write(`migrations/${to}`, text);
      expect(await apply(project)).toMatchObject({
        exitCode: 3,
        findings: expect.arrayContaining([
          expect.objectContaining({ rule: "renamed", data: { from } }),
        ]),
      });
      expect(await apply(project, { allow: ["renamed"] })).toMatchObject({
        exitCode: 0,
        data: { applied: [to] },
      });
    }
    expect((await look(project)).codes).toEqual([0, 0, 0, 0]);
  });
});

describe("apply --allow-renamed of a file that cannot run again", () => {
  test("suggests only to rename it back, and then the same command works", async () => {
    const project = await applied();
    const text = "INSERT INTO users VALUES (7);";
    project.write("migrations/0003_a.sql", text);
    await apply(project);
    rmSync(join(project.dir, "migrations/0003_a.sql"));
    project.write("migrations/0004_a.sql", text);
    const failed = await apply(project, { allow: ["renamed"] });
    expect(failed).toMatchObject({ exitCode: 3, outcome: "failed", next: [] });
    expect(failed.findings.at(-1)).toMatchObject({
      rule: "statement-failed",
      help: "D1 rolled it back. Its text is that of 0003_a.sql, which is applied. Rename it back to 0003_a.sql, and run the same command again.",
    });
    rmSync(join(project.dir, "migrations/0004_a.sql"));
    project.write("migrations/0003_a.sql", text);
    project.write("migrations/0004_b.sql", "CREATE TABLE b(a);");
    expect(await apply(project, { allow: ["renamed"] })).toMatchObject({
      exitCode: 0,
      data: { applied: ["0004_b.sql"] },
    });
  });
});

describe("migrate status --exit-code", () => {
  test("exits with 1 and reports in JUnit and GitHub format why", async () => {
    const project = makeProject(FILES);
    const report = await migrateStatus({ cwd: project.dir, variables: {}, exitCode: true });
    expect(report.exitCode).toBe(1);
    expect(await renderReport("github", report)).toMatch(
      /^::error title=migrations\.applied::2 pending, expected 0 pending$/m,
    );
    expect(await renderReport("junit", report)).toMatch(
      /<testcase name="migrations\.applied"[^>]*>\s*<failure message="measured 2 pending, expected 0 pending"/,
    );
  });

  test("exits with 0 if nothing is pending", async () => {
    const { dir } = await applied();
    const report = await migrateStatus({ cwd: dir, variables: {}, exitCode: true });
    expect(report).toMatchObject({ exitCode: 0, outcome: "ok", checks: [{ outcome: "pass" }] });
  });
});
