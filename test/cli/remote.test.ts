import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Cloudflare, startCloudflare } from "../../fixtures/cloudflare/fake.ts";
import { migrateApply } from "../../src/commands/migrate/apply.ts";
import {
  countingMigrations,
  impatientClock,
  makeRemoteProject,
  type RemoteProject,
  contentsOf,
} from "../project/remote.ts";
import type { Report } from "../../src/report/report.ts";
import { BIN, d1ops, d1opsBuilt, errorOf, reportOf, type Run } from "../project.ts";
import { until } from "../until.ts";

/** The command line with a fake Cloudflare. */

/** A runner whose process is stopped. */
interface Stopped {
  goOn(): Promise<{ readonly code: unknown; readonly report: Report }>;
}

let cloudflare: Cloudflare;

beforeAll(async () => {
  cloudflare = await startCloudflare({ timeTravel: "bookmarks only" });
});
afterAll(() => cloudflare.close());
afterEach(() => {
  cloudflare.latencyMs = 0;
  cloudflare.onRequest = null;
});

function environment(more: Record<string, string> = {}): NodeJS.ProcessEnv {
  return { PATH: process.env["PATH"], HOME: "/nonexistent", ...cloudflare.variables(), ...more };
}

function remote(
  project: RemoteProject,
  line: string,
  more: Record<string, string> = {},
  start = d1ops,
): Promise<Run> {
  return start(project, line.split(" "), { env: environment(more) });
}

/** Runs the built program in its own process. */
function remoteBuilt(
  project: RemoteProject,
  line: string,
  more: Record<string, string> = {},
): Promise<Run> {
  return remote(project, line, more, d1opsBuilt);
}

function requestsSince(before: number): string[] {
  return cloudflare.log.slice(before).map(({ operation }) => operation);
}

describe("migrate apply --remote", () => {
  test("requires --yes without a terminal, and prints no prompt on stdout", async () => {
    const project = makeRemoteProject(cloudflare, countingMigrations(3));
    const before = cloudflare.log.length;
    const run = await remote(project, "migrate apply --remote --json");
    expect(run.code).toBe(5);
    expect(run.stdout).toBe("");
    expect(errorOf(run)).toMatchObject({
      code: "NOT_CONFIRMED",
      hint: expect.stringMatching(/--yes/),
    });
    expect(requestsSince(before)).toEqual(["d1.raw"]);
    expect(contentsOf(project.database)).toMatchObject({ schema: [], ledger: [] });
  });

  test("requires no confirmation if there is nothing to do", async () => {
    const project = makeRemoteProject(cloudflare, countingMigrations(1));
    await remote(project, "migrate apply --remote --yes");
    const run = await remote(project, "migrate apply --remote");
    expect(run.code).toBe(0);
  });

  test.each([
    ["--yes is not enough", "--yes", 5],
    ["another name is not enough", "--confirm shop", 5],
    ["the database's name is enough", "--confirm NAME", 0],
  ])("exits according to the confirmation of destructive statements: %s", async (_, flag, code) => {
    const project = makeRemoteProject(cloudflare, countingMigrations(1));
    await remote(project, "migrate apply --remote --yes");
    project.write("migrations/0002_drop.sql", "DROP TABLE t1;\n");
    const run = await remote(
      project,
      `migrate apply --remote ${flag.replace("NAME", project.database.name)}`,
    );
    expect(run.code).toBe(code);
    if (code === 5) {
      expect(run.stderr).toContain("drops the table t1");
      expect(run.stderr).toContain(`--confirm ${project.database.name}`);
    }
  });

  test("requires no confirmation for a dry run, which writes nothing", async () => {
    const project = makeRemoteProject(cloudflare, countingMigrations(3));
    const before = cloudflare.log.length;
    const run = await remote(project, "migrate apply --remote --dry-run --json");
    expect(reportOf(run)).toMatchObject({ exitCode: 0, steps: [{ status: "planned" }, {}, {}] });
    expect(requestsSince(before)).toEqual(["d1.raw"]);
    expect(contentsOf(project.database)).toMatchObject({ schema: [] });
  });

  test("reports how to restore the database, and records the bookmark of the run", async () => {
    const project = makeRemoteProject(cloudflare, countingMigrations(2));
    const bookmark = project.database.bookmark();
    const run = await remote(project, "migrate apply --remote --yes --json");
    const report = reportOf(run);
    expect(report.next.at(-1)).toBe(
      `npx wrangler d1 time-travel restore ${project.database.name} --bookmark=${bookmark}`,
    );
    expect(report.data["run"]).toEqual({ id: 1, bookmark });
    const lock = reportOf(await remote(project, "migrate lock --remote --json"));
    expect(lock.data).toMatchObject({ held: null, runs: [{ id: 1, bookmark, ending: "done" }] });
  });
});

