import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { someTenants } from "../commands/onboard/shop.ts";
import { d1ops, errorOf, makeProject, type Project, reportOf } from "../project.ts";

const COPIES = [
  "onboarding_core.sql",
  "onboarding_calls_and_knowledge.sql",
  "onboarding.sql",
  "onboarding_unified_architecture.sql",
  "onboarding_appointments_by_day.sql",
  "onboarding_keys.sql",
];

function migrations({ dir }: Project, folder = "migrations"): string[] {
  return readdirSync(join(dir, folder)).sort();
}

function numbered(first: number): string[] {
  return COPIES.map((name, i) => `${String(first + i).padStart(4, "0")}_${name}`);
}

async function succeeds(project: Project, line: string): Promise<ReturnType<typeof reportOf>> {
  const run = await d1ops(project, [...line.split(" "), "--json"]);
  expect(run.code, run.stdout + run.stderr).toBe(0);
  return reportOf(run);
}

describe("onboarding in the user's own project", () => {
  test("succeeds after the two commands that ONBOARDING_NOT_READY names", async () => {
    const project = makeProject({ "tenants.jsonl": someTenants(3) });
    const refused = await d1ops(project, ["onboard", "run", "tenants.jsonl", "--local", "--json"]);
    expect(refused.code).toBe(3);
    const { code, hint } = errorOf(refused);
    expect(code).toBe("ONBOARDING_NOT_READY");
    const lines = [...hint.matchAll(/d1ops(?:\.js)? (.*?)$/gm)].map(([, line = ""]) => line);
    expect(lines).toEqual(["onboard init", "migrate apply --local"]);
    for (const line of lines) await succeeds(project, line);
    const { summary } = await succeeds(project, "onboard run tenants.jsonl --local");
    expect(summary).toBe("3 onboarded");
    expect(migrations(project)).toEqual(numbered(1));
  });

  test("succeeds next to applied migrations, and verify finds no difference", async () => {
    const own = { "migrations/0007_shop.sql": "CREATE TABLE orders (id INTEGER PRIMARY KEY);\n" };
    const project = makeProject({ ...own, "tenants.jsonl": someTenants(1) });
    await succeeds(project, "migrate apply --local");
    await succeeds(project, "onboard init");
    expect(migrations(project)).toEqual(["0007_shop.sql", ...numbered(8)]);
    expect(readFileSync(join(project.dir, "migrations/0007_shop.sql"), "utf8")).toBe(
      own["migrations/0007_shop.sql"],
    );
    await succeeds(project, "migrate apply --local");
    await succeeds(project, "onboard run tenants.jsonl --local");
    await succeeds(project, "migrate verify --local");
  });

  test("succeeds with one command per step", async () => {
    const project = makeProject({});
    const refused = await d1ops(
      project,
      "onboard start --tenant acme --user ada --local --json".split(" "),
    );
    expect(errorOf(refused).code).toBe("ONBOARDING_NOT_READY");
    await succeeds(project, "onboard init");
    await succeeds(project, "migrate apply --local");
    await succeeds(project, "onboard start --tenant acme --user ada --local");
  });
});

describe("onboard init", () => {
  test("writes nothing in a dry run, and names what it would copy", async () => {
    const project = makeProject({});
    const { data, steps, outcome } = await succeeds(project, "onboard init --dry-run");
    expect(outcome).toBe("ok");
    expect(steps.map(({ name, status }) => [name, status])).toEqual(
      numbered(1).map((name) => [`migrations/${name}`, "planned"]),
    );
    expect(data["files"]).toHaveLength(COPIES.length);
    expect(readdirSync(project.dir)).not.toContain("migrations");
  });

  test("copies no file twice, even if a copy was edited or has another name", async () => {
    const project = makeProject({});
    await succeeds(project, "onboard init");
    const [first = "", second = "", ...others] = numbered(1);
    const read = (name: string): string =>
      readFileSync(join(project.dir, "migrations", name), "utf8");
    project.write(`migrations/${first}`, `${read(first)}\r\nSELECT 1;\n`);
    const unmarked = read(second).slice(read(second).indexOf("\n") + 1);
    expect(unmarked).not.toContain("From d1ops");
    project.write(`migrations/${second}`, unmarked);
    const { outcome, data } = await succeeds(project, "onboard init");
    expect({ outcome, files: data["files"] }).toEqual({ outcome: "ok", files: [] });
    expect(migrations(project)).toEqual([first, second, ...others]);
  });

  test("copies missing files with numbers after the existing ones", async () => {
    const project = makeProject({});
    await succeeds(project, "onboard init");
    rmSync(join(project.dir, "migrations", numbered(1)[5] ?? ""));
    project.write("migrations/0041_mine.sql", "SELECT 1;\n");
    await succeeds(project, "onboard init");
    expect(migrations(project)).toEqual([
      ...numbered(1).slice(0, 5),
      "0041_mine.sql",
      "0042_onboarding_keys.sql",
    ]);
  });

  test("follows migrations_dir and --db, and skips a name that is not a text file", async () => {
    const project = makeProject({
      "wrangler.jsonc": JSON.stringify({
        name: "two",
        d1_databases: [
          { binding: "A", database_name: "a", database_id: "a", migrations_dir: "db/a" },
          { binding: "B", database_name: "b", database_id: "b", migrations_dir: "db/b" },
        ],
      }),
    });
    project.write("db/b/0001_latin.sql", "SELECT 1;\n");
    project.write("db/b/0002_latin.sql", Buffer.from([0x2d, 0x2d, 0xe9]));
    const ambiguous = await d1ops(project, ["onboard", "init", "--json"]);
    expect(errorOf(ambiguous).code).toBe("DATABASE_AMBIGUOUS");
    await succeeds(project, "onboard init --db B");
    expect(migrations(project, "db/b").slice(2)).toEqual(numbered(3));
    expect(readdirSync(join(project.dir, "db"))).toEqual(["b"]);
  });

  test("rejects a pattern that does not match the copies", async () => {
    const project = makeProject({
      "wrangler.jsonc": JSON.stringify({
        name: "drizzle",
        d1_databases: [
          {
            binding: "DB",
            database_name: "d",
            database_id: "d",
            migrations_dir: "migrations",
            migrations_pattern: "migrations/*/migration.sql",
          },
        ],
      }),
    });
    const run = await d1ops(project, ["onboard", "init", "--json"]);
    expect({ code: run.code, error: errorOf(run).code }).toEqual({
      code: 2,
      error: "MIGRATION_NAME_INVALID",
    });
    expect(readdirSync(project.dir)).not.toContain("migrations");
  });
});

describe("a file without tenants", () => {
  test.each([
    ["empty.csv", "", 2],
    ["blank.csv", "\n\n", 2],
    ["sep.csv", "sep=;\n", 2],
    ["rows.csv", "acme,ada,Acme,retail,Nia\n", 2],
    ["utf16.csv", "t\0e\0n\0", 2],
    ["header.csv", "tenant,user,company_name,industry,agent_name\n", 0],
    ["empty.jsonl", "", 0],
    ["blank.jsonl", "\n", 0],
  ])("exits with its documented code: %s", async (name, text, code) => {
    const project = makeProject({ [name]: text });
    await succeeds(project, "onboard init");
    await succeeds(project, "migrate apply --local");
    const run = await d1ops(project, ["onboard", "run", name, "--local", "--json"]);
    expect(run.code).toBe(code);
    if (code === 0) expect(reportOf(run).findings).toMatchObject([{ rule: "no-tenants" }]);
    else expect(run.stdout + run.stderr).toMatch(/no-header|NUL bytes/);
  });
});
