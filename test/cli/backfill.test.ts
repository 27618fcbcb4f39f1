import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { startCloudflare } from "../../fixtures/cloudflare/fake.ts";
import { makeRemoteProject } from "../project/remote.ts";
import { d1ops, d1opsBuilt, errorOf, makeProject, type Project, reportOf } from "../project.ts";

const FILL = `-- d1ops:after 0001_core.sql
-- d1ops:source users
-- d1ops:key id
-- d1ops:outcome
CASE WHEN id % 10 = 0 THEN 'invalid: ten' WHEN id % 7 = 0 THEN 'skipped' ELSE 'changed' END
-- d1ops:write
UPDATE users SET n = n + 1 WHERE id IN (SELECT id FROM todo);
-- d1ops:reconcile
SELECT id FROM users WHERE n = 0 AND id % 10 AND id % 7;
`;
const TIDY = `export default {
  source: "users", key: "id",
  decide: ({ id, name }) => ({ outcome: "changed", writes: [["UPDATE users SET name = ? WHERE id = ?", name.trim(), id]] }),
};
`;
const FILES = {
  "migrations/0001_core.sql":
    "CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT, n INTEGER NOT NULL DEFAULT 0);\n",
  "migrations/backfills/0001_fill.sql": FILL,
  "migrations/backfills/0002_tidy.mjs": TIDY,
};

async function shop(count = 100): Promise<Project> {
  const project = makeProject(FILES);
  expect((await d1ops(project, ["migrate", "apply", "--local"])).code).toBe(0);
  const db = project.open();
  db.exec(
    `WITH RECURSIVE k(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM k WHERE i < ${count}) INSERT INTO users(id, name) SELECT i, ' Nia ' FROM k`,
  );
  db.close();
  return project;
}

describe("the commands of backfill", () => {
  test("report a backfill from not begun to reconciled, with the documented JSON keys", async () => {
    const project = await shop();
    const list = await d1ops(project, ["backfill", "list", "--local", "--json"]);
    expect(list).toMatchObject({ code: 0, stderr: "" });
    const none = { scanned: 0, changed: 0, skipped: 0, quarantined: 0, cursor: [], rowsWritten: 0 };
    expect(reportOf(list)).toMatchObject({
      command: "backfill list",
      data: {
        jobs: [
          { name: "0001_fill", state: "not begun", ...none },
          { name: "0002_tidy", state: "not begun", ...none },
        ],
      },
    });
    const run = await d1ops(project, [
      "backfill",
      "run",
      "0001_fill",
      "--local",
      "--window",
      "30",
      "--max-window",
      "30",
      "--json",
    ]);
    expect(run.code).toBe(0);
    const job = {
      name: "0001_fill",
      state: "reconciled",
      scanned: 100,
      changed: 77,
      skipped: 13,
      quarantined: 10,
      cursor: ["100"],
    };
    expect(reportOf(run)).toMatchObject({
      command: "backfill run",
      outcome: "changed",
      exitCode: 0,
      data: { jobs: [job] },
    });
    const status = reportOf(await d1ops(project, ["backfill", "status", "1", "--local", "--json"]));
    expect(status).toMatchObject({ outcome: "ok", data: { jobs: [job] } });
    const [first] = status.data["jobs"] as { rowsWritten: number }[];
    expect(first?.rowsWritten).toBeGreaterThanOrEqual(77);
    const db = project.open();
    expect(db.prepare("SELECT sum(n) AS n, max(n) AS m FROM users").get()).toEqual({ n: 77, m: 1 });
    expect(
      db.prepare("SELECT count(*) AS n FROM d1ops_quarantine WHERE reason = 'ten'").get(),
    ).toEqual({ n: 10 });
    db.close();
    const text = await d1ops(project, ["backfill", "status", "--local"]);
    expect(text.stdout).toContain("0001_fill");
    expect(text.stdout).toContain("reconciled");
  });

  test("run a program in the folder of backfills", async () => {
    const project = await shop();
    const run = await d1ops(project, ["backfill", "run", "0002_tidy", "--local", "--json"]);
    expect(reportOf(run)).toMatchObject({
      exitCode: 0,
      data: { jobs: [{ state: "scanned", changed: 100 }] },
    });
    const db = project.open();
    expect(db.prepare("SELECT DISTINCT name FROM users").all()).toEqual([{ name: "Nia" }]);
    db.close();
  });

  test("stop a run at its limits with exit 4, keep --pause and --rate of cancel, and begin with the first row after cancel", async () => {
    const project = await shop();
    const limited = await d1ops(project, [
      "backfill",
      "run",
      "1",
      "--local",
      "--window",
      "10",
      "--max-window",
      "10",
      "--max-rows-written",
      "15",
      "--json",
    ]);
    expect(limited.code).toBe(4);
    expect(reportOf(limited)).toMatchObject({
      outcome: "partial",
      data: { jobs: [{ state: "paused" }] },
      findings: expect.arrayContaining([expect.objectContaining({ rule: "limit-reached" })]),
    });
    const rate = reportOf(
      await d1ops(project, ["backfill", "cancel", "1", "--local", "--rate", "5000", "--json"]),
    );
    expect(rate).toMatchObject({
      outcome: "changed",
      data: { jobs: [{ state: "paused", rate: 5000 }] },
    });
    expect(
      reportOf(await d1ops(project, ["backfill", "cancel", "1", "--local", "--json"])),
    ).toMatchObject({ data: { jobs: [{ state: "cancelled" }] } });
    const again = reportOf(await d1ops(project, ["backfill", "run", "1", "--local", "--json"]));
    expect(again).toMatchObject({ data: { jobs: [{ state: "reconciled", scanned: 100 }] } });
    expect(
      reportOf(await d1ops(project, ["backfill", "cancel", "1", "--local", "--json"])),
    ).toMatchObject({ outcome: "ok", data: { jobs: [{ state: "reconciled" }] } });
  });

  test("report rows behind the cursor with exit 1, and process them with --anew", async () => {
    const project = await shop(20);
    expect((await d1ops(project, ["backfill", "run", "1", "--local"])).code).toBe(0);
    const db = project.open();
    db.exec("INSERT INTO users(id, name) VALUES (-1, ' Omar ')");
    db.close();
    const run = await d1ops(project, ["backfill", "run", "1", "--local", "--json"]);
    expect(run.code).toBe(1);
    expect(reportOf(run)).toMatchObject({
      outcome: "problems",
      data: { leftOver: ['{"id":-1}'] },
      findings: expect.arrayContaining([expect.objectContaining({ rule: "left-over" })]),
    });
  });
});

