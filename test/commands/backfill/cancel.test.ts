import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  type Cloudflare,
  type RemoteDatabase,
  startCloudflare,
} from "../../../fixtures/cloudflare/fake.ts";
import {
  backfillCancel,
  type BackfillCancelOptions,
} from "../../../src/commands/backfill/cancel.ts";
import { backfillRun } from "../../../src/commands/backfill/run.ts";
import { OpsError } from "../../../src/report/error.ts";
import type { Report } from "../../../src/report/report.ts";
import { nameOf, TROUBLES } from "../../cloudflare/remote-fixture.ts";
import { impatientClock, makeRemoteProject, type RemoteProject } from "../../project/remote.ts";

const FILES = {
  "migrations/backfills/0001_fill.sql":
    "-- d1ops:source t\n-- d1ops:key id\n-- d1ops:write\nUPDATE t SET n = n + 1 WHERE {window};\n",
};

let cloudflare: Cloudflare;

beforeAll(async () => {
  cloudflare = await startCloudflare({ timeTravel: "bookmarks only" });
});
afterAll(() => cloudflare.close());
beforeEach(() => {
  cloudflare.onRequest = null;
});

const base = (project: RemoteProject) =>
  ({
    cwd: project.dir,
    place: "remote",
    yes: true,
    name: "0001_fill",
    variables: cloudflare.variables(),
    clock: impatientClock(),
  }) as const;

/** A project with a begun backfill in this state. */
async function projectIn(state: string): Promise<RemoteProject> {
  const project = makeRemoteProject(cloudflare, FILES);
  const db = project.database.open();
  db.exec("CREATE TABLE t(id INTEGER PRIMARY KEY, n DEFAULT 0); INSERT INTO t(id) VALUES (1), (2)");
  db.close();
  await backfillRun({ ...base(project), window: 1, maxRowsWritten: 1 });
  setState(project.database, state);
  return project;
}

function setState({ open }: RemoteDatabase, state: string): void {
  const db = open();
  db.prepare("UPDATE d1ops_backfills SET state = ?").run(state);
  db.close();
}

function stateOf({ open }: RemoteDatabase): { state: unknown; rate: unknown } {
  const db = open();
  try {
    const { state, rate } = db.prepare("SELECT state, rate FROM d1ops_backfills").get() ?? {};
    return { state, rate };
  } finally {
    db.close();
  }
}

function cancel(
  project: RemoteProject,
  over: Partial<BackfillCancelOptions> = {},
): Promise<Report> {
  return backfillCancel({ ...base(project), ...over });
}

const STOP = {};
const PAUSE = { pause: true };
const RATE = { rate: 1000 };
const NO_RATE = { rate: 0 };

describe("backfill cancel", () => {
  test.each<[string, Partial<BackfillCancelOptions>, string, string, RegExp]>([
    ["running", STOP, "cancelled", "changed", /is cancelled; 1 row: 1 changed are kept$/],
    ["running", PAUSE, "paused", "changed", /is paused; /],
    [
      "running",
      RATE,
      "running",
      "changed",
      /is limited to 1,000 rows a second\. So far: 1 row \(1 changed\)$/,
    ],
    ["running", NO_RATE, "running", "changed", /is without a rate limit\. So far: /],
    ["paused", STOP, "cancelled", "changed", /is cancelled; /],
    ["paused", PAUSE, "paused", "changed", /is paused; /],
    ["cancelled", STOP, "cancelled", "changed", /is cancelled; /],
    ["cancelled", PAUSE, "paused", "changed", /is paused; /],
    ["scanned", STOP, "scanned", "ok", /is scanned: there is nothing to stop$/],
    ["scanned", PAUSE, "scanned", "ok", /is scanned: there is nothing to stop$/],
    [
      "scanned",
      RATE,
      "scanned",
      "changed",
      /is limited to 1,000 rows a second\. So far: 1 row \(1 changed\)$/,
    ],
    ["reconciled", STOP, "reconciled", "ok", /is reconciled: there is nothing to stop$/],
    ["reconciled", PAUSE, "reconciled", "ok", /is reconciled: there is nothing to stop$/],
    ["reconciled", RATE, "reconciled", "ok", /is reconciled: there is nothing to stop$/],
  ])(
    "changes a backfill that is %s, with %j, to %s",
    async (state, over, then, outcome, summary) => {
      const project = await projectIn(state);
      const report = await cancel(project, over);
      expect(report).toMatchObject({
        outcome,
        exitCode: 0,
        summary: expect.stringMatching(summary),
        data: { jobs: [{ state: then }] },
      });
      const rate = over === RATE && state !== "reconciled" ? 1000 : null;
      expect(stateOf(project.database)).toEqual({ state: then, rate });
      const next = then === "running" ? "backfill status" : "backfill run";
      expect(report.next).toEqual(outcome === "ok" ? [] : [`npx d1ops ${next} 0001_fill --remote`]);
    },
  );

  test("reports for a backfill without a run that there is nothing to stop", async () => {
    const report = await cancel(makeRemoteProject(cloudflare, FILES));
    expect(report).toMatchObject({
      outcome: "ok",
      summary: "0001_fill is not begun: there is nothing to stop",
    });
  });
});