describe("the number of calls of the API", () => {
  test("is one for status, with and without a history", async () => {
    const project = makeRemoteProject(cloudflare, countingMigrations(4));
    for (const applied of [0, 4]) {
      const before = cloudflare.log.length;
      const run = await remote(project, "migrate status --remote --json");
      expect(reportOf(run).data["applied"]).toHaveLength(applied);
      expect(requestsSince(before)).toEqual(["d1.raw"]);
      await remote(project, "migrate apply --remote --yes");
    }
  });

  test("is n + 4 for apply of n migrations if calls overlap on a slow network", async () => {
    const project = makeRemoteProject(cloudflare, countingMigrations(12));
    cloudflare.latencyMs = 60;
    const before = cloudflare.log.length;
    const run = await remote(project, "migrate apply --remote --yes --json");
    expect(run.code, run.stderr).toBe(0);
    // On a busy machine, some calls may arrive in another order, and each of those costs a request.
    expect(requestsSince(before).length).toBeLessThanOrEqual(2 * 12 + 4);
    expect(contentsOf(project.database)).toMatchObject({ counter: 12, held: 0 });
  });

  test("is n + 4 for apply of n migrations on a fast network", async () => {
    const project = makeRemoteProject(cloudflare, countingMigrations(12));
    const before = cloudflare.log.length;
    // With this clock every answer takes 0 ms. Each migration then waits for the one before it, as on a fast network.
    const clock = { ...impatientClock(), now: () => 0 };
    const options = { cwd: project.dir, place: "remote", yes: true, clock } as const;
    await migrateApply({ ...options, variables: cloudflare.variables() });
    expect(requestsSince(before)).toHaveLength(16);
    const again = cloudflare.log.length;
    project.write("migrations/0013_more.sql", "CREATE TABLE more(a);");
    await migrateApply({ ...options, variables: cloudflare.variables() });
    expect(requestsSince(again)).toHaveLength(5);
  });
});

