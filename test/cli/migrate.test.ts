import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { d1ops, errorOf, makeProject, reportOf, withoutProgress } from "../project.ts";

const SHOP = {
  "migrations/0001_core.sql":
    "CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT NOT NULL);\nINSERT INTO users(name) VALUES ('Zoe'), ('Elise');\n",
  "migrations/0002_orders.sql":
    "CREATE TABLE orders(id INTEGER PRIMARY KEY, user INTEGER REFERENCES users(id));\n",
};

describe("d1ops migrate in a new project", () => {
  test("status works without a database file and does not create it", async () => {
    const project = makeProject(SHOP);
    const run = await d1ops(project, ["migrate", "status", "--json"]);
    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(reportOf(run)).toMatchObject({
      format: 1,
      command: "migrate status",
      tool: expect.stringMatching(/^d1ops \d+\.\d+\.\d+/),
      target: { place: "local", database: "shop-db", env: null },
      outcome: "ok",
      exitCode: 0,
      data: {
        applied: [],
        pending: ["0001_core.sql", "0002_orders.sql"],
        unknown: [],
        changed: [],
        outOfOrder: [],
      },
    });
    expect(existsSync(join(project.dir, ".wrangler"))).toBe(false);
  });

  test("status --exit-code exits with 1 while migrations are pending, and then with 0", async () => {
    const project = makeProject(SHOP);
    expect((await d1ops(project, ["migrate", "status", "--exit-code"])).code).toBe(1);
    await d1ops(project, ["migrate", "apply", "--local"]);
    expect((await d1ops(project, ["migrate", "status", "--exit-code"])).code).toBe(0);
  });

  test("apply without --local or --remote is a usage error that shows both commands", async () => {
    const project = makeProject(SHOP);
    const run = await d1ops(project, ["migrate", "apply"]);
    expect(run).toMatchObject({ code: 2, stdout: "" });
    expect(run.stderr).toContain("d1ops.js migrate apply --local");
    expect(run.stderr).toContain("d1ops.js migrate apply --remote");
    expect(existsSync(join(project.dir, ".wrangler"))).toBe(false);
  });

  test("apply --dry-run plans and writes nothing", async () => {
    const project = makeProject(SHOP);
    const report = reportOf(
      await d1ops(project, ["migrate", "apply", "--local", "--dry-run", "--json"]),
    );
    expect(report.steps.map(({ status }) => status)).toEqual(["planned", "planned"]);
    expect(existsSync(join(project.dir, ".wrangler"))).toBe(false);
  });

  test("status, plan, apply, verify and a second apply report each state", async () => {
    const project = makeProject(SHOP);
    expect(reportOf(await d1ops(project, ["migrate", "plan", "--json"]))).toMatchObject({
      outcome: "ok",
      data: { pending: ["0001_core.sql", "0002_orders.sql"] },
    });
    const applied = await d1ops(project, ["migrate", "apply", "--local", "--json"]);
    expect(applied.code).toBe(0);
    expect(reportOf(applied)).toMatchObject({
      outcome: "changed",
      summary: "2 migrations applied",
      steps: [
        { name: "0001_core.sql", status: "done", rowsWritten: 2 },
        { name: "0002_orders.sql", status: "done", rowsWritten: 0 },
      ],
      checks: [{ id: "schema.matches", outcome: "pass" }],
    });
    expect(reportOf(await d1ops(project, ["migrate", "verify", "--json"]))).toMatchObject({
      outcome: "ok",
      data: { differences: [] },
    });
    expect(reportOf(await d1ops(project, ["migrate", "apply", "--local", "--json"]))).toMatchObject(
      { outcome: "ok", exitCode: 0, steps: [], summary: "Nothing to apply" },
    );
  });

  test("apply --to stops after that migration", async () => {
    const project = makeProject(SHOP);
    await d1ops(project, ["migrate", "apply", "--local", "--to", "0001"]);
    expect(reportOf(await d1ops(project, ["migrate", "status", "--json"]))).toMatchObject({
      data: { applied: ["0001_core.sql"], pending: ["0002_orders.sql"] },
    });
  });

  test("--quiet prints the warning of plan and of apply, and nothing for a run without warnings", async () => {
    const project = makeProject({ ...SHOP, "migrations/0003_empty.sql": "-- nothing yet\n" });
    const warned = await d1ops(project, ["migrate", "plan", "--quiet"]);
    const applied = await d1ops(project, ["migrate", "apply", "--local", "--quiet"]);
    const repeated = await d1ops(project, ["migrate", "apply", "--local", "--quiet"]);
    expect(warned).toMatchObject({ code: 0, stderr: "" });
    expect(warned.stdout).toMatch(/^warning no-statements: 0003_empty\.sql has no statement\. /);
    expect(applied).toMatchObject({ code: 0, stderr: "" });
    expect(applied.stdout).toMatch(/^warning no-statements: 0003_empty\.sql has no statement, and/);
    expect(repeated).toEqual({ code: 0, signal: null, stdout: "", stderr: "" });
  });

  test("new uses the next number, and suggests plan instead of apply for a file without statements", async () => {
    const project = makeProject(SHOP);
    const run = await d1ops(project, ["migrate", "new", "add plan to users", "--json"]);
    expect(reportOf(run)).toMatchObject({
      outcome: "changed",
      summary: "Created migrations/0003_add_plan_to_users.sql: write its statements now",
      data: { file: "migrations/0003_add_plan_to_users.sql" },
    });
    expect(reportOf(run).next.map((line) => line.replace(/^.*(?=migrate)/, ""))).toEqual([
      "migrate plan --local",
    ]);
    expect(
      readFileSync(join(project.dir, "migrations/0003_add_plan_to_users.sql"), "utf8"),
    ).toMatch(/^-- Migration number: 0003/);
    const warned = await d1ops(project, ["migrate", "plan", "--json"]);
    expect(warned.code).toBe(0);
    const applied = await d1ops(project, ["migrate", "apply", "--local", "--json"]);
    expect(applied.code).toBe(0);
    const rule = { rule: "no-statements", level: "warning" };
    const file = "migrations/0003_add_plan_to_users.sql";
    expect(reportOf(warned).findings).toEqual([
      {
        ...rule,
        file,
        message: expect.stringMatching(/^0003_add_plan_to_users\.sql has no statement\. Once/),
        help: "Write its statements before you apply it.",
      },
    ]);
    expect(reportOf(applied).findings).toEqual([
      {
        ...rule,
        file,
        message: expect.stringMatching(
          /^0003_add_plan_to_users\.sql has no statement, and is applied/,
        ),
        help: expect.stringMatching(/:\n\S.* migrate new add_plan_to_users$/),
      },
    ]);
  });

  test("new creates the folder in an empty project", async () => {
    const project = makeProject();
    expect((await d1ops(project, ["migrate", "new", "core"])).code).toBe(0);
    expect(readdirSync(join(project.dir, "migrations"))).toEqual(["0001_core.sql"]);
  });
});

