import { constantFrom, integer, sample, tuple } from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Cloudflare,
  type RemoteDatabase,
  startCloudflare,
  type Trouble,
} from "../../../fixtures/cloudflare/fake.ts";
import { snapshotRestore } from "../../../src/commands/snapshot/restore.ts";
import { snapshotTake } from "../../../src/commands/snapshot/take.ts";
import { OpsError } from "../../../src/report/error.ts";
import type { Report } from "../../../src/report/report.ts";
import { impatientClock, makeRemoteProject, type RemoteProject } from "../../project/remote.ts";

/**
 * A restore completes over a failing network. Each request could meet each fault: a sample of these pairs is tried, because a restore sends
 * about 50 requests.
 */
const FAULTS: Readonly<Record<string, Trouble>> = {
  "a cut connection before the request is executed": { kind: "cut", when: "before" },
  "a cut connection after the commit": { kind: "cut", when: "after" },
  "429 without Retry-After": { kind: "status", status: 429 },
  "500 before the commit": { kind: "status", status: 500 },
  "502 of a gateway before the commit": { kind: "html" },
  "504 of a gateway after the commit": { kind: "html", status: 504, when: "after" },
  "D1's internal error after the commit": { kind: "internal error", when: "after" },
  "an answer that is not JSON": { kind: "malformed" },
};

const SNAPSHOT = `CREATE TABLE users(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE);
  CREATE TABLE orders(id INTEGER PRIMARY KEY, user INTEGER REFERENCES users ON DELETE CASCADE);
  CREATE INDEX by_user ON orders(user);
  CREATE TRIGGER log AFTER DELETE ON orders BEGIN INSERT INTO users(name) VALUES ('deleted ' || old.id); END;
  WITH RECURSIVE k(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM k WHERE i < 300) INSERT INTO users SELECT i, 'Nia ' || i FROM k;
  INSERT INTO orders SELECT id, id FROM users;`;

/** Foreign keys delete orders that are right when the wrong user is deleted. */
const PRESENT = `${SNAPSHOT}
  DROP TRIGGER log; DROP INDEX by_user; CREATE TABLE extra(a);
  INSERT INTO users VALUES (1000, 'other'); UPDATE orders SET user = 1000 WHERE id < 50; DELETE FROM users WHERE id < 20;`;

const NAMES = Object.keys(FAULTS);

const SEED = 20_261_130;

/** Of each kind of restore. */
const SINGLE_FAULTS = 16;
const LASTING_FAULTS = 8;

