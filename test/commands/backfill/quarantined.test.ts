/** The rows that a dry run would quarantine, and the report of a second run. */
import { describe, expect, test } from "vitest";
import { type BackfillRunOptions, backfillRun } from "../../../src/commands/backfill/run.ts";
import { migrateApply } from "../../../src/commands/migrate/apply.ts";
import type { Report } from "../../../src/report/report.ts";
import { renderReport } from "../../../src/commands/render-report.ts";
import { makeProject, type Project } from "../../project.ts";

const FILL = `-- d1ops:source t
-- d1ops:key id
-- d1ops:outcome
CASE WHEN id % 10 = 0 THEN 'invalid: ends in zero' ELSE 'changed' END
-- d1ops:write
UPDATE t SET n = n + 1 WHERE id IN (SELECT id FROM todo);
-- d1ops:reconcile
SELECT id FROM t WHERE n = 0 AND id % 10 AND id <> 7;
`;
const DECIDE = `export default { source: "t", key: "id",
  decide: ({ id }) => id % 10 === 0
    ? { outcome: "conflict", reason: "ends in zero" }
    : { outcome: "changed", writes: [["UPDATE t SET n = n + 1 WHERE id = ?", id]] } };
`;

async function shop(count: number): Promise<Project> {
  const project = makeProject({
    "migrations/0001_core.sql":
      "CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER DEFAULT 0, CHECK (id <> 7 OR n = 0));\n",
    "migrations/backfills/0001_fill.sql": FILL,
    "migrations/backfills/0002_decide.mjs": DECIDE,
  });
  await migrateApply({ cwd: project.dir, place: "local" });
  rows(project, 1, count);
  return project;
}

function rows(project: Project, from: number, to: number): void {
  const db = project.open();
  db.prepare(
    "WITH RECURSIVE k(i) AS (VALUES (?1) UNION ALL SELECT i + 1 FROM k WHERE i < ?2) INSERT INTO t(id) SELECT i FROM k",
  ).run(from, to);
  db.close();
}

async function go(project: Project, over: Partial<BackfillRunOptions> = {}): Promise<Report> {
  return backfillRun({
    cwd: project.dir,
    place: "local",
    name: "1",
    window: 8,
    maxWindow: 8,
    ...over,
  });
}

async function text(report: Report): Promise<string> {
  return renderReport("text", report);
}

describe("a dry run", () => {
  test.each([
    ["1", "invalid"],
    ["2", "conflict"],
  ])(
    "lists the rows that backfill %s would quarantine, in JSON and in text",
    async (name, outcome) => {
      const report = await go(await shop(20), { name, dryRun: true });
      expect(report.data["quarantined"]).toEqual({
        count: 3,
        rows: [
          {
            key: "7",
            outcome: "conflict",
            reason: expect.stringContaining("CHECK constraint failed"),
          },
          { key: "10", outcome, reason: "ends in zero" },
          { key: "20", outcome, reason: "ends in zero" },
        ],
      });
      const shown = await text(report);
      expect(shown).toContain("3 rows would go to the quarantine.");
      expect(shown).toMatch(/7: conflict, CHECK constraint failed/);
      expect(shown).toContain(`10: ${outcome}, ends in zero`);
      expect(shown).not.toContain("SELECT");
    },
  );

  test("lists only its own rows if it continues a run, and all if it begins with the first row", async () => {
    const project = await shop(20);
    await go(project);
    rows(project, 21, 30);
    const rowsOf = (report: Report): unknown => report.data["quarantined"];
    expect(rowsOf(await go(project, { dryRun: true }))).toMatchObject({
      count: 1,
      rows: [{ key: "30" }],
    });
    expect(rowsOf(await go(project, { dryRun: true, anew: true }))).toMatchObject({ count: 4 });
  });

  test("lists at most twenty rows in text and a thousand in JSON", async () => {
    const project = await shop(10_040);
    const report = await backfillRun({ cwd: project.dir, place: "local", name: "1", dryRun: true });
    expect(report.data["quarantined"]).toMatchObject({ count: 1005 });
    expect((report.data["quarantined"] as { rows: unknown[] }).rows).toHaveLength(1000);
    const shown = await text(report);
    expect(shown).toContain("and 985 more: data.quarantined of --json has up to 1,000");
    expect(shown.match(/ends in zero/g)).toHaveLength(19);
  });

  test("lists no rows if none would be quarantined", async () => {
    const report = await go(await shop(5), { dryRun: true });
    expect(report.data["quarantined"]).toEqual({ count: 0, rows: [] });
    expect(report.findings).toEqual([]);
  });

  test("lists the rows, whereas a real run suggests a query for them", async () => {
    const report = await go(await shop(20));
    expect(report.data["quarantined"]).toBeUndefined();
    expect(report.findings).toMatchObject([
      { rule: "quarantined", help: expect.stringContaining("FROM d1ops_quarantine") },
    ]);
  });
});