describe("d1ops migrate apply of a migration that fails", () => {
  const broken = {
    ...SHOP,
    "migrations/0002_orders.sql":
      "CREATE TABLE orders(id INTEGER);\n\nINSERT INTO orders (id, total)\nVALUES (1, 2);\n",
    "migrations/0003_items.sql": "CREATE TABLE items(a);",
  };

  test("shows file, line, statement with a caret, SQLite's message and the next command, and exits with 4 after earlier ones", async () => {
    const run = await d1ops(makeProject(broken), ["migrate", "apply", "--local"]);
    expect(run.code).toBe(4);
    expect(run.stdout).toContain("migrations/0002_orders.sql:3");
    expect(run.stdout).toContain("table orders has no column named total");
    expect(run.stdout).toMatch(/3 \| INSERT INTO orders \(id, total\)\n\s+\|\s+\^{5}/);
    expect(run.stdout).toContain("d1ops.js migrate apply --local");
  });

  test("rolls it back, and the next apply continues from there", async () => {
    const project = makeProject(broken);
    const report = reportOf(await d1ops(project, ["migrate", "apply", "--local", "--json"]));
    expect(report).toMatchObject({
      outcome: "partial",
      exitCode: 4,
      data: { applied: ["0001_core.sql"], pending: ["0002_orders.sql", "0003_items.sql"] },
    });
    expect(report.steps.map(({ status }) => status)).toEqual(["done", "failed", "skipped"]);
    expect(report.findings[0]).toMatchObject({
      rule: "statement-failed",
      file: "migrations/0002_orders.sql",
      line: 3,
    });
    project.write("migrations/0002_orders.sql", SHOP["migrations/0002_orders.sql"]);
    expect(reportOf(await d1ops(project, ["migrate", "apply", "--local", "--json"]))).toMatchObject(
      { outcome: "changed", data: { applied: ["0002_orders.sql", "0003_items.sql"] } },
    );
    expect(
      reportOf(await d1ops(project, ["migrate", "verify", "--json"])).data["differences"],
    ).toEqual([]);
  });

  test("exits with 3 if it is the first of a run, and does not even create the ledger", async () => {
    const project = makeProject({
      "migrations/0001_bad.sql": "CREATE TABLE a(x);\nCREATE TABEL b(x);",
    });
    const run = await d1ops(project, ["migrate", "apply", "--local", "--json"]);
    expect(run.code).toBe(3);
    expect(reportOf(run)).toMatchObject({ outcome: "failed", exitCode: 3 });
    expect(reportOf(run).findings[0]?.excerpt).toContain("CREATE TABEL b(x)");
    const db = project.open();
    expect(
      db
        .prepare("SELECT count(*) AS n FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'")
        .get(),
    ).toEqual({ n: 0 });
    db.close();
  });
});

