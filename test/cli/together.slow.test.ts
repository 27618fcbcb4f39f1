import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Report } from "../../src/report/report.ts";
import { startDev } from "../dev.ts";
import {
  BIN,
  d1ops,
  d1opsBuilt,
  makeProject,
  pad,
  reportOf,
  wrangler,
  withoutProgress,
} from "../project.ts";
import { until } from "../until.ts";
import { appliedOf } from "./progress.ts";

describe("several processes at once", () => {
  test("apply each of thirty migrations exactly once, and none of the eight processes fails", async () => {
    const count = 30;
    const project = makeProject(
      Object.fromEntries(
        Array.from({ length: count }, (_, i) => [
          `migrations/${pad(i + 1)}_step.sql`,
          i === 0
            ? "CREATE TABLE log(n INTEGER); INSERT INTO log VALUES (1);"
            : `INSERT INTO log VALUES (${i + 1});`,
        ]),
      ),
    );
    const runs = await Promise.all(
      Array.from({ length: 8 }, () =>
        d1opsBuilt(project, ["migrate", "apply", "--local", "--json"]),
      ),
    );
    for (const run of runs) expect(withoutProgress(run)).toMatchObject({ code: 0, stderr: "" });
    const reports = runs.map(reportOf);
    const done = reports.flatMap(({ steps }) =>
      steps.filter(({ status }) => status === "done").map(({ name }) => name),
    );
    expect(done.sort()).toEqual(Array.from({ length: count }, (_, i) => `${pad(i + 1)}_step.sql`));
    for (const { steps } of reports) {
      for (const step of steps.filter(({ status }) => status !== "done")) {
        expect(step).toMatchObject({
          status: "skipped",
          note: "applied by another run",
        });
      }
    }
    const db = project.open();
    expect(
      db
        .prepare("SELECT n FROM log ORDER BY rowid")
        .all()
        .map((row) => row["n"]),
    ).toEqual(Array.from({ length: count }, (_, i) => i + 1));
    expect(db.prepare("SELECT count(*) AS n FROM d1_migrations").get()).toEqual({ n: count });
    db.close();
  });

  test("wait for a lock that another process releases", async () => {
    const project = makeProject({ "migrations/0001_core.sql": "CREATE TABLE t(a);" });
    mkdirSync(dirname(project.file), { recursive: true });
    const db = project.open();
    db.exec("PRAGMA journal_mode = WAL; BEGIN IMMEDIATE");
    const run = d1opsBuilt(project, ["migrate", "apply", "--local", "--json"]);
    await new Promise((resume) => setTimeout(resume, 1000));
    db.exec("COMMIT");
    db.close();
    expect(reportOf(await run)).toMatchObject({ outcome: "changed", exitCode: 0 });
  });

  test("fail with DATABASE_BUSY (exit 3) and name the holder of a lock that is not released", async () => {
    const project = makeProject({ "migrations/0001_core.sql": "CREATE TABLE t(a);" });
    mkdirSync(dirname(project.file), { recursive: true });
    const db = project.open();
    db.exec("PRAGMA journal_mode = WAL; BEGIN IMMEDIATE");
    const run = await d1opsBuilt(project, ["migrate", "apply", "--local", "--json"]);
    db.exec("ROLLBACK");
    db.close();
    expect(run.code).toBe(3);
    const said = run.stdout + run.stderr;
    expect(said).toContain("DATABASE_BUSY");
    if (process.platform === "linux") expect(said).toContain(String(process.pid));
  });
});

describe("Ctrl-C", () => {
  test("ends apply after the current migration with exit 130 and a report, and the next run continues", async () => {
    const files = Object.fromEntries(
      Array.from({ length: 400 }, (_, i) => [
        `migrations/${pad(i + 1)}_step.sql`,
        `CREATE TABLE t${i + 1}(a);`,
      ]),
    );
    for (;;) {
      const project = makeProject(files);
      const child = spawn(process.execPath, [BIN, "migrate", "apply", "--local", "--json"], {
        cwd: project.dir,
        stdio: ["ignore", "pipe", "ignore"],
      });
      let stdout = "";
      child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
      const closed = once(child, "close");
      await until(() => child.exitCode !== null || appliedOf(project) >= 3);
      child.kill("SIGINT");
      const [code] = (await closed) as [number | null];
      // The run ended before this process saw the third migration: try again.
      if (code === 0) continue;
      expect(code).toBe(130);
      const report = JSON.parse(stdout) as Report;
      const standing = report.data["applied"] as string[];
      expect(report.exitCode).toBe(130);
      expect(standing.length).toBeGreaterThanOrEqual(3);
      expect(report.outcome).toBe("partial");
      expect(standing.length).toBeLessThan(400);
      const status = reportOf(await d1ops(project, ["migrate", "status", "--json"]));
      expect(status.data["applied"]).toEqual(standing);
      expect((await d1ops(project, ["migrate", "apply", "--local"])).code).toBe(0);
      return;
    }
  });
});

