import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Cloudflare,
  type RemoteDatabase,
  startCloudflare,
  type Trouble,
} from "../../../fixtures/cloudflare/fake.ts";
import { backfillRun, type BackfillRunOptions } from "../../../src/commands/backfill/run.ts";
import { OpsError } from "../../../src/report/error.ts";
import type { Report } from "../../../src/report/report.ts";
import { impatientClock, makeRemoteProject, type RemoteProject } from "../../project/remote.ts";

/**
 * A backfill over a failing network writes each row exactly once. Every request of a run meets every fault. The database is
 * then the same as after an undisturbed run.
 */

const faults: Readonly<Record<string, Trouble>> = {
  "the connection is cut before the request is carried out": { kind: "cut", when: "before" },
  "the connection is cut after the commit": { kind: "cut", when: "after" },
  "the connection is cut in the middle of the answer": { kind: "cut", when: "middle" },
  "429 with Retry-After": { kind: "status", status: 429, headers: { "Retry-After": "2" } },
  "429 without": { kind: "status", status: 429 },
  "500 before": { kind: "status", status: 500 },
  "500 after the commit": { kind: "status", status: 500, when: "after" },
  "502 of a gateway, before": { kind: "html" },
  "504 of a gateway, after the commit": { kind: "html", status: 504, when: "after" },
  "D1's internal error, before": { kind: "internal error" },
  "D1's internal error, after the commit": { kind: "internal error", when: "after" },
  "an answer that is no JSON": { kind: "malformed" },
  "a time-out; carried out later": { kind: "slow", ms: 120, when: "before" },
  "a time-out after the commit": { kind: "slow", ms: 120, when: "after" },
};

const SQL = `-- d1ops:source t
-- d1ops:key id
-- d1ops:outcome
CASE id % 5 WHEN 0 THEN 'already' WHEN 1 THEN 'invalid: one' ELSE 'changed' END
-- d1ops:write
UPDATE t SET n = n + 1 WHERE id IN (SELECT id FROM todo);
INSERT INTO log(id) SELECT id FROM todo;
-- d1ops:reconcile
SELECT id FROM t WHERE n = 0 AND id % 5 > 1 AND id <> 9007199254740993;
`;

const ROWS = `export default {
  source: "t",
  key: "id",
  decide: ({ id }) => {
    const rest = BigInt(id) % 5n;
    if (rest === 0n) return { outcome: "already" };
    if (rest === 1n) return { outcome: "invalid", reason: "one" };
    return { outcome: "changed", writes: [["UPDATE t SET n = n + 1 WHERE id = ?", id], ["INSERT INTO log(id) VALUES (?)", id]] };
  },
  reconcile: "SELECT id FROM t WHERE n = 0 AND id % 5 > 1 AND id <> 9007199254740993",
};
`;

const FILES: Readonly<Record<string, string>> = { "0001_fill.sql": SQL, "0001_fill.mjs": ROWS };

let cloudflare: Cloudflare;

beforeAll(async () => {
  cloudflare = await startCloudflare({ timeTravel: "bookmarks only" });
});
afterAll(() => cloudflare.close());

function projectWith(file: string): RemoteProject {
  return makeRemoteProject(cloudflare, { [`migrations/backfills/${file}`]: FILES[file] ?? "" });
}

/** The database rejects the write of the last row, whose key is beyond 2^53. */
function fill(database: RemoteDatabase): void {
  const db = database.open();
  db.exec(`CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER DEFAULT 0, CHECK (n = 0 OR id < 9007199254740993));
CREATE TABLE log(id INTEGER PRIMARY KEY);
WITH RECURSIVE k(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM k WHERE i < 9) INSERT INTO t(id) SELECT i FROM k;
INSERT INTO t(id) VALUES (9007199254740992), (9007199254740993)`);
  db.close();
}

const clock = impatientClock();

function go(project: RemoteProject, over: Partial<BackfillRunOptions> = {}): Promise<Report> {
  return backfillRun({
    cwd: project.dir,
    place: "remote",
    yes: true,
    name: "0001_fill",
    window: 6,
    maxWindow: 6,
    variables: cloudflare.variables(),
    clock,
    ...over,
  });
}