describe("d1ops migrate with a changed history", () => {
  async function appliedShop(): Promise<ReturnType<typeof makeProject>> {
    const project = makeProject(SHOP);
    await d1ops(project, ["migrate", "apply", "--local"]);
    return project;
  }

  test("status (exit 1) and apply (exit 3) report a changed statement, and ignore a changed comment", async () => {
    const project = await appliedShop();
    project.write(
      "migrations/0002_orders.sql",
      `-- orders of users\r\n${SHOP["migrations/0002_orders.sql"].replaceAll(" ", "  ")}`,
    );
    expect((await d1ops(project, ["migrate", "status"])).code).toBe(0);
    project.write("migrations/0002_orders.sql", "CREATE TABLE orders(id INTEGER PRIMARY KEY);");
    project.write("migrations/0003_next.sql", "CREATE TABLE next(a);");
    const status = await d1ops(project, ["migrate", "status", "--json"]);
    expect(status.code).toBe(1);
    expect(reportOf(status)).toMatchObject({
      data: { changed: ["0002_orders.sql"] },
      findings: [{ rule: "changed", level: "error" }],
    });
    const apply = await d1ops(project, ["migrate", "apply", "--local", "--json"]);
    expect(apply.code).toBe(3);
    expect(reportOf(apply)).toMatchObject({ outcome: "problems", steps: [{ status: "skipped" }] });
    expect((await d1ops(project, ["migrate", "apply", "--local", "--allow-changed"])).code).toBe(0);
  });

  test("a late migration stops apply until the user allows it", async () => {
    const project = await appliedShop();
    project.write("migrations/0001_b_late.sql", "CREATE TABLE late(a);");
    const status = await d1ops(project, ["migrate", "status", "--json"]);
    expect(reportOf(status)).toMatchObject({
      exitCode: 1,
      data: { outOfOrder: ["0001_b_late.sql"] },
    });
    const stopped = await d1ops(project, ["migrate", "apply", "--local"]);
    expect(stopped.code).toBe(3);
    expect(stopped.stdout).toContain("--allow-out-of-order");
    const late = await d1ops(project, ["migrate", "apply", "--local", "--allow-out-of-order"]);
    expect(late.code).toBe(0);
    expect(late.stdout).toContain("0001_b_late.sql ran after 0002_orders.sql");
    expect(late.stdout).not.toContain("--allow-out-of-order");
  });

  test("verify reports a difference in the schema that was made by hand", async () => {
    const project = await appliedShop();
    const db = project.open();
    db.exec("ALTER TABLE users ADD COLUMN nick TEXT; CREATE INDEX by_name ON users(name)");
    db.close();
    const run = await d1ops(project, ["migrate", "verify", "--json"]);
    expect(run.code).toBe(1);
    expect(reportOf(run).findings.map(({ rule, table }) => [rule, table])).toEqual([
      ["drift", "users"],
      ["drift", undefined],
    ]);
    expect(reportOf(run).data["differences"]).toEqual([
      {
        kind: "extra",
        object: "column",
        name: "users.nick",
        left: null,
        right: expect.stringContaining("TEXT"),
      },
      { kind: "extra", object: "index", name: "by_name", left: null, right: expect.any(String) },
    ]);
  });
});

