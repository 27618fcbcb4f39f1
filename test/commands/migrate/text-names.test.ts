import { describe, expect, test } from "vitest";
import { migrateApply } from "../../../src/commands/migrate/apply.ts";
import { migratePlan } from "../../../src/commands/migrate/plan.ts";
import { migrateVerify } from "../../../src/commands/migrate/verify.ts";
import { makeProject, type Project } from "../../project.ts";

/** The copy of a table as generators write it: `code` is a column of the new table only. */
const COUNTRIES = `CREATE TABLE "countries" ("id" INTEGER PRIMARY KEY, "iso" TEXT);
INSERT INTO "countries" ("id", "iso") VALUES (1, 'fr'), (2, 'de');
`;
const REBUILD = `-- Makes iso the code.
CREATE TABLE "new_countries" ("id" INTEGER PRIMARY KEY, "code" TEXT);
INSERT INTO "new_countries" ("id", "code")
  SELECT "id", "code" FROM "countries";
DROP TABLE "countries";
ALTER TABLE "new_countries" RENAME TO "countries";
`;
const WARNING = {
  rule: "text-in-double-quotes",
  level: "warning",
  file: "migrations/0002_code.sql",
  line: 4,
  table: "new_countries",
  message:
    'Statement 2 of 0002_code.sql (table new_countries) uses "code" as a string: no column has this name, so SQLite reads the name itself.',
  help: "If you mean a column, correct the name. If you mean the string, write 'code'.",
  data: { name: "code", statement: 2, column: 16 },
};

async function withCountries(): Promise<Project> {
  const project = makeProject({ "migrations/0001_countries.sql": COUNTRIES });
  await migrateApply({ cwd: project.dir, place: "local" });
  project.write("migrations/0002_code.sql", REBUILD);
  return project;
}

const texts = (findings: readonly { rule: string }[]) =>
  findings.filter(({ rule }) => rule === "text-in-double-quotes");

describe("a name in double quotes that matches no column", () => {
  test("is a warning of plan, apply --dry-run, apply and verify, and stops none of them", async () => {
    const { dir } = await withCountries();
    const options = { cwd: dir, place: "local" } as const;
    for (const [look, outcome] of [
      [() => migratePlan(options), "ok"],
      [() => migrateApply({ ...options, dryRun: true }), "ok"],
      [() => migrateApply(options), "changed"],
      [() => migrateVerify(options), "ok"],
    ] as const) {
      const report = await look();
      expect(report).toMatchObject({ outcome, exitCode: 0 });
      expect(texts(report.findings)).toEqual([expect.objectContaining(WARNING)]);
      expect(texts(report.findings)[0]).toHaveProperty(
        "excerpt",
        expect.stringContaining("^^^^^^"),
      );
    }
  });

  test("is found if all files are pending", async () => {
    const project = makeProject({
      "migrations/0001_countries.sql": COUNTRIES,
      "migrations/0002_code.sql": REBUILD,
    });
    const report = await migratePlan({ cwd: project.dir });
    expect(texts(report.findings)).toEqual([expect.objectContaining(WARNING)]);
  });

  test.each(["missing", "changed"] as const)(
    "is found by the schema of the database if an applied file is %s",
    async (problem) => {
      const project = await withCountries();
      if (problem === "missing") {
        const db = project.open();
        db.exec("UPDATE d1_migrations SET name = '0000_other.sql'; DELETE FROM d1ops_migrations");
        db.close();
        project.write("migrations/0001_countries.sql", "-- Nothing.\n");
      } else project.write("migrations/0001_countries.sql", "CREATE TABLE other(code);");
      const report = await migratePlan({
        cwd: project.dir,
        allow: ["missing", "changed", "out-of-order"],
      });
      expect(texts(report.findings)).toEqual([expect.objectContaining(WARNING)]);
    },
  );

  test("is not reported if the column exists", async () => {
    const project = await withCountries();
    project.write(
      "migrations/0002_code.sql",
      REBUILD.replace('SELECT "id", "code"', 'SELECT "id", "iso"'),
    );
    expect((await migratePlan({ cwd: project.dir })).findings.map(({ rule }) => rule)).toEqual([
      "destructive",
    ]);
  });
});
