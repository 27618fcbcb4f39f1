import { expect, test } from "vitest";
import { migrateApply } from "../../../src/commands/migrate/apply.ts";
import { migrateVerify } from "../../../src/commands/migrate/verify.ts";
import { makeProject } from "../../project.ts";
import { LIMITED, LIMITED_JOBS } from "./limited-writes.ts";

test("apply runs DELETE and UPDATE with LIMIT as D1 does, and verify replays them", async () => {
  const project = makeProject(LIMITED);
  const options = { cwd: project.dir, place: "local" } as const;
  expect(await migrateApply(options)).toMatchObject({ outcome: "changed", findings: [] });
  expect(await migrateVerify(options)).toMatchObject({ outcome: "ok", exitCode: 0 });
  const db = project.open();
  expect(db.prepare("SELECT * FROM kept").all()).toEqual(LIMITED_JOBS);
  expect(db.prepare('SELECT "row" || seat AS s FROM seats WHERE taken').all()).toEqual([
    { s: "a2" },
    { s: "b1" },
  ]);
  expect(
    db
      .prepare(
        "SELECT rows_written AS n FROM d1ops_migrations WHERE ledger = 'd1_migrations' AND name LIKE '0002%'",
      )
      .get(),
  ).toEqual({ n: 4 });
  db.close();
});

test("apply reports an error in a DELETE with LIMIT at its position in the file", async () => {
  const project = makeProject({
    "migrations/0001_t.sql":
      "CREATE TABLE t(a, b);\n-- é\nDELETE FROM t\n  WHERE a = 'é' AND nope = 1\n  ORDER BY b LIMIT 1;\n",
  });
  const report = await migrateApply({ cwd: project.dir, place: "local" });
  expect(report.findings[0]).toMatchObject({ rule: "statement-failed", line: 4 });
  expect(report.findings[0]?.message).toContain("no such column: nope");
  expect(report.findings[0]?.excerpt).toContain("   |                     ^^^^");
});