describe("d1ops together with wrangler", () => {
  const FILES = {
    "migrations/0001_core.sql": "CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT);\n",
    "migrations/0002_orders.sql": "CREATE TABLE orders(id INTEGER PRIMARY KEY);\n",
    "migrations/0003_items.sql": "CREATE TABLE items(id INTEGER PRIMARY KEY);\n",
  };

  test("leaves nothing to do for wrangler after d1ops has applied all migrations", async () => {
    const project = makeProject(FILES);
    expect((await d1ops(project, ["migrate", "apply", "--local"])).code).toBe(0);
    const list = await wrangler(project, ["d1", "migrations", "list", "DB", "--local"]);
    expect(list.stdout).toContain("No migrations to apply");
  });

  test("has nothing to do after wrangler, reports wrangler's rows as unverified, and verifies the schema", async () => {
    const project = makeProject(FILES);
    expect((await wrangler(project, ["d1", "migrations", "apply", "DB", "--local"])).code).toBe(0);
    expect(reportOf(await d1ops(project, ["migrate", "status", "--json"]))).toMatchObject({
      outcome: "ok",
      data: {
        pending: [],
        applied: ["0001_core.sql", "0002_orders.sql", "0003_items.sql"],
        unverified: ["0001_core.sql", "0002_orders.sql", "0003_items.sql"],
      },
    });
    expect(reportOf(await d1ops(project, ["migrate", "verify", "--json"]))).toMatchObject({
      outcome: "ok",
      data: { differences: [] },
    });
  });

  test("applies each migration once if both apply in turns", async () => {
    const project = makeProject({ "migrations/0001_core.sql": FILES["migrations/0001_core.sql"] });
    expect((await d1ops(project, ["migrate", "apply", "--local"])).code).toBe(0);
    project.write("migrations/0002_orders.sql", FILES["migrations/0002_orders.sql"]);
    expect((await wrangler(project, ["d1", "migrations", "apply", "DB", "--local"])).code).toBe(0);
    project.write("migrations/0003_items.sql", FILES["migrations/0003_items.sql"]);
    expect((await d1ops(project, ["migrate", "apply", "--local"])).code).toBe(0);
    expect(
      (await wrangler(project, ["d1", "migrations", "list", "DB", "--local"])).stdout,
    ).toContain("No migrations to apply");
    expect(reportOf(await d1ops(project, ["migrate", "status", "--json"]))).toMatchObject({
      data: { pending: [], unverified: ["0002_orders.sql"] },
    });
    const db = project.open();
    expect(
      db
        .prepare("SELECT id, name FROM d1_migrations ORDER BY id")
        .all()
        .map((row) => `${String(row["id"])} ${String(row["name"])}`),
    ).toEqual(["1 0001_core.sql", "2 0002_orders.sql", "3 0003_items.sql"]);
    db.close();
  });

  test("creates tables that the Worker of wrangler dev sees at once while it continues to write", async () => {
    const project = makeProject({
      ...FILES,
      "src/index.js": `export default { async fetch(request, env) {
        const url = new URL(request.url);
        try {
          if (url.pathname === "/write") await env.DB.prepare("INSERT INTO users(name) VALUES ('Zoe')").run();
          const { results } = await env.DB.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\\\_%' ESCAPE '\\\\' ORDER BY name").all();
          return Response.json(results.map((row) => row.name));
        } catch (error) { return new Response(error.message, { status: 500 }); }
      } }`,
    });
    project.write(
      "wrangler.jsonc",
      JSON.stringify({
        name: "shop",
        main: "src/index.js",
        compatibility_date: "2025-06-01",
        d1_databases: [
          {
            binding: "DB",
            database_name: "shop-db",
            database_id: "11111111-2222-3333-4444-555555555555",
          },
        ],
      }),
    );
    const { url: base, stop } = await startDev(project);
    onTestFinished(stop);
    expect(await (await fetch(base)).json()).not.toContain("users");
    expect((await d1ops(project, ["migrate", "apply", "--local", "--to", "2"])).code).toBe(0);
    expect(await (await fetch(`${base}/write`)).json()).toEqual(
      expect.arrayContaining(["orders", "users"]),
    );
    // The Worker writes while d1ops applies, and both succeed.
    const [run, ...answers] = await Promise.all([
      d1ops(project, ["migrate", "apply", "--local", "--json"]),
      ...Array.from({ length: 10 }, () => fetch(`${base}/write`)),
    ]);
    expect(run.code).toBe(0);
    expect(answers.some(({ ok }) => ok)).toBe(true);
    expect(await (await fetch(`${base}/write`)).json()).toEqual(expect.arrayContaining(["items"]));
    expect(reportOf(await d1ops(project, ["migrate", "verify", "--json"]))).toMatchObject({
      outcome: "ok",
    });
  });
});
