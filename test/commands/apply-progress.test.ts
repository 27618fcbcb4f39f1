import { expect, onTestFinished, test } from "vitest";
import { startCloudflare } from "../../fixtures/cloudflare/fake.ts";
import { migrateApply, type MigrateApplyOptions } from "../../src/index.ts";
import { makeProject } from "../project.ts";
import { impatientClock, makeRemoteProject } from "../project/remote.ts";

/** What a terminal shows while `migrate apply` runs. */

const FILES = {
  "migrations/0001_notes.sql": "CREATE TABLE notes(a);\nINSERT INTO notes VALUES (1), (2);",
  "migrations/0002_more.sql": "INSERT INTO notes SELECT a + 2 FROM notes;",
  "migrations/0003_one.sql": "INSERT INTO notes VALUES (5);",
};

async function told(options: MigrateApplyOptions): Promise<[string[], number]> {
  const lines: string[] = [];
  const report = await migrateApply({
    ...options,
    onProgress: (done, total, label, { unit, cost = "" }) =>
      lines.push(`${label} ${done}/${total} ${unit} ${cost}`),
  });
  expect(report.outcome).toBe("changed");
  return [lines, report.steps.slice(0, 2).reduce((sum, step) => sum + (step.rowsWritten ?? 0), 0)];
}

test("migrate apply --local reports the rows written so far, and no price", async () => {
  const { dir } = makeProject(FILES);
  const [lines, rows] = await told({ cwd: dir, variables: {}, place: "local" });
  expect(lines).toEqual([
    "0001_notes.sql 0/3 migrations ",
    "0002_more.sql 1/3 migrations 2 rows written",
    "0003_one.sql 2/3 migrations 4 rows written",
  ]);
  expect(rows).toBe(4);
});

test("migrate apply --remote also reports D1's price", async () => {
  const cloudflare = await startCloudflare({ timeTravel: "bookmarks only" });
  onTestFinished(() => cloudflare.close());
  const { dir } = makeRemoteProject(cloudflare, FILES);
  const [lines] = await told({
    cwd: dir,
    variables: cloudflare.variables(),
    place: "remote",
    yes: true,
    clock: { ...impatientClock(), now: () => 0 },
  });
  expect(lines).toEqual([
    "0001_notes.sql 0/3 migrations ",
    expect.stringMatching(/^0002_more\.sql 1\/3 migrations \$0\.000\d, 2 rows written$/),
    expect.stringMatching(/^0003_one\.sql 2\/3 migrations \$0\.000\d, 4 rows written$/),
  ]);
});