describe("apply of a migration that D1 rejects", () => {
  test("reports a statement that is too long for a request, before it writes", async () => {
    const project = makeRemoteProject(cloudflare, {
      "migrations/0001_fine.sql": "CREATE TABLE t(a);",
      "migrations/0002_long.sql": `-- rows\nINSERT INTO t VALUES ('${"é".repeat(50_001)}');`,
    });
    const plan = await remote(project, "migrate plan --remote --json");
    expect(reportOf(plan)).toMatchObject({
      exitCode: 1,
      findings: [{ rule: "too-large", line: 2, help: expect.stringMatching(/several/) }],
    });
    const apply = await remote(project, "migrate apply --remote --yes --json");
    expect(reportOf(apply)).toMatchObject({ exitCode: 3, outcome: "problems" });
    expect(contentsOf(project.database)).toMatchObject({ schema: [] });
  });

  test("reports the rejected statement, although D1 does not name it", async () => {
    const project = makeRemoteProject(cloudflare, {
      ...countingMigrations(2),
      "migrations/0003_wrong.sql": "CREATE TABLE fine(a);\n\nINSERT INTO fine(b) VALUES (1);\n",
    });
    const run = await remote(project, "migrate apply --remote --yes --json");
    expect(reportOf(run)).toMatchObject({
      exitCode: 4,
      findings: [
        { rule: "statement-failed", line: 3, excerpt: expect.stringContaining("INSERT INTO fine") },
        { rule: "way-back" },
      ],
    });
    expect(contentsOf(project.database)).toMatchObject({ counter: 2, held: 0 });
  });

  test("reports a trigger that D1's API splits, and how to write it", async () => {
    const project = makeRemoteProject(cloudflare, {
      "migrations/0001_trigger.sql":
        "CREATE TABLE t(a);\nCREATE TRIGGER r AFTER INSERT ON t begin DELETE FROM t; end;",
    });
    cloudflare.settings.splitter = "weak";
    const run = await remote(project, "migrate apply --remote --yes --json");
    cloudflare.settings.splitter = "sqlite";
    expect(reportOf(run)).toMatchObject({
      exitCode: 3,
      findings: [{ rule: "statement-failed", help: expect.stringContaining("in upper case") }],
    });
    expect((await remote(project, "migrate apply --remote --yes")).code).toBe(0);
  });

  test("reports a violated foreign key, for which D1 reports only `internal error`", async () => {
    const project = makeRemoteProject(cloudflare, {
      "migrations/0001_keys.sql":
        "CREATE TABLE p(a INTEGER PRIMARY KEY);\nCREATE TABLE c(a REFERENCES p(a) DEFERRABLE INITIALLY DEFERRED);\nINSERT INTO c VALUES (7);",
    });
    const run = await remote(project, "migrate apply --remote --yes --json");
    const report = reportOf(run);
    expect(report.exitCode).toBe(3);
    expect(report.findings[0]?.message).toMatch(/FOREIGN KEY constraint failed/);
  });
});