describe("the command line", () => {
  test.each([
    [["--version"], 0, /^\d+\.\d+\.\d+/],
    [["--help"], 0, /migrate/],
    [["migrate", "apply", "--help"], 0, /\$ node .*d1ops\.js migrate apply --local/],
  ])("%j prints its answer on stdout", async (args, code, stdout) => {
    const run = await d1ops(makeProject(), args);
    expect(run.code).toBe(code);
    expect(run.stdout).toMatch(stdout);
  });

  test.each([
    [[], /needs a command/],
    [["migrate"], /needs a command/],
    [["migrat", "status"], /Unknown command 'migrat'.*migrate/s],
    [["migrate", "stats"], /Unknown command 'stats'.*status/s],
    [["migrate", "status", "--jsn"], /Unknown option '--jsn'.*--json/s],
    [["migrate", "status", "--local", "--remote"], /--local.*--remote|--remote.*--local/s],
    [["migrate", "new"], /name/],
    [["migrate", "status", "--format", "yaml"], /no format "yaml"/],
    [["migrate", "status", "--format", "text", "--json"], /both go to stdout/],
    [["migrate", "status", "extra"], /too many arguments|[Ee]xpected 0 arguments/],
  ])("%j is a usage error: exit code 2, and nothing on stdout", async (args, stderr) => {
    const run = await d1ops(makeProject(SHOP), args);
    expect(run).toMatchObject({ code: 2, stdout: "" });
    expect(run.stderr).toMatch(stderr);
    expect(run.stderr).not.toMatch(/^\s+at /m);
  });

  test("a usage error is JSON with --json", async () => {
    const run = await d1ops(makeProject(SHOP), ["migrate", "status", "--json", "--nope"]);
    expect(errorOf(run)).toMatchObject({ code: "USAGE", hint: expect.stringContaining("--help") });
  });

  test("a report can be written to several places at once", async () => {
    const project = makeProject(SHOP);
    const run = await d1ops(project, [
      "migrate",
      "status",
      "--json",
      "--format",
      "junit=out.xml",
      "--format",
      "markdown=out.md",
    ]);
    expect(reportOf(run).command).toBe("migrate status");
    expect(readFileSync(join(project.dir, "out.xml"), "utf8")).toContain("<testsuites");
    expect(readFileSync(join(project.dir, "out.md"), "utf8")).toContain("0001_core.sql");
  });

  test("there is no colour and no progress bar without a terminal", async () => {
    const run = await d1ops(makeProject(SHOP), ["migrate", "apply", "--local"]);
    expect(run.stdout).not.toContain("\u001B");
    expect(withoutProgress(run).stderr).toBe("");
  });
});
