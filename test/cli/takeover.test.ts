/** If a run was killed on this machine, the next one continues at once. */
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { startCloudflare } from "../../fixtures/cloudflare/fake.ts";
import { countingMigrations, makeRemoteProject } from "../project/remote.ts";
import { BIN, d1ops, errorOf, makeProject, reportOf } from "../project.ts";
import { spawn } from "node:child_process";

const FILES = {
  "migrations/0001_core.sql":
    "CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER NOT NULL DEFAULT 0);\n",
  "migrations/backfills/0001_fill.sql": `-- d1ops:source t
-- d1ops:key id
-- d1ops:write
UPDATE t SET n = n + 1 WHERE {window};
-- d1ops:reconcile
SELECT id FROM t WHERE n = 0;
`,
};
const ROWS =
  "WITH RECURSIVE k(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM k WHERE i < 20) INSERT INTO t(id) SELECT i FROM k";

/** A run that waits an hour after its first window. */
const SLOW = ["backfill", "run", "1", "--window", "5", "--max-window", "5", "--pause", "60m"];
const GO_ON = ["backfill", "run", "1", "--json"];

interface Opener {
  open(): { prepare(sql: string): { get(): unknown }; close(): void };
}

/** Waits until the run has written its first window. */
async function windowsDone({ open }: Opener): Promise<void> {
  for (;;) {
    const db = open();
    try {
      const row = db.prepare("SELECT windows FROM d1ops_backfills").get();
      if (typeof row === "object" && row !== null && "windows" in row && row.windows === 1) return;
    } catch {
      // The table does not exist yet.
    } finally {
      db.close();
    }
    await new Promise((resume) => setTimeout(resume, 20));
  }
}

async function killedAfterOneWindow(
  dir: string,
  opener: Opener,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const child = spawn(process.execPath, [BIN, ...SLOW, ...args], {
    cwd: dir,
    env,
    stdio: "ignore",
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  await windowsDone(opener);
  const held = await d1ops({ dir }, [...GO_ON, ...args], { env });
  expect(held.code).toBe(3);
  expect(errorOf(held)).toMatchObject({ code: "BACKFILL_HELD" });
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

test("a new run continues a killed local backfill at once and changes each row once", async () => {
  const project = makeProject(FILES);
  expect((await d1ops(project, ["migrate", "apply", "--local"])).code).toBe(0);
  const db = project.open();
  db.exec(ROWS);
  await killedAfterOneWindow(project.dir, project, ["--local"], process.env);
  const status = await d1ops(project, ["backfill", "status", "1", "--local", "--json"]);
  expect(reportOf(status).data).toMatchObject({ jobs: [{ state: "silent" }] });
  const next = await d1ops(project, [...GO_ON, "--local"]);
  expect(next.code).toBe(0);
  expect(db.prepare("SELECT n, count(*) AS c FROM t GROUP BY n").all()).toEqual([{ n: 1, c: 20 }]);
  db.close();
});

test("a new run continues a killed remote backfill at once", async () => {
  const cloudflare = await startCloudflare();
  onTestFinished(() => cloudflare.close());
  const project = makeRemoteProject(cloudflare, FILES);
  const env = { ...process.env, ...cloudflare.variables() };
  expect((await d1ops(project, ["migrate", "apply", "--remote", "--yes"], { env })).code).toBe(0);
  const db = project.database.open();
  db.exec(ROWS);
  db.close();
  await killedAfterOneWindow(project.dir, project.database, ["--remote", "--yes"], env);
  const next = await d1ops(project, [...GO_ON, "--remote", "--yes"], { env });
  expect(reportOf(next)).toMatchObject({
    exitCode: 0,
    data: { jobs: [{ state: "reconciled", changed: 20 }] },
  });
});

test("a new remote apply does not wait for the lease of a killed run", async () => {
  const cloudflare = await startCloudflare();
  onTestFinished(() => cloudflare.close());
  const project = makeRemoteProject(cloudflare, countingMigrations(20));
  const env = { ...process.env, ...cloudflare.variables() };
  const apply = ["migrate", "apply", "--remote", "--yes"];
  const child = spawn(process.execPath, [BIN, ...apply], {
    cwd: project.dir,
    env,
    stdio: "ignore",
  });
  const ended = once(child, "exit");
  cloudflare.onRequest = ({ sql = [] }) => {
    if (sql.some((text) => text.includes("CREATE TABLE t4("))) child.kill("SIGKILL");
    return null;
  };
  await ended;
  cloudflare.onRequest = null;
  const next = await d1ops(project, [...apply, "--lock-timeout", "0", "--json"], { env });
  expect(reportOf(next).exitCode).toBe(0);
  const db = project.database.open();
  expect(db.prepare("SELECT n FROM counter").get()).toEqual({ n: 20 });
  const endings = db.prepare("SELECT ending FROM d1ops_runs ORDER BY id").all();
  db.close();
  expect(endings).toEqual([{ ending: "died" }, { ending: "done" }]);
});
