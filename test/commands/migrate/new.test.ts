import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { migrateApply } from "../../../src/commands/migrate/apply.ts";
import { migrateNew } from "../../../src/commands/migrate/new.ts";
import { makeProject, type Project } from "../../project.ts";

const NESTED = JSON.stringify({
  d1_databases: [
    {
      binding: "DB",
      database_name: "shop-db",
      database_id: "shop",
      migrations_dir: "migrations",
      migrations_pattern: "migrations/**/*.sql",
    },
  ],
});

function nested(...names: readonly string[]): Project {
  const files = names.map((name, at): [string, string] => [
    `migrations/${name}`,
    `CREATE TABLE t${at}(a);`,
  ]);
  return makeProject({ "wrangler.jsonc": NESTED, ...Object.fromEntries(files) });
}

describe("migrate new in a project with folders of migrations", () => {
  test("warns if the new file does not run last, and the command of the help lets it run last", async () => {
    const project = nested("0001_core.sql", "shop/0007_items.sql");
    const at = { cwd: project.dir, variables: {} };
    await migrateApply({ ...at, place: "local" });
    const { findings, data } = await migrateNew("add plan", at);
    expect(data).toMatchObject({ file: "migrations/0002_add_plan.sql" });
    expect(findings).toMatchObject([
      {
        rule: "out-of-order",
        level: "warning",
        file: "migrations/0002_add_plan.sql",
        message:
          "migrations/0002_add_plan.sql does not run last: it sorts before shop/0007_items.sql. If that is applied already, `migrate apply` stops at the new file.",
      },
    ]);
    expect(await migrateApply({ ...at, place: "local" })).toMatchObject({ exitCode: 3 });
    const [, move = ""] = (findings[0]?.help ?? "").split(":\n");
    expect(move).toMatch(/shop\/0008_add_plan\.sql$/);
    execFileSync("sh", ["-c", move]);
    expect(await migrateApply({ ...at, place: "local" })).toMatchObject({
      exitCode: 0,
      data: { applied: ["shop/0008_add_plan.sql"] },
    });
  });

  test.each([
    ["all of them have lower numbers", ["0001_core.sql", "0001_shop/0007_items.sql"]],
    ["there are no folders", ["0001_core.sql", "0002_more.sql"]],
    ["there are no migrations", []],
  ])("does not warn if %s", async (_, names) => {
    const { findings } = await migrateNew("x", { cwd: nested(...names).dir, variables: {} });
    expect(findings).toEqual([]);
  });

  test.each([
    ["the last one has no number", false],
    ["nothing is written", true],
  ])("suggests no command if %s", async (_, dryRun) => {
    const last = dryRun ? "shop/0001_a.sql" : "shop/zeta.sql";
    const project = nested("0001_core.sql", last);
    const { findings } = await migrateNew("x", { cwd: project.dir, variables: {}, dryRun });
    expect(findings).toMatchObject([
      { rule: "out-of-order", help: "Rename the new file so that it sorts last." },
    ]);
  });
});
