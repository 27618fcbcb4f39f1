import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { describe, expect, test } from "vitest";
import { backfillList } from "../../../src/commands/backfill/list.ts";
import { backfillRun, type BackfillRunOptions } from "../../../src/commands/backfill/run.ts";
import { backfillStatus } from "../../../src/commands/backfill/status.ts";
import type { Report } from "../../../src/report/report.ts";
import { makeProject, type Project } from "../../project.ts";

/** The texts of a backfill's report, and the commands that it suggests. */

const FILE = `-- d1ops:source t
-- d1ops:key id
-- d1ops:outcome
CASE WHEN id = 3 THEN 'invalid: three' ELSE 'changed' END
-- d1ops:write
UPDATE t SET n = n + 1 WHERE id IN (SELECT id FROM todo);
-- d1ops:reconcile
SELECT id FROM t WHERE n > 1;
`;
const FILES = { "migrations/backfills/0001_fill.sql": FILE };

/** The reconciliation finds `left` rows. */
function shop(rows: number, left = 0): Project {
  const project = makeProject(FILES);
  mkdirSync(dirname(project.file), { recursive: true });
  execute(
    project,
    `PRAGMA journal_mode = WAL; CREATE TABLE t(id INTEGER PRIMARY KEY, n);
WITH RECURSIVE k(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM k WHERE i < ${rows})
INSERT INTO t SELECT i, i > ${rows - left} FROM k`,
  );
  return project;
}

function execute({ open }: Project, sql: string): void {
  const db = open();
  db.exec(sql);
  db.close();
}

function run({ dir }: Project, over: Partial<BackfillRunOptions> = {}): Promise<Report> {
  return backfillRun({ cwd: dir, place: "local", name: "1", ...over });
}

describe("the report", () => {
  test.each([
    [1, "still finds 1 row: id 2000.", "; 1 left over"],
    [1200, "still finds 1,200 rows: id 801, 802, 803, ….", "; 1,200 left over"],
  ])("counts the rows that the reconciliation still finds: %i", async (left, message, summary) => {
    const report = await run(shop(2000, left));
    expect(report.findings.at(-1)?.message).toContain(message);
    expect(report.summary).toContain(summary);
  });
});

test("backfill list counts edited files and does not report them as reconciled", async () => {
  const project = shop(3);
  await run(project);
  project.write("migrations/backfills/0001_fill.sql", FILE.replace("n > 1", "n > 2"));
  expect(await backfillList({ cwd: project.dir })).toMatchObject({
    exitCode: 1,
    summary: "1 backfill, 1 edited",
  });
});

describe("the next command of backfill status", () => {
  const next = async (project: Project): Promise<unknown> =>
    (await backfillStatus({ cwd: project.dir })).next;

  test("begins again if rows are left over, or if the file was edited", async () => {
    const left = shop(10, 4);
    await run(left);
    expect(await next(left)).toEqual(["npx d1ops backfill run 0001_fill --local --anew"]);
    const edited = shop(10);
    await run(edited, { maxRowsWritten: 1, window: 5, maxWindow: 5 });
    expect(await next(edited)).toEqual(["npx d1ops backfill run 0001_fill --local"]);
    edited.write("migrations/backfills/0001_fill.sql", `${FILE}-- edited\n`);
    expect(await next(edited)).toEqual(["npx d1ops backfill run 0001_fill --local --anew"]);
  });

  test("is empty once a backfill without a reconciliation has processed all rows", async () => {
    const project = shop(10);
    const [text = ""] = FILE.split("-- d1ops:reconcile");
    project.write("migrations/backfills/0001_fill.sql", text);
    await run(project);
    expect(await backfillList({ cwd: project.dir })).toMatchObject({
      summary: "1 backfill, all done",
      next: [],
    });
  });
});

test("a run that comes after an unknown migration names the file to correct", async () => {
  const project = shop(3);
  project.write("migrations/0001_core.sql", "CREATE TABLE core(a);");
  project.write("migrations/backfills/0001_fill.sql", `-- d1ops:after 0001_cor.sql\n${FILE}`);
  await expect(run(project)).rejects.toMatchObject({
    code: "BACKFILL_NOT_READY",
    message: expect.stringContaining(
      "0001_cor.sql, which is not applied: no migration has this name",
    ),
    hint: "Correct the name that comes after `after` in migrations/backfills/0001_fill.sql.",
  });
});

