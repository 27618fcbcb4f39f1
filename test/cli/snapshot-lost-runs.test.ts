import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Cloudflare, startCloudflare } from "../../fixtures/cloudflare/fake.ts";
import { makeRemoteProject, type RemoteProject } from "../project/remote.ts";
import { BIN, d1ops, reportOf, type Run, withoutProgress } from "../project.ts";
import { all, edit } from "./clone-remote-shop.ts";
import { objectsOf, snapshotOf } from "./snapshot-shop.ts";

/** Time Travel takes the runs of d1ops away with everything else. A restore that is killed just after it leaves them in its way back. */

let cloudflare: Cloudflare;

beforeAll(async () => {
  cloudflare = await startCloudflare();
});
afterAll(() => cloudflare.close());
afterEach(() => {
  cloudflare.onRequest = null;
});

function environment(): NodeJS.ProcessEnv {
  return { PATH: process.env["PATH"], HOME: "/nonexistent", ...cloudflare.variables() };
}

async function run(project: RemoteProject, ...args: readonly string[]): Promise<Run> {
  return withoutProgress(await d1ops(project, [...args, "--json"], { env: environment() }));
}

function argsOf({ database }: RemoteProject, id: string): string[] {
  return ["snapshot", "restore", id, "--remote", "--confirm", database.name];
}

const RUNS = "SELECT command, ending, bookmark FROM d1ops_runs ORDER BY id";
const TABLE = "SELECT name FROM sqlite_schema WHERE name = 'd1ops_runs'";

/** A database with two runs that its snapshot does not have. */
async function shop(): Promise<{ project: RemoteProject; id: string }> {
  const project = makeRemoteProject(cloudflare, {
    "migrations/0001_core.sql": "CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT);",
  });
  edit(project.database, "CREATE TABLE first(a); INSERT INTO first VALUES (1)");
  const taken = await run(project, "snapshot", "take", "--remote");
  const id = String(snapshotOf(reportOf(taken).data)["id"]);
  expect((await run(project, "migrate", "apply", "--remote", "--yes")).code).toBe(0);
  project.write("migrations/0002_more.sql", "INSERT INTO users VALUES (1, 'Nia');");
  expect((await run(project, "migrate", "apply", "--remote", "--yes")).code).toBe(0);
  return { project, id };
}

/** Kills a restore after Time Travel, before the request that writes the runs back. */
async function killInTheGap(project: RemoteProject, id: string): Promise<void> {
  const child = spawn(process.execPath, [BIN, ...argsOf(project, id)], {
    cwd: project.dir,
    env: environment(),
    stdio: "ignore",
  });
  cloudflare.onRequest = ({ sql }) => {
    if (sql?.some((one) => one.startsWith("INSERT OR REPLACE INTO d1ops_runs")) !== true)
      return null;
    child.kill("SIGKILL");
    return { kind: "cut", when: "before" };
  };
  const [, signal] = await once(child, "exit");
  cloudflare.onRequest = null;
  expect(signal).toBe("SIGKILL");
}

test("the same command writes the runs again that Time Travel took away, and names the way back", async () => {
  const { project, id } = await shop();
  const before = all(project.database, RUNS);
  await killInTheGap(project, id);
  expect(all(project.database, TABLE)).toEqual([]);
  const dry = reportOf(await run(project, "snapshot", "restore", id, "--remote", "--dry-run"));
  expect(dry.findings).toMatchObject([{ rule: "runs-put-back", data: { runs: 2 } }]);
  expect(all(project.database, TABLE)).toEqual([]);
  const again = reportOf(await run(project, ...argsOf(project, id)));
  expect(again).toMatchObject({
    outcome: "changed",
    findings: [{ rule: "runs-put-back", data: { runs: 2 } }],
  });
  expect(all(project.database, RUNS)).toEqual(before);
  expect(reportOf(await run(project, ...argsOf(project, id))).outcome).toBe("ok");
  const undone = await run(
    project,
    ...argsOf(project, JSON.stringify(again.findings[0]?.data?.["snapshot"]).slice(1, -1)),
  );
  expect(undone.code).toBe(0);
  expect(all(project.database, "SELECT name FROM users")).toEqual([{ name: "Nia" }]);
});

test("does not fail if the way back that has the runs is damaged", async () => {
  const { project, id } = await shop();
  const before = new Set(objectsOf(project, "packs"));
  await killInTheGap(project, id);
  for (const pack of objectsOf(project, "packs").filter((one) => !before.has(one))) rmSync(pack);
  edit(project.database, "DROP TABLE first");
  expect((await run(project, ...argsOf(project, id))).code).toBe(0);
  expect(all(project.database, "SELECT name FROM sqlite_schema WHERE name = 'first'")).toEqual([
    { name: "first" },
  ]);
});

test("keeps the runs that have begun since, also if they have the same ids", async () => {
  const { project, id } = await shop();
  await killInTheGap(project, id);
  expect((await run(project, "migrate", "apply", "--remote", "--yes")).code).toBe(0);
  expect((await run(project, ...argsOf(project, id))).code).toBe(0);
  expect(
    all(
      project.database,
      "SELECT count(*) AS n, count(DISTINCT nonce) AS nonces FROM d1ops_runs WHERE ending = 'done'",
    ),
  ).toEqual([{ n: 4, nonces: 4 }]);
  expect(reportOf(await run(project, ...argsOf(project, id))).outcome).toBe("ok");
});
