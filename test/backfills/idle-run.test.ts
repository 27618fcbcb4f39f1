import { describe, expect, test } from "vitest";
import { backfillRun, backfillStatus } from "../../src/index.ts";
import { makeProject, type Project } from "../project.ts";

const WRITE =
  "-- d1ops:source t\n-- d1ops:key id\n-- d1ops:write\nUPDATE t SET n = 1 WHERE {window};\n";

/** A finished backfill whose run took five seconds, long ago. */
async function finished(text: string): Promise<Project> {
  const project = makeProject({ "migrations/backfills/0001_fill.sql": text });
  project.write(".wrangler/state/v3/d1/miniflare-D1DatabaseObject/keep", "");
  const db = project.open();
  db.exec("PRAGMA journal_mode = WAL; CREATE TABLE t(id INTEGER PRIMARY KEY, n)");
  db.exec("INSERT INTO t(id) VALUES (1), (2)");
  await run(project);
  db.exec(
    "UPDATE d1ops_backfills SET started_at = '2026-01-01T00:00:00.000Z', updated_at = '2026-01-01T00:00:05.000Z'",
  );
  db.close();
  return project;
}

async function run({ dir }: Project, anew = false): Promise<string> {
  const report = await backfillRun({ cwd: dir, place: "local", name: "0001_fill", anew });
  return report.outcome;
}

async function durationOf({ dir }: Project): Promise<number | null | undefined> {
  const { steps } = await backfillStatus({ cwd: dir, name: "0001_fill" });
  return steps[0]?.durationMs;
}

describe.each([
  {
    what: "with a reconciliation",
    text: `${WRITE}-- d1ops:reconcile\nSELECT id FROM t WHERE n IS NULL;\n`,
  },
  { what: "without a reconciliation", text: WRITE },
])("a finished backfill $what", ({ text }) => {
  test("keeps its duration when a later run finds nothing to do", async () => {
    const project = await finished(text);
    expect([await run(project), await run(project)]).toEqual(["ok", "ok"]);
    expect(await durationOf(project)).toBe(5000);
  });

  test("has a longer duration after a later run has processed a new row", async () => {
    const project = await finished(text);
    const db = project.open();
    db.exec("INSERT INTO t(id) VALUES (3)");
    db.close();
    expect(await run(project)).toBe("changed");
    expect(await durationOf(project)).toBeGreaterThan(5000);
  });

  test("has the duration of the new run if it begins again", async () => {
    const project = await finished(text);
    expect(await run(project, true)).toBe("changed");
    expect(await durationOf(project)).not.toBe(5000);
  });
});
