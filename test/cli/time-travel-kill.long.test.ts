import { afterAll, beforeAll, expect, test } from "vitest";
import { type Cloudflare, startCloudflare } from "../../fixtures/cloudflare/fake.ts";
import { makeRemoteProject, type RemoteProject } from "../project/remote.ts";
import { d1ops, reportOf, type Run } from "../project.ts";
import { all, edit } from "./clone-remote-shop.ts";
import { expire, killAfter } from "./remote-kill.ts";
import { snapshotOf } from "./snapshot-shop.ts";

const KILLS = Number(process.env["D1OPS_TEST_KILLS"] ?? 8);

let cloudflare: Cloudflare;

beforeAll(async () => {
  cloudflare = await startCloudflare();
});
afterAll(() => cloudflare.close());

function environment(): NodeJS.ProcessEnv {
  return { PATH: process.env["PATH"], HOME: "/nonexistent", ...cloudflare.variables() };
}

async function run(project: RemoteProject, ...args: readonly string[]): Promise<Run> {
  return d1ops(project, [...args, "--json"], { env: environment() });
}

const USERS = "SELECT * FROM users ORDER BY id";
const RUNS = "SELECT nonce FROM d1ops_runs ORDER BY id";

/** A database, its snapshot, and then a migration, which is a run that the snapshot does not have, and a loss. */
async function begin(project: RemoteProject): Promise<string> {
  project.renew();
  edit(
    project.database,
    "CREATE TABLE users(id INTEGER PRIMARY KEY, name); INSERT INTO users VALUES (1, 'Nia'), (2, 'Ana')",
  );
  const taken = await run(project, "snapshot", "take", "--remote");
  expect((await run(project, "migrate", "apply", "--remote", "--yes")).code).toBe(0);
  edit(project.database, "DELETE FROM users WHERE id = 1");
  return String(snapshotOf(reportOf(taken).data)["id"]);
}

test(
  `each of ${KILLS} killed restores by Time Travel is completed by the same command, and loses no run`,
  { timeout: 600_000 },
  async () => {
    const project = makeRemoteProject(cloudflare, {
      "migrations/0001_more.sql": "ALTER TABLE users ADD COLUMN email",
    });
    const argsFor = (id: string): string[] => {
      const { name } = project.database;
      return ["snapshot", "restore", id, "--remote", "--confirm", name];
    };
    const first = await begin(project);
    const start = cloudflare.log.length;
    expect((await run(project, ...argsFor(first))).code).toBe(0);
    const requests = cloudflare.log.length - start;
    const expected = all(project.database, USERS);
    let landed = 0;
    let returned = 0;
    for (let n = 0; n < KILLS; n += 1) {
      const id = await begin(project);
      const damaged = all(project.database, USERS);
      const runs = all(project.database, RUNS) as { nonce: string }[];
      const at = Math.floor(requests * (0.4 + (0.6 * n) / KILLS));
      const kill = { project, args: argsFor(id), env: environment(), requests: at };
      landed += (await killAfter(cloudflare, kill)) ? 1 : 0;
      const now = all(project.database, USERS);
      // Time Travel has no state in between.
      expect([damaged, expected]).toContainEqual(now);
      returned += JSON.stringify(now) === JSON.stringify(expected) ? 1 : 0;
      expire(project.database);
      expect((await run(project, ...argsFor(id))).code, `killed after ${at} requests`).toBe(0);
      expect(all(project.database, USERS), `killed after ${at} requests`).toEqual(expected);
      expect(all(project.database, RUNS), `killed after ${at} requests`).toEqual(
        expect.arrayContaining(runs),
      );
    }
    expect(landed).toBeGreaterThan(KILLS / 2);
    // Kills on one side of Time Travel only would check too little.
    expect(returned).toBeGreaterThan(0);
    expect(returned).toBeLessThan(KILLS);
  },
);