describe("several runs of apply", () => {
  test("succeed in eight CI jobs that start together: one applies, and the others wait", async () => {
    const project = makeRemoteProject(cloudflare, countingMigrations(10));
    const runs = await Promise.all(
      Array.from({ length: 8 }, () => remoteBuilt(project, "migrate apply --remote --yes --json")),
    );
    expect(runs.map(({ code }) => code)).toEqual(runs.map(() => 0));
    const applied = runs.flatMap((run) => reportOf(run).data["applied"]);
    expect(applied).toHaveLength(10);
    expect(contentsOf(project.database)).toMatchObject({ counter: 10, held: 0 });
  });

  test("fail at once and name the holder with --lock-timeout 0, and migrate lock shows and releases the lease", async () => {
    const project = makeRemoteProject(cloudflare, countingMigrations(3));
    await remote(project, "migrate apply --remote --yes --to 1");
    hold(project, "ci@example (process 7)");
    const run = await remote(project, "migrate apply --remote --yes --lock-timeout 0 --json");
    expect(run.code).toBe(3);
    expect(errorOf(run)).toMatchObject({
      code: "LEASE_HELD",
      message: expect.stringContaining("ci@example (process 7)"),
    });
    const shown = await remote(project, "migrate lock --remote --json");
    expect(reportOf(shown)).toMatchObject({
      exitCode: 1,
      data: { held: { holder: "ci@example (process 7)" } },
    });
    expect((await remote(project, "migrate lock --remote --release")).code).toBe(5);
    expect((await remote(project, "migrate lock --remote --release --yes")).code).toBe(0);
    expect((await remote(project, "migrate apply --remote --yes --lock-timeout 0")).code).toBe(0);
    expect(contentsOf(project.database)).toMatchObject({ counter: 3, held: 0 });
  });

  test("take over the lease of another run once it has expired", async () => {
    const project = makeRemoteProject(cloudflare, countingMigrations(2));
    await remote(project, "migrate apply --remote --yes --to 1");
    hold(project, "gone@example (process 1)", "-1 seconds");
    expect((await remote(project, "migrate apply --remote --yes --lock-timeout 0")).code).toBe(0);
  });

  /**
   * Starts an apply and stops its process when the fake receives the batch that creates `table`. The fake executes the requests
   * under way.
   */
  async function stoppedAt(project: RemoteProject, table: string): Promise<Stopped> {
    const child = spawn(
      process.execPath,
      [BIN, ..."migrate apply --remote --yes --json".split(" ")],
      { cwd: project.dir, env: environment(), stdio: ["ignore", "pipe", "inherit"] },
    );
    let stdout = "";
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    const closed = once(child, "close");
    const before = cloudflare.log.length;
    let stopped = false;
    cloudflare.latencyMs = 40;
    cloudflare.onRequest = ({ sql = [] }) => {
      if (sql.some((text) => text.includes(`CREATE TABLE ${table}(`))) {
        stopped = child.kill("SIGSTOP");
      }
      return null;
    };
    await until(
      () => stopped && cloudflare.log.slice(before).every(({ status }) => status !== null),
    );
    cloudflare.onRequest = null;
    return {
      async goOn() {
        child.kill("SIGCONT");
        const [code]: unknown[] = await closed;
        return { code, report: reportOf({ code: null, signal: null, stdout, stderr: "" }) };
      },
    };
  }

  test("fail with LEASE_LOST and write nothing after their process was stopped for longer than the lease", async () => {
    const project = makeRemoteProject(cloudflare, countingMigrations(20));
    const runner = await stoppedAt(project, "t4");
    expire(project);
    const stands = counterOf(project);
    expect(stands).toBeLessThan(20);
    const { code, report } = await runner.goOn();
    expect(code).toBe(4);
    expect(counterOf(project)).toBe(stands);
    expect(report.findings.map(({ rule }) => rule)).toContain("LEASE_LOST");
    expect((await remote(project, "migrate apply --remote --yes")).code).toBe(0);
    expect(counterOf(project)).toBe(20);
  });

  test("exit with 0 and report it if another run applied the rest", async () => {
    const project = makeRemoteProject(cloudflare, countingMigrations(20));
    const runner = await stoppedAt(project, "t4");
    expire(project);
    expect((await remote(project, "migrate apply --remote --yes")).code).toBe(0);
    const { code, report } = await runner.goOn();
    expect(code).toBe(0);
    expect(report.outcome).toBe("changed");
    expect(report.summary).toMatch(/applied by another run/);
    expect(report.findings.map(({ rule }) => rule)).not.toContain("LEASE_LOST");
    expect(counterOf(project)).toBe(20);
  });

  test("complete the work of a run that was killed at any moment", async () => {
    const project = makeRemoteProject(cloudflare, countingMigrations(12));
    for (let round = 0; round < 8; round += 1) {
      const database = project.renew();
      cloudflare.latencyMs = 5;
      const child = spawn(process.execPath, [BIN, "migrate", "apply", "--remote", "--yes"], {
        cwd: project.dir,
        env: environment({ D1OPS_LEASE_SECONDS: "1" }),
        stdio: "ignore",
      });
      const before = cloudflare.log.length;
      await until(() => cloudflare.log.length - before > round || child.exitCode !== null);
      child.kill("SIGKILL");
      cloudflare.latencyMs = 0;
      const run = await remote(project, "migrate apply --remote --yes", {
        D1OPS_LEASE_SECONDS: "1",
      });
      expect(run.code, run.stderr).toBe(0);
      expect(contentsOf(database)).toMatchObject({ counter: 12, held: 0 });
    }
  });

  test("end on Ctrl-C after the current migration, release the lease, and report what is applied", async () => {
    const project = makeRemoteProject(cloudflare, countingMigrations(30));
    cloudflare.latencyMs = 30;
    const child = spawn(
      process.execPath,
      [BIN, ..."migrate apply --remote --yes --json".split(" ")],
      {
        cwd: project.dir,
        env: environment(),
        stdio: ["ignore", "pipe", "ignore"],
      },
    );
    let stdout = "";
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    const closed = once(child, "close");
    await until(() => counterOf(project) >= 2);
    // The run does not end, however long this process sleeps.
    cloudflare.latencyMs = 1500;
    child.kill("SIGINT");
    const [code]: unknown[] = await closed;
    expect(code).toBe(130);
    const report = reportOf({ code: null, signal: null, stdout, stderr: "" });
    expect(report.data["applied"]).toHaveLength(counterOf(project));
    expect(contentsOf(project.database)).toMatchObject({ held: 0 });
  });
});