describe.each([
  ["in batches", false],
  ["by Time Travel", true],
])("a restore %s", (_, timeTravel) => {
  let cloudflare: Cloudflare;
  const clock = impatientClock();

  beforeAll(async () => {
    cloudflare = await startCloudflare({ timeTravel: timeTravel ? "on" : "bookmarks only" });
  });
  afterAll(() => cloudflare.close());

  const options = (project: RemoteProject) =>
    ({ cwd: project.dir, place: "remote", variables: cloudflare.variables(), clock }) as const;

  const restore = async (project: RemoteProject, id: string): Promise<Report> =>
    snapshotRestore({
      ...options(project),
      id,
      withoutBackup: true,
      confirm: project.database.name,
      lockTimeout: 0,
    });

  /** A database that has to be restored, and the snapshot. By Time Travel, the snapshot is of this database. */
  const begin = async (project: RemoteProject, id: string | null): Promise<string> => {
    cloudflare.onRequest = null;
    if (id !== null && !timeTravel) {
      edit(project.renew(), PRESENT);
      return id;
    }
    edit(project.renew(), SNAPSHOT);
    const { data } = await snapshotTake(options(project));
    const taken = (data["snapshot"] as { id: string }).id;
    if (!timeTravel) return begin(project, taken);
    edit(project.database, PRESENT.slice(SNAPSHOT.length));
    return taken;
  };

  /** What a restore without faults leaves, and how many requests it sends. */
  const undisturbed = async (
    project: RemoteProject,
  ): Promise<{ id: string; requests: number; expected: unknown }> => {
    const id = await begin(project, null);
    const before = cloudflare.log.length;
    expect((await restore(project, id)).exitCode).toBe(0);
    return { id, requests: cloudflare.log.length - before, expected: contentOf(project.database) };
  };

  test("completes if a request meets a fault", async () => {
    const project = makeRemoteProject(cloudflare);
    const { requests, expected, ...first } = await undisturbed(project);
    let { id } = first;
    const pairs = sample(tuple(integer({ min: 1, max: requests }), constantFrom(...NAMES)), {
      seed: SEED,
      numRuns: SINGLE_FAULTS,
    });
    for (const [at, name] of pairs) {
      id = await begin(project, id);
      const before = cloudflare.log.length;
      cloudflare.onRequest = (__, n) => (n === before + at ? (FAULTS[name] ?? null) : null);
      const report = await restore(project, id);
      const story = `request ${at} meets ${name}`;
      expect(report, story).toMatchObject({ exitCode: 0, outcome: "changed" });
      expect(contentOf(project.database), story).toEqual(expected);
    }
  });

  test("is completed by the same command if the network stays down from a request on", async () => {
    const project = makeRemoteProject(cloudflare);
    const { requests, expected, ...first } = await undisturbed(project);
    let { id } = first;
    const when = constantFrom("before" as const, "after" as const);
    const pairs = sample(tuple(integer({ min: 1, max: requests }), when), {
      seed: SEED,
      numRuns: LASTING_FAULTS,
    });
    for (const [at, moment] of pairs) {
      id = await begin(project, id);
      const before = cloudflare.log.length;
      cloudflare.onRequest = (__, n) => (n >= before + at ? { kind: "cut", when: moment } : null);
      const story = `the network is down from request ${at} on, ${moment} it is executed`;
      const broken = await restore(project, id).catch((error: unknown) => error);
      if (broken instanceof Error) expect(broken, story).toBeInstanceOf(OpsError);
      cloudflare.onRequest = null;
      expire(project.database);
      expect((await restore(project, id)).exitCode, story).toBe(0);
      expect(contentOf(project.database), story).toEqual(expected);
    }
  });
});

function edit({ open }: RemoteDatabase, sql: string): void {
  const db = open();
  db.exec(sql);
  db.close();
}

/** The lease of a run that could not end it. */
function expire(database: RemoteDatabase): void {
  if (!hasRuns(database)) return;
  edit(
    database,
    "UPDATE d1ops_runs SET expires_at = '2020-01-01T00:00:00.000Z' WHERE ended_at IS NULL",
  );
}

/** They are missing if the network failed right after Time Travel, and the snapshot has none. */
function hasRuns({ open }: RemoteDatabase): boolean {
  const db = open();
  const has = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'd1ops_runs'").get();
  db.close();
  return has !== undefined;
}

function contentOf(database: RemoteDatabase): unknown {
  const runs = hasRuns(database);
  const db = database.open();
  try {
    const all = (sql: string): unknown => db.prepare(sql).all();
    return {
      schema: all(
        "SELECT type, name, sql FROM sqlite_schema WHERE tbl_name <> 'd1ops_runs' AND name NOT LIKE 'sqlite_%' ORDER BY 1, 2",
      ),
      users: all("SELECT * FROM users ORDER BY id"),
      orders: all("SELECT * FROM orders ORDER BY id"),
      sequence: all("SELECT name, seq FROM sqlite_sequence WHERE name = 'users'"),
      held: runs
        ? all(
            "SELECT id FROM d1ops_runs WHERE ended_at IS NULL AND expires_at > strftime('%Y-%m-%dT%H:%M:%fZ', 'now')",
          )
        : [],
    };
  } finally {
    db.close();
  }
}