describe("a run that cannot begin", () => {
  test.each([
    [
      "an unknown name",
      ["backfill", "run", "0001_fil", "--local"],
      "BACKFILL_UNKNOWN",
      "d1ops.js backfill run 0001_fill --local",
    ],
    ["no place", ["backfill", "run", "1"], "PLACE_MISSING", ""],
    [
      "a rate that is not a number",
      ["backfill", "run", "1", "--local", "--rate", "fast"],
      "USAGE",
      "",
    ],
  ])("fails with its documented code: %s", async (_, args, code, hint) => {
    const run = await d1ops(await shop(1), [...args, "--json"]);
    expect(run.code).toBeGreaterThanOrEqual(2);
    expect(errorOf(run).code).toBe(code);
    expect(errorOf(run).hint).toContain(hint);
  });

  test("fails if a migration is not applied, if a file is not a backfill, and if a key is not unique", async () => {
    const project = await shop(3);
    project.write("migrations/backfills/0003_late.sql", FILL.replace("0001_core", "0009_later"));
    expect(
      errorOf(await d1ops(project, ["backfill", "run", "3", "--local", "--json"])),
    ).toMatchObject({
      code: "BACKFILL_NOT_READY",
      message: expect.stringContaining("0009_later.sql, which is not applied"),
    });
    project.write("migrations/backfills/0003_late.sql", FILL.replace("key id", "key name"));
    expect(
      errorOf(await d1ops(project, ["backfill", "run", "3", "--local", "--json"])),
    ).toMatchObject({ code: "BACKFILL_NOT_READY", message: expect.stringContaining("not unique") });
    project.write(
      "migrations/backfills/0003_late.sql",
      FILL.replace("d1ops:outcome", "d1ops:outcom"),
    );
    expect(errorOf(await d1ops(project, ["backfill", "list", "--local", "--json"]))).toMatchObject({
      code: "BACKFILL_INVALID",
      message: expect.stringMatching(
        /^migrations\/backfills\/0003_late\.sql:4: `d1ops:outcom` is not/,
      ),
    });
    project.write("migrations/backfills/0003_late.sql", FILL);
    project.write("migrations/backfills/0003_late.mjs", "export default 5;");
    expect(errorOf(await d1ops(project, ["backfill", "list", "--local", "--json"])).code).toBe(
      "BACKFILL_INVALID",
    );
  });

  test("fails if its file was edited after an earlier run began, and begins with the first row with --anew", async () => {
    const project = await shop(30);
    await d1ops(project, [
      "backfill",
      "run",
      "1",
      "--local",
      "--window",
      "5",
      "--max-window",
      "5",
      "--max-rows-written",
      "3",
    ]);
    project.write("migrations/backfills/0001_fill.sql", FILL.replace("n + 1", "n + 2"));
    const run = await d1ops(project, ["backfill", "run", "1", "--local", "--json"]);
    expect(errorOf(run)).toMatchObject({
      code: "BACKFILL_NOT_READY",
      hint: expect.stringContaining("--anew"),
    });
    const status = await d1ops(project, ["backfill", "status", "--local", "--json"]);
    expect(status.code).toBe(1);
    expect(reportOf(status).findings).toEqual([expect.objectContaining({ rule: "changed" })]);
    expect((await d1ops(project, ["backfill", "run", "1", "--local", "--anew"])).code).toBe(0);
  });
});

