import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Cloudflare,
  startCloudflare,
  type Trouble,
} from "../../../fixtures/cloudflare/fake.ts";
import { migrateApply } from "../../../src/commands/migrate/apply.ts";
import { OpsError } from "../../../src/report/error.ts";
import type { Report } from "../../../src/report/report.ts";
import {
  countingMigrations,
  impatientClock,
  makeRemoteProject,
  type RemoteProject,
  contentsOf,
} from "../../project/remote.ts";

/**
 * Each migration runs exactly once over a failing network: every request of a run meets every fault, and the result equals
 * that of an undisturbed run.
 */
const faults: Readonly<Record<string, Trouble>> = {
  "a cut connection before the request is executed": { kind: "cut", when: "before" },
  "a cut connection after the commit": { kind: "cut", when: "after" },
  "a cut connection in the middle of the answer": { kind: "cut", when: "middle" },
  "429 with Retry-After": { kind: "status", status: 429, headers: { "Retry-After": "2" } },
  "429 without Retry-After": { kind: "status", status: 429 },
  "500 before the commit": { kind: "status", status: 500 },
  "500 after the commit": { kind: "status", status: 500, when: "after" },
  "502 of a gateway before the commit": { kind: "html" },
  "504 of a gateway after the commit": { kind: "html", status: 504, when: "after" },
  "D1's internal error before the commit": { kind: "internal error" },
  "D1's internal error after the commit": { kind: "internal error", when: "after" },
  "an answer that is not JSON": { kind: "malformed" },
  "a timeout, with the request executed later": { kind: "slow", ms: 120, when: "before" },
  "a timeout after the commit": { kind: "slow", ms: 120, when: "after" },
};

export function testEveryFault(MIGRATIONS: number): void {
  let cloudflare: Cloudflare;

  beforeAll(async () => {
    cloudflare = await startCloudflare({ timeTravel: "bookmarks only" });
  });
  afterAll(() => cloudflare.close());

  const clock = impatientClock();

  function apply(project: RemoteProject): Promise<Report> {
    return migrateApply({
      cwd: project.dir,
      place: "remote",
      yes: true,
      variables: cloudflare.variables(),
      clock,
    });
  }

  async function undisturbed(
    project: RemoteProject,
  ): Promise<{ stands: unknown; requests: number }> {
    cloudflare.onRequest = null;
    const before = cloudflare.log.length;
    await apply(project);
    return { stands: contentsOf(project.database), requests: cloudflare.log.length - before };
  }

  describe(`a run of ${MIGRATIONS} migrations`, () => {
    test("sends four requests more than it has migrations, or more if two arrive in another order", async () => {
      const project = makeRemoteProject(cloudflare, countingMigrations(MIGRATIONS));
      const { stands, requests } = await undisturbed(project);
      expect(requests).toBeGreaterThanOrEqual(MIGRATIONS + 4);
      // Requests do not wait here, so nothing keeps them in order.
      expect(requests).toBeLessThanOrEqual(MIGRATIONS * 4 + 4);
      expect(stands).toMatchObject({ counter: MIGRATIONS, held: 0 });
    });

    test.each(Object.keys(faults))(
      "applies each migration once if a request meets %s",
      async (name) => {
        const trouble = faults[name] ?? null;
        const project = makeRemoteProject(cloudflare, countingMigrations(MIGRATIONS));
        const { stands, requests } = await undisturbed(project);
        for (let at = 1; at <= requests; at += 1) {
          const database = project.renew();
          const before = cloudflare.log.length;
          cloudflare.onRequest = (_, n) => {
            if (n !== before + at) return null;
            if (trouble?.kind === "slow") clock.expire();
            return trouble;
          };
          const report = await apply(project);
          if (trouble?.kind === "slow")
            await new Promise((resolve) => setTimeout(resolve, trouble.ms));
          expect(report, `request ${at}`).toMatchObject({ exitCode: 0, outcome: "changed" });
          expect(report.data["applied"], `request ${at}`).toHaveLength(MIGRATIONS);
          expect(contentsOf(database), `request ${at}`).toEqual(stands);
        }
      },
    );

    test("is completed by the next run if the network stays down from any request on", async () => {
      const project = makeRemoteProject(cloudflare, countingMigrations(5));
      const { stands, requests } = await undisturbed(project);
      for (const when of ["before", "after"] as const) {
        for (let at = 1; at <= requests; at += 1) {
          const database = project.renew();
          const before = cloudflare.log.length;
          cloudflare.onRequest = (_, n) => (n >= before + at ? { kind: "cut", when } : null);
          const broken = await apply(project).catch((error: unknown) => error);
          if (broken instanceof Error) expect(broken).toBeInstanceOf(OpsError);
          cloudflare.onRequest = null;
          release(database);
          const report = await apply(project);
          expect(report.exitCode, `request ${at}`).toBe(0);
          expect(contentsOf(database), `request ${at}`).toEqual(stands);
        }
      }
    });
  });
}

/** Expires the lease of a run that could not end it. */
function release({ open }: RemoteProject["database"]): void {
  const db = open();
  const has = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'd1ops_runs'").get();
  if (has !== undefined) {
    db.exec("UPDATE d1ops_runs SET expires_at = '2020-01-01T00:00:00.000Z' WHERE ended_at IS NULL");
  }
  db.close();
}