describe("the environment", () => {
  test("configures the proxy, and NO_PROXY excludes hosts from it", async () => {
    const project = makeRemoteProject(cloudflare, countingMigrations(1));
    const proxy = { HTTP_PROXY: "http://127.0.0.1:9", HTTPS_PROXY: "http://127.0.0.1:9" };
    const through = reportOf(await remoteBuilt(project, "doctor --remote --json", proxy));
    expect(through.findings.map(({ rule }) => rule)).toContain("API_UNREACHABLE");
    const past = await remoteBuilt(project, "doctor --remote --json", {
      ...proxy,
      NO_PROXY: "127.0.0.1",
    });
    expect(past.code).toBe(0);
  });
});

describe("the API token", () => {
  test("appears in no output, file or row of a run, whichever request fails", async () => {
    const canary = "canary-token-that-nobody-may-see-7f3a9";
    cloudflare.tokens.add(canary);
    const project = makeRemoteProject(cloudflare, countingMigrations(4));
    const said: string[] = [];
    const variables = { CLOUDFLARE_API_TOKEN: canary };
    const lines = [
      "doctor --remote --json",
      "doctor --remote --debug",
      "status --remote -v",
      "migrate status --remote --format html=status.html",
      "migrate plan --remote --format sarif=plan.sarif --format junit=plan.xml",
      "migrate apply --remote --debug",
      "migrate apply --remote --yes --debug --format markdown=apply.md",
      "migrate verify --remote --json --debug",
      "migrate lock --remote -v",
    ];
    const troubles = [
      null,
      { kind: "status", status: 403 } as const,
      { kind: "html" } as const,
      { kind: "malformed", body: `{"token":"${canary}"` } as const,
    ];
    for (const trouble of troubles) {
      for (const line of trouble === null ? lines : lines.slice(0, 2)) {
        let left = trouble?.kind === "status" ? 10 : 1;
        cloudflare.onRequest = () => (left-- > 0 ? trouble : null);
        const { stdout, stderr } = await remote(project, line, variables);
        said.push(stdout, stderr);
      }
    }
    const gone = await remote(project, "doctor --remote", {
      ...variables,
      CLOUDFLARE_API_BASE_URL: "http://127.0.0.1:9/client/v4",
    });
    said.push(gone.stdout, gone.stderr);
    expect(said.join("").length).toBeGreaterThan(2000);
    expect(said.filter((text) => text.includes(canary))).toEqual([]);
    const files = [
      ...filesUnder(project.dir),
      project.database.path,
      `${project.database.path}-wal`,
    ];
    expect(files.length).toBeGreaterThan(10);
    expect(files.filter((path) => read(path).includes(canary))).toEqual([]);
  });
});

function counterOf(project: RemoteProject): number {
  const { counter } = contentsOf(project.database) as { counter: number | null };
  return counter ?? 0;
}

/** Inserts a lease of another run. */
function hold(project: RemoteProject, holder: string, expires = "+60 seconds"): void {
  const db = project.database.open();
  db.prepare(
    `INSERT INTO d1ops_runs (command, holder, tool, started_at, expires_at, nonce)
VALUES ('migrate apply', ?, 'test', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), strftime('%Y-%m-%dT%H:%M:%fZ', 'now', ?), ?)`,
  ).run(holder, expires, holder);
  db.close();
}

/** Makes the lease of the run expire. */
function expire(project: RemoteProject): void {
  const db = project.database.open();
  db.exec("UPDATE d1ops_runs SET expires_at = '2020-01-01T00:00:00.000Z' WHERE ended_at IS NULL");
  db.close();
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}

function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