describe("a finished backfill that runs again", () => {
  test.each([
    ["1", "reconciled"],
    ["2", "scanned"],
  ])(
    "reports that nothing was left to do and keeps its totals in the data: backfill %s, %s",
    async (name, state) => {
      const project = await shop(20);
      await go(project, { name });
      const again = await go(project, { name });
      const full = name === "1" ? "0001_fill" : "0002_decide";
      expect(again).toMatchObject({
        outcome: "ok",
        exitCode: 0,
        summary: `${full}: nothing was left to do`,
        steps: [{ name: full, note: `${state}, nothing was left to do`, rowsWritten: null }],
        data: { jobs: [{ state, scanned: 20, changed: 17 }] },
      });
      expect(await text(again)).not.toContain("20 rows");
    },
  );

  test("reports in a dry run that nothing was left to do", async () => {
    const project = await shop(20);
    await go(project);
    expect((await go(project, { dryRun: true })).summary).toBe(
      "On a copy that was discarded: 0001_fill: nothing was left to do",
    );
  });

  test("reports its counts with --anew, with new rows, or after a pause", async () => {
    const project = await shop(20);
    expect(await go(project, { maxRowsWritten: 1 })).toMatchObject({ exitCode: 4 });
    expect((await go(project)).summary).toContain("20 rows: 17 changed");
    expect((await go(project, { anew: true })).summary).toContain("20 rows: 17 changed");
    rows(project, 21, 25);
    expect((await go(project)).summary).toContain("25 rows: 22 changed");
  });
});

describe("a run with --anew whose statements cannot succeed", () => {
  test.each([
    ["1", "0001_fill.sql", FILL.replace("UPDATE t SET", "UPDATE tt SET")],
    ["2", "0002_decide.mjs", DECIDE.replace("UPDATE t SET", "UPDATE tt SET")],
  ])("keeps the state and the quarantine of backfill %s", async (name, file, edited) => {
    const project = await shop(20);
    await go(project, { name });
    const kept = (): unknown[] => {
      const db = project.open();
      const tables = ["d1ops_backfills", "d1ops_quarantine"];
      const found = tables.map((table) => db.prepare(`SELECT * FROM ${table}`).all());
      db.close();
      return found;
    };
    const before = kept();
    project.write(`migrations/backfills/${file}`, edited);
    await expect(go(project, { name, anew: true })).rejects.toMatchObject({
      code: "BACKFILL_NOT_READY",
      message: expect.stringMatching(/cannot run: no such table: (?:main\.)?tt/),
    });
    expect(kept()).toEqual(before);
  });
});

test("backfill run uses --window also if an earlier run has learnt another size", async () => {
  const project = await shop(40);
  await go(project, { window: 20, maxWindow: 20, maxRowsWritten: 1 });
  const report = await go(project, { window: 1, anew: true, maxRowsWritten: 1 });
  expect(report.data["jobs"]).toMatchObject([{ scanned: 1 }]);
});
