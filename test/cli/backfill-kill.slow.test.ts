import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import type { Report } from "../../src/report/report.ts";
import { BIN, d1ops, d1opsBuilt, makeProject, type Project, reportOf, start } from "../project.ts";
import { until } from "../until.ts";
import { numberOf } from "./progress.ts";

const KILLS = Number(process.env["D1OPS_TEST_KILLS"] ?? 10);

const COUNT = 20_000;
/** Each thousandth row is invalid. */
const INVALID = COUNT / 1000;
const RUN = ["backfill", "run", "1", "--local", "--window", "200", "--max-window", "200"];

const FILL = `-- d1ops:source users
-- d1ops:key team, id
-- d1ops:outcome
CASE WHEN id % 1000 = 0 THEN 'invalid: thousand' ELSE 'changed' END
-- d1ops:write
UPDATE users SET n = n + 1 WHERE (team, id) IN (SELECT team, id FROM todo);
-- d1ops:reconcile
SELECT id FROM users WHERE n <> (id % 1000 > 0);
`;

async function shop(): Promise<Project> {
  const project = makeProject({
    "migrations/0001_core.sql":
      "CREATE TABLE users(team INTEGER, id INTEGER, n INTEGER NOT NULL DEFAULT 0, PRIMARY KEY(team, id)) WITHOUT ROWID;\n",
    "migrations/backfills/0001_fill.sql": FILL,
  });
  expect((await d1ops(project, ["migrate", "apply", "--local"])).code).toBe(0);
  const db = project.open();
  db.exec(
    `WITH RECURSIVE k(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM k WHERE i < ${COUNT}) INSERT INTO users(team, id) SELECT i % 5, i FROM k`,
  );
  db.close();
  return project;
}

/** Makes the run look silent for longer than the minute after which it counts as dead. */
function ageLastSign(project: Project): void {
  const db = project.open();
  const has = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'd1ops_backfills'").get();
  if (has !== undefined)
    db.exec("UPDATE d1ops_backfills SET updated_at = '2020-01-01T00:00:00.000Z'");
  db.close();
}