describe("a run that finishes between the read and the stop", () => {
  test.each([
    ["scanned", STOP],
    ["scanned", PAUSE],
    ["reconciled", STOP],
    ["reconciled", PAUSE],
  ])("stays %s and is not reported as stopped (%j)", async (state, over) => {
    const project = await projectIn("running");
    cloudflare.onRequest = ({ sql = [] }) => {
      if (sql.some((text) => text.startsWith("UPDATE"))) setState(project.database, state);
      return null;
    };
    const report = await cancel(project, over);
    expect(report).toMatchObject({
      outcome: "ok",
      summary: `0001_fill is ${state}: it finished before d1ops could stop it`,
      data: { jobs: [{ state }] },
      next: [],
    });
    expect(stateOf(project.database).state).toBe(state);
  });
});

describe("backfill cancel over a failing network", () => {
  test.each(
    TROUBLES.flatMap((trouble) =>
      [STOP, PAUSE, RATE].map((over) => [nameOf(trouble), trouble, over] as const),
    ),
  )("takes effect or fails with the reason if any request meets %s", async (_, trouble, over) => {
    const expected = {
      state: over === STOP ? "cancelled" : "paused",
      rate: over === RATE ? 1000 : null,
    };
    const said: string[] = [];
    for (let at = 1; at <= 3; at += 1) {
      const project = await projectIn("paused");
      const before = cloudflare.log.length;
      cloudflare.onRequest = (__, n) => (n === before + at ? trouble : null);
      const outcome = await cancel(project, over).catch((error: unknown) => error);
      cloudflare.onRequest = null;
      expect(cloudflare.log.length - before).toBeGreaterThanOrEqual(at);
      if (outcome instanceof Error) {
        expect(outcome, `request ${at}`).toBeInstanceOf(OpsError);
        said.push(`${at}: ${outcome.message}`);
        continue;
      }
      expect(outcome, `request ${at}`).toMatchObject({ outcome: "changed", exitCode: 0 });
      expect(stateOf(project.database), `request ${at}`).toEqual(expected);
    }
    // An explicit rejection counts as a failure.
    const plain = trouble.kind === "refusal" || "body" in trouble;
    expect(said).toHaveLength(plain ? said.length : 0);
  });

  test("fails as OUTCOME_UNKNOWN after five lost answers", async () => {
    const project = await projectIn("running");
    cloudflare.onRequest = ({ sql = [] }) =>
      sql.some((text) => text.startsWith("UPDATE")) ? { kind: "cut", when: "after" } : null;
    const before = cloudflare.log.length;
    const outcome = await cancel(project).catch((error: unknown) => error);
    expect(outcome).toMatchObject({ code: "OUTCOME_UNKNOWN" });
    const sent = cloudflare.log.slice(before).filter(({ sql }) => sql?.[0]?.startsWith("UPDATE"));
    expect(sent).toHaveLength(5);
  });
});