test("backfill run --dry-run counts the rows and leaves the database file unchanged byte for byte", async () => {
  const project = await shop();
  const db = project.open();
  db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  db.close();
  const before = readFileSync(project.file);
  const { mtimeMs } = statSync(project.file);
  const run = await d1ops(project, ["backfill", "run", "1", "--local", "--dry-run", "--json"]);
  expect(reportOf(run)).toMatchObject({
    exitCode: 0,
    data: { run: { dryRun: true }, jobs: [{ scanned: 100, changed: 77, quarantined: 10 }] },
  });
  expect(readFileSync(project.file).equals(before)).toBe(true);
  expect(statSync(project.file).mtimeMs).toBe(mtimeMs);
  expect(
    reportOf(await d1ops(project, ["backfill", "status", "1", "--local", "--json"])),
  ).toMatchObject({ data: { jobs: [{ state: "not begun" }] } });
  const cancel = await d1ops(project, [
    "backfill",
    "cancel",
    "1",
    "--local",
    "--dry-run",
    "--json",
  ]);
  expect(cancel.code).toBe(0);
  expect(readFileSync(project.file).equals(before)).toBe(true);
});

test("a remote run requires confirmation, and another machine sees its progress", async () => {
  const cloudflare = await startCloudflare();
  onTestFinished(() => cloudflare.close());
  const project = makeRemoteProject(cloudflare, FILES);
  const env = { ...process.env, ...cloudflare.variables() };
  expect((await d1ops(project, ["migrate", "apply", "--remote", "--yes"], { env })).code).toBe(0);
  const db = project.database.open();
  db.exec(
    "WITH RECURSIVE k(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM k WHERE i < 100) INSERT INTO users(id, name) SELECT i, ' Nia ' FROM k",
  );
  db.close();
  const asked = await d1ops(project, ["backfill", "run", "1", "--remote", "--json"], { env });
  expect(errorOf(asked).code).toBe("NOT_CONFIRMED");
  const run = await d1ops(
    project,
    ["backfill", "run", "1", "--remote", "--yes", "--window", "20", "--json"],
    { env },
  );
  const job = {
    state: "reconciled",
    scanned: 100,
    changed: 77,
    skipped: 13,
    quarantined: 10,
    cursor: ["100"],
  };
  expect(reportOf(run)).toMatchObject({
    exitCode: 0,
    target: { place: "remote" },
    data: { jobs: [job] },
  });
  const status = await d1ops(project, ["backfill", "status", "--remote", "--json"], { env });
  expect(reportOf(status)).toMatchObject({ data: { jobs: [job, { state: "not begun" }] } });
});

test("a remote --dry-run requires confirmation, runs on a copy, writes nothing and leaves no file", async () => {
  const cloudflare = await startCloudflare();
  onTestFinished(() => cloudflare.close());
  const project = makeRemoteProject(cloudflare, FILES);
  const copies = mkdtempSync(join(tmpdir(), "d1ops-room-"));
  onTestFinished(() => rmSync(copies, { recursive: true }));
  const env = { ...process.env, ...cloudflare.variables(), TMPDIR: copies };
  expect((await d1opsBuilt(project, ["migrate", "apply", "--remote", "--yes"], { env })).code).toBe(
    0,
  );
  const db = project.database.open();
  db.exec(
    "WITH RECURSIVE k(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM k WHERE i < 100) INSERT INTO users(id, name) SELECT i, ' Nia ' FROM k",
  );
  db.close();
  const bookmark = project.database.bookmark();
  const dry = ["backfill", "run", "1", "--remote", "--dry-run"];

  const asked = await d1opsBuilt(project, [...dry, "--json"], { env });
  expect(asked).toMatchObject({ code: 5, stdout: "" });
  expect(errorOf(asked).message).toContain("The database is unavailable until the export is done");
  expect(cloudflare.operations()).not.toContain("d1.export");

  const run = await d1opsBuilt(project, [...dry, "--yes", "--json"], { env });
  expect(reportOf(run)).toMatchObject({
    exitCode: 0,
    target: { place: "remote", database: project.database.name, id: "copy" },
    data: {
      run: { dryRun: true },
      jobs: [{ state: "reconciled", scanned: 100, changed: 77, skipped: 13, quarantined: 10 }],
    },
  });
  const text = await d1opsBuilt(project, [...dry, "--yes"], { env });
  expect(text.stdout).toContain(
    "On a copy of the remote database that was discarded: 0001_fill: 100",
  );
  expect(text.stdout).toContain("copy.exact");

  expect(project.database.bookmark()).toBe(bookmark);
  expect(readdirSync(copies).filter((name) => name.startsWith("d1ops-"))).toEqual([]);
});