/** Checks that the changed rows match the recorded counts, at any moment. Returns the number of processed rows. */
function expectAgreement(project: Project): number {
  const db = project.open();
  try {
    expect(db.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
    // A run may be active, so one transaction reads everything.
    db.exec("BEGIN");
    const has = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'd1ops_backfills'").get();
    const job =
      has === undefined
        ? undefined
        : db.prepare("SELECT scanned, changed, invalid FROM d1ops_backfills").get();
    const { scanned = 0, changed = 0, invalid = 0 } = job ?? {};
    expect(
      db.prepare("SELECT count(*) AS c, coalesce(max(n), 0) AS m FROM users WHERE n > 0").get(),
    ).toEqual({ c: changed, m: Number(changed) > 0 ? 1 : 0 });
    if (has !== undefined)
      expect(db.prepare("SELECT count(*) AS c FROM d1ops_quarantine").get()).toEqual({
        c: invalid,
      });
    expect(Number(changed) + Number(invalid)).toBe(scanned);
    return Number(scanned);
  } finally {
    db.close();
  }
}

/** Starts a run and kills it after it has processed `more` rows. Returns whether the signal ended it. */
async function killAfter(project: Project, more: number): Promise<boolean> {
  const goal = scannedOf(project) + more;
  const child = start(project, RUN);
  const ended = once(child, "exit");
  await until(() => child.exitCode !== null || (isRunning(project) && scannedOf(project) >= goal));
  child.kill("SIGKILL");
  const [code, signal] = await ended;
  // A run that ended before the signal succeeded.
  expect(signal ?? code).toSatisfy((end) => end === "SIGKILL" || end === 0);
  return signal === "SIGKILL";
}

function isRunning(project: Project): boolean {
  return numberOf(project, "SELECT count(*) FROM d1ops_backfills WHERE state = 'running'") > 0;
}

function scannedOf(project: Project): number {
  return numberOf(project, "SELECT scanned FROM d1ops_backfills");
}

async function expectCompletion(project: Project): Promise<void> {
  expect(reportOf(await d1ops(project, [...RUN, "--json"]))).toMatchObject({ exitCode: 0 });
  expect(reportOf(await d1ops(project, ["backfill", "status", "1", "--json"]))).toMatchObject({
    data: {
      jobs: [
        { state: "reconciled", scanned: COUNT, changed: COUNT - INVALID, quarantined: INVALID },
      ],
    },
  });
  expect(expectAgreement(project)).toBe(COUNT);
}

describe("a backfill that is killed at any moment", () => {
  test(`changes each row once, with ${KILLS} kills`, async () => {
    let project = await shop();
    const seen = new Set<number>();
    for (let landed = 0; landed < KILLS;) {
      landed += (await killAfter(project, (landed % 6) * 600)) ? 1 : 0;
      const now = expectAgreement(project);
      seen.add(now);
      ageLastSign(project);
      if (now < COUNT) continue;
      await expectCompletion(project);
      project = await shop();
    }
    // Kills at the same place only would check too little.
    expect(seen.size).toBeGreaterThan(KILLS / 3);
    await expectCompletion(project);
  });
});

describe("several runs of a backfill at once", () => {
  test("run one at a time: the others fail with its name, and each row is changed once", async () => {
    const project = await shop();
    // So slow that it runs until it is stopped. The other runs then find it active, however late they start.
    const slowly = [...RUN, "--rate", "200", "--json"];
    const ended: number[] = [];
    const runs = [1, 2, 3].map(async (n) => {
      const run = await d1opsBuilt(project, slowly);
      ended.push(n);
      return run;
    });
    await until(() => ended.length === 2);
    expect((await d1ops(project, ["backfill", "cancel", "1", "--local", "--pause"])).code).toBe(0);
    const results = await Promise.all(runs);
    const stopped = results.filter(({ code }) => code === 4);
    expect(stopped).toHaveLength(1);
    for (const { code, stderr } of results) {
      if (code !== 4) expect(stderr).toContain("BACKFILL_HELD");
    }
    expect(expectAgreement(project)).toBeLessThan(COUNT);
    expect((await d1ops(project, [...RUN, "--rate", "0"])).code).toBe(0);
    expect(expectAgreement(project)).toBe(COUNT);
  });

  test("end after cancel --pause from another process, and the next run continues", async () => {
    const project = await shop();
    const run = d1opsBuilt(project, [...RUN, "--rate", "200", "--json"]);
    await until(() => scannedOf(project) >= 200);
    expect((await d1ops(project, ["backfill", "cancel", "1", "--local", "--pause"])).code).toBe(0);
    const stopped = await run;
    expect(stopped.code).toBe(4);
    expect(reportOf(stopped)).toMatchObject({
      outcome: "partial",
      data: { jobs: [{ state: "paused" }] },
    });
    expect(expectAgreement(project)).toBeLessThan(COUNT);
    expect((await d1ops(project, [...RUN, "--rate", "0"])).code).toBe(0);
    expect(expectAgreement(project)).toBe(COUNT);
  });
});

// So slow that Ctrl-C arrives before the run has ended.
test.each([[["--rate", "200"]], [["--pause", "5s"]]])(
  "Ctrl-C ends the run after its window with exit 130 and a report, and the next run continues (%j)",
  async (more) => {
    const project = await shop();
    const child = spawn(process.execPath, [BIN, ...RUN, ...more, "--json"], {
      cwd: project.dir,
      stdio: ["ignore", "pipe", "ignore"],
    });
    let stdout = "";
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    const closed = once(child, "close");
    await until(() => scannedOf(project) > 0);
    child.kill("SIGINT");
    const [code] = await closed;
    expect(code, stdout).toBe(130);
    const report = JSON.parse(stdout) as Report;
    const scanned = expectAgreement(project);
    expect(scanned).toBeLessThan(COUNT);
    expect(report).toMatchObject({
      outcome: "partial",
      exitCode: 130,
      data: { jobs: [{ state: "paused", scanned }] },
    });
    expect((await d1ops(project, [...RUN, "--rate", "0"])).code).toBe(0);
    expect(expectAgreement(project)).toBe(COUNT);
  },
);