function contentsOf(database: RemoteDatabase): unknown {
  const db = database.open();
  try {
    const job = db
      .prepare(
        "SELECT state, scanned, changed, already, conflict, invalid, skipped, cursor_1 = 9007199254740993 AS at_end FROM d1ops_backfills",
      )
      .all();
    return {
      job,
      rows: db.prepare("SELECT CAST(id AS TEXT) AS id, n FROM t ORDER BY t.id").all(),
      log: db.prepare("SELECT CAST(id AS TEXT) AS id FROM log ORDER BY log.id").all(),
      quarantine: db
        .prepare("SELECT key, outcome, reason FROM d1ops_quarantine ORDER BY key")
        .all(),
      todo: db.prepare("SELECT count(*) AS n FROM d1ops_todo").get(),
    };
  } finally {
    db.close();
  }
}

describe.each(Object.keys(FILES))("%s", (file) => {
  const undisturbed = async (): Promise<{
    project: RemoteProject;
    stands: unknown;
    requests: number;
  }> => {
    const project = projectWith(file);
    fill(project.database);
    cloudflare.onRequest = null;
    const before = cloudflare.log.length;
    const report = await go(project);
    expect(report, JSON.stringify(report.findings)).toMatchObject({
      outcome: "changed",
      exitCode: 0,
    });
    return {
      project,
      stands: contentsOf(project.database),
      requests: cloudflare.log.length - before,
    };
  };

  test("an undisturbed run writes what the file says", async () => {
    const { stands, requests } = await undisturbed();
    expect(stands).toMatchObject({
      job: [
        {
          state: "reconciled",
          scanned: 11,
          already: 1,
          invalid: 2,
          changed: 7,
          conflict: 1,
          at_end: 1,
        },
      ],
    });
    expect(requests).toBeLessThan(40);
  });

  test.each(Object.keys(faults))(
    "a run writes each row once whichever request fails: %s",
    { timeout: 120_000 },
    async (name) => {
      const trouble = faults[name] ?? null;
      const { project, stands, requests } = await undisturbed();
      for (let at = 1; at <= requests; at += 1) {
        const database = project.renew();
        fill(database);
        const before = cloudflare.log.length;
        cloudflare.onRequest = (_, n) => {
          if (n !== before + at) return null;
          if (trouble?.kind === "slow") clock.expire();
          return trouble;
        };
        const report = await go(project);
        if (trouble?.kind === "slow")
          await new Promise((resolve) => setTimeout(resolve, trouble.ms));
        expect(report, `request ${at}: ${JSON.stringify(report.findings)}`).toMatchObject({
          exitCode: 0,
          outcome: "changed",
        });
        expect(contentsOf(database), `request ${at}`).toEqual(stands);
      }
    },
  );

  test(
    "the next run completes the work if the network stays down from any request on",
    { timeout: 120_000 },
    async () => {
      const { project, stands, requests } = await undisturbed();
      for (const when of ["before", "after"] as const) {
        for (let at = 1; at <= requests; at += 1) {
          const database = project.renew();
          fill(database);
          const before = cloudflare.log.length;
          cloudflare.onRequest = (_, n) => (n >= before + at ? { kind: "cut", when } : null);
          const broken = await go(project).catch((error: unknown) => error);
          if (broken instanceof Error) expect(broken, `request ${at}`).toBeInstanceOf(OpsError);
          cloudflare.onRequest = null;
          ageLastSign(database);
          const report = await go(project);
          expect(report.exitCode, `request ${at}`).toBe(0);
          expect(contentsOf(database), `request ${at}`).toEqual(stands);
        }
      }
    },
  );
});

/** Makes the run look silent for longer than the minute after which it counts as dead. */
function ageLastSign({ open }: RemoteDatabase): void {
  const db = open();
  const has = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'd1ops_backfills'").get();
  if (has !== undefined)
    db.exec("UPDATE d1ops_backfills SET updated_at = '2020-01-01T00:00:00.000Z'");
  db.close();
}