test("a failed statement is reported without an offset in the statement that d1ops made", async () => {
  const project = shop(3);
  project.write("migrations/backfills/0001_fill.sql", FILE.replace("n + 1", "lowr(n)"));
  const { findings } = await run(project);
  expect(findings[0]?.message).toMatch(/no such function: lowr(?!.*offset)/);
});

test("a dry run that stops mentions the copy in the middle of its summary", async () => {
  const { summary } = await run(shop(20), { dryRun: true, maxRowsWritten: 1, window: 5 });
  expect(summary).toMatch(
    /^Stopped before the end; on a copy that was discarded: 0001_fill: 5 rows/,
  );
});

describe("the help of a reached limit", () => {
  test.each([
    ["max-rows-written", { maxRowsWritten: 1 }, "Run the command again to continue."],
    ["budget", { budget: 0.000_000_1 }, "Run the command again to continue."],
    [
      "max-quarantined",
      { maxQuarantined: 0 },
      "Look at the quarantine. To continue with these rows in it:\nnpx d1ops backfill run 0001_fill --local --window 5 --max-window 5 --max-quarantined 1",
    ],
  ])("names the flag and suggests the next command: --%s", async (limit, over, help) => {
    const { findings } = await run(shop(20), { window: 5, maxWindow: 5, ...over });
    const finding = findings.find(({ rule }) => rule === "limit-reached");
    expect(finding?.message).toContain(`--${limit}`);
    expect(finding?.help).toBe(help);
    expect(finding?.help?.includes("quarantine")).toBe(limit === "max-quarantined");
  });
});

describe("a running backfill", () => {
  async function running(secondsAgo: number): Promise<Project> {
    const project = shop(20);
    await run(project, { maxRowsWritten: 1, window: 5, maxWindow: 5 });
    execute(
      project,
      `UPDATE d1ops_backfills SET state = 'running', holder = 'ada',
updated_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-${secondsAgo} seconds')`,
    );
    return project;
  }

  test("is shown by status without a suggestion to run it", async () => {
    const { dir } = await running(0);
    expect((await backfillStatus({ cwd: dir })).next).toEqual([]);
  });

  test("makes a second run fail with the commands to watch and to stop it in the same place", async () => {
    const project = await running(0);
    for (const dryRun of [false, true]) {
      await expect(run(project, { dryRun })).rejects.toMatchObject({
        code: "BACKFILL_HELD",
        details: { holder: "ada" },
        hint: [
          "To watch it:",
          "npx d1ops backfill status 0001_fill --local",
          "To stop it at its next window:",
          "npx d1ops backfill cancel 0001_fill --local --pause",
          "If that run has died, run the same command again: d1ops takes over at once on the same machine, and after a minute on another.",
        ].join("\n"),
      });
    }
  });

  test("is shown by status with its silence in hours and a suggestion to run it again", async () => {
    const { dir } = await running(36_000);
    const { findings, next } = await backfillStatus({ cwd: dir });
    expect(findings[0]?.message).toContain("Its last sign of life was 10 h 0 min ago.");
    expect(next).toEqual(["npx d1ops backfill run 0001_fill --local"]);
  });
});

describe("--max-quarantined of a reconciled backfill with more rows in the quarantine", () => {
  async function again(over: Partial<BackfillRunOptions>): Promise<Report> {
    const project = shop(20);
    await run(project);
    execute(project, "INSERT INTO t VALUES (21, 0)");
    return run(project, over);
  }

  test("runs no window, says so, and leaves the backfill reconciled", async () => {
    const report = await again({ maxQuarantined: 0 });
    expect(report).toMatchObject({ outcome: "partial", exitCode: 4 });
    expect(report.summary).toMatch(
      /^Stopped before the first window, and still reconciled; 0001_fill: 20 rows: /,
    );
    expect(report.steps[0]?.note).toMatch(/^reconciled, 20 rows: /);
  });

  test("suggests a limit with which the new rows are processed", async () => {
    const { next } = await again({ maxQuarantined: 0 });
    expect(next).toEqual(["npx d1ops backfill run 0001_fill --local --max-quarantined 1"]);
    expect(await again({ maxQuarantined: 1 })).toMatchObject({
      outcome: "changed",
      data: { jobs: [{ state: "reconciled", scanned: 21 }] },
    });
  });
});
