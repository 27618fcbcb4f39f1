import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import {
  type Cloudflare,
  startCloudflare,
  type Trouble,
} from "../../../fixtures/cloudflare/fake.ts";
import { beginRun } from "../../../src/backfills/begin.ts";
import { backfillRun } from "../../../src/commands/backfill/run.ts";
import { requiredBackfill } from "../../../src/backfills/find-backfill.ts";
import { readBackfills } from "../../../src/project/read-backfills.ts";
import { readMigrations } from "../../../src/project/read-migrations.ts";
import { readPlanRequirements } from "../../../src/commands/migrate/read-plan.ts";
import { migrateApply } from "../../../src/commands/migrate/apply.ts";
import { findSettings } from "../../../src/project/settings.ts";
import { openLocal } from "../../../src/database/local.ts";
import type { D1Database } from "../../../src/database/port.ts";
import { applyMigrations } from "../../../src/migrations/apply.ts";
import type { ApplyResult } from "../../../src/migrations/migration-run.ts";
import { OpsError } from "../../../src/report/error.ts";
import { makeProject, type Project } from "../../project.ts";
import { impatientClock, makeRemoteProject, type RemoteProject } from "../../project/remote.ts";

/**
 * Another connection or runner writes at the worst moment. Two results are allowed: the migration is not applied and destroys
 * nothing, or the backfill was reconciled, with no row left over, in the migration's own transaction.
 */

const FILES = {
  "migrations/0001_users.sql":
    "CREATE TABLE users(id INTEGER PRIMARY KEY, old_name TEXT, name TEXT);\nCREATE TABLE witness(reconciled, left_over);",
  "migrations/backfills/0001_names.sql": `-- d1ops:after 0001_users.sql
-- d1ops:source users
-- d1ops:key id
-- d1ops:write
UPDATE users SET name = old_name WHERE {window};
-- d1ops:reconcile
SELECT id FROM users WHERE name IS NOT old_name -- not done
`,
};

/** Records the state of the backfill at the time when the migration ran. */
const DROP = `-- d1ops:requires backfill 0001_names
INSERT INTO witness SELECT (SELECT state = 'reconciled' FROM d1ops_backfills), (SELECT count(*) FROM users WHERE name IS NOT old_name);
ALTER TABLE users DROP COLUMN old_name;
`;

const ROWS = "INSERT INTO users(old_name) VALUES ('Zoe'), ('Elise'), ('Nia')";
const BEHIND = "INSERT INTO users(id, old_name) VALUES (-1, 'late')";

type Opener = Pick<Project, "open">;

function write(where: Opener, sql: string): void {
  const db = where.open();
  db.exec(sql);
  db.close();
}

/** Returns applied, if the result is complete, or untouched. */
function resultOf(where: Opener): "applied" | "untouched" {
  const db = where.open();
  try {
    const columns = db.prepare("SELECT name FROM pragma_table_info('users')").all();
    const ledger = db.prepare("SELECT count(*) AS n FROM d1_migrations").get()?.["n"];
    const witness = db.prepare("SELECT * FROM witness").all();
    if (columns.some(({ name }) => name === "old_name")) {
      expect({ ledger, witness }).toEqual({ ledger: 1, witness: [] });
      return "untouched";
    }
    expect({ ledger, witness }).toEqual({ ledger: 2, witness: [{ reconciled: 1, left_over: 0 }] });
    expect(db.prepare("SELECT count(*) AS n FROM users WHERE name IS NULL").get()).toEqual({
      n: 0,
    });
    return "applied";
  } finally {
    db.close();
  }
}

describe("the gate of a local database under attack by a second connection", () => {
  async function reconciled(): Promise<Project> {
    const project = makeProject(FILES);
    await migrateApply({ cwd: project.dir, place: "local" });
    write(project, ROWS);
    await backfillRun({ cwd: project.dir, place: "local", name: "1" });
    project.write("migrations/0002_drop.sql", DROP);
    return project;
  }

  /** Plans, and applies through a port that runs the attack before and after each call. */
  async function applyUnder(
    project: Project,
    attack: (call: number, when: "before" | "after") => Promise<void> | void,
  ): Promise<{ result: ApplyResult; calls: number }> {
    const settings = await findSettings({ cwd: project.dir, variables: {} });
    const target = { place: "local", database: "shop-db", id: "1", env: null } as const;
    const { d1: real, close } = openLocal(project.file, target, { mode: "write" });
    onTestFinished(close);
    let calls = 0;
    const around = async <T>(call: () => Promise<T>): Promise<T> => {
      const n = (calls += 1);
      await attack(n, "before");
      const answer = await call();
      await attack(n, "after");
      return answer;
    };
    const d1: D1Database = {
      exec: async (sql) => around(async () => real.exec(sql)),
      batch: async <T>(statements: Parameters<D1Database["batch"]>[0]) =>
        around(async () => real.batch<T>(statements)),
      prepare: (sql) => {
        const statement = real.prepare(sql);
        const first = statement.first.bind(statement);
        const all = statement.all.bind(statement);
        return Object.assign(statement, {
          first: async (column: string) => around(async () => first(column)),
          all: async () => around(async () => all()),
        });
      },
    };
    const folder = await readMigrations(settings.projectPath, settings.database);
    const table = settings.database.migrationsTable;
    const { ledger, notReady, gate } = await readPlanRequirements({ settings, variables: {} }, d1, {
      folder,
      to: null,
    });
    const result = await applyMigrations({
      d1,
      table,
      folder,
      ledger,
      notReady,
      gate,
      to: null,
      allow: new Set(),
      author: { appliedBy: null, commit: null, tool: "test" },
      lease: null,
      now: () => 0,
      sleep: async () => {},
      before: async () => "continue",
    });
    return { result, calls };
  }

  test("lets the migration run if there is no attack", async () => {
    const project = await reconciled();
    const { result, calls } = await applyUnder(project, () => {});
    expect(result.stopped).toBe("no");
    expect(calls).toBe(8);
    expect(resultOf(project)).toBe("applied");
  });

  const attacks: Readonly<Record<string, (project: Project) => Promise<void> | void>> = {
    "a row is inserted behind the cursor": (project) => write(project, BEHIND),
    "a processed row is changed": (project) =>
      write(project, "UPDATE users SET old_name = 'Ana' WHERE id = 2"),
    "another runner restarts the backfill": async (project) => {
      const settings = await findSettings({ cwd: project.dir, variables: {} });
      const backfill = requiredBackfill(
        await readBackfills({ settings, variables: {} }),
        "1",
        "0002.sql",
      );
      const target = { place: "local", database: "shop-db", id: "1", env: null } as const;
      const { d1, close } = openLocal(project.file, target, { mode: "write" });
      const runner = { holder: "omar@example.com (process 9)", token: "other" };
      await beginRun(d1, backfill, runner, { anew: true, rate: null, windowRows: 2 });
      close();
    },
    "the tables of the backfills are dropped": (project) =>
      write(project, "DROP TABLE d1ops_backfills"),
    "another version of the backfill is reconciled": (project) =>
      write(project, "UPDATE d1ops_backfills SET checksum = 'another'"),
  };

  test.each(Object.keys(attacks))(
    "never lets the migration run on unfinished data, at any moment, if %s",
    async (name) => {
      const seen = new Set<string>();
      for (let at = 1; at <= 8; at += 1) {
        for (const moment of ["before", "after"] as const) {
          const project = await reconciled();
          let applied: boolean | null = null;
          const attack = async (call: number, when: string): Promise<void> => {
            if (call !== at || when !== moment) return;
            const db = project.open();
            applied = db.prepare("SELECT 1 FROM witness").get() !== undefined;
            db.close();
            // An attack after the migration's commit is too late.
            if (!applied) await attacks[name]?.(project);
          };
          await applyUnder(project, attack);
          const became = resultOf(project);
          expect(became, `${moment} call ${at}`).toBe(applied === true ? "applied" : "untouched");
          seen.add(became);
        }
      }
      expect([...seen].sort()).toEqual(["applied", "untouched"]);
    },
  );

  test("lets the migration run if a row appears and disappears again", async () => {
    const project = await reconciled();
    await applyUnder(project, (call, when) => {
      if (call === 7 && when === "after") write(project, BEHIND);
      if (call === 9 && when === "before") write(project, "DELETE FROM users WHERE id = -1");
    });
    expect(resultOf(project)).toBe("applied");
  });

  test("is reported as the cause, not the ledger", async () => {
    const project = await reconciled();
    const { result } = await applyUnder(project, (call, when) => {
      if (call === 7 && when === "after") write(project, BEHIND);
    });
    expect(result.outcomes).toMatchObject([
      { status: "failed", failure: { kind: "error", error: { code: "BACKFILL_NOT_READY" } } },
    ]);
  });

  test("stops the migration if an empty table gets rows before its batch", async () => {
    const project = makeProject(FILES);
    await migrateApply({ cwd: project.dir, place: "local" });
    project.write("migrations/0002_drop.sql", DROP.replace(/^INSERT.*\n/m, ""));
    const { result } = await applyUnder(project, (call, when) => {
      if (call === 3 && when === "after") write(project, ROWS);
    });
    expect(result.stopped).toBe("failure");
    expect(resultOf(project)).toBe("untouched");
  });

  test("lets the migration run once if another runner applies it at any moment", async () => {
    for (let at = 2; at <= 8; at += 1) {
      const project = await reconciled();
      const { result } = await applyUnder(project, async (call, when) => {
        if (call === at && when === "before") await applyUnder(project, () => {});
      });
      expect(resultOf(project)).toBe("applied");
      const told = result.outcomes.map(({ status }) => status);
      // If the data that the backfill reads disappears during planning, d1ops reads the ledger again.
      expect({ at, told, stopped: result.stopped }).toEqual({
        at,
        told: at < 5 ? [] : ["applied by another run"],
        stopped: "no",
      });
    }
  });

  test("lets two concurrent appliers apply the migration once", async () => {
    const project = await reconciled();
    const both = await Promise.all([applyUnder(project, () => {}), applyUnder(project, () => {})]);
    const told = both.flatMap(({ result }) => result.outcomes.map(({ status }) => status));
    expect(told.sort()).toEqual(["applied by another run", "done"]);
    expect(resultOf(project)).toBe("applied");
  });
});

describe("the gate of a remote database under attack", () => {
  let cloudflare: Cloudflare;

  beforeAll(async () => {
    cloudflare = await startCloudflare({ timeTravel: "bookmarks only" });
  });
  afterAll(() => cloudflare.close());

  const clock = impatientClock();

  const over = (project: RemoteProject) =>
    ({
      cwd: project.dir,
      place: "remote",
      yes: true,
      confirm: project.database.name,
      variables: cloudflare.variables(),
      clock,
    }) as const;

  async function reconciled(): Promise<RemoteProject> {
    cloudflare.onRequest = null;
    const project = makeRemoteProject(cloudflare, FILES);
    await migrateApply(over(project));
    write(project.database, ROWS);
    await backfillRun({ ...over(project), name: "1" });
    project.write("migrations/0002_drop.sql", DROP);
    return project;
  }

  /** Ends with a report or an error. A failed run leaves its lease. */
  async function apply(project: RemoteProject): Promise<{ exitCode: number | null }> {
    try {
      return await migrateApply(over(project));
    } catch (error) {
      expect(error).toBeInstanceOf(OpsError);
      return { exitCode: null };
    }
  }

  const requestsOf = async (): Promise<number> => {
    const project = await reconciled();
    const before = cloudflare.log.length;
    expect(await apply(project)).toMatchObject({ exitCode: 0 });
    expect(resultOf(project.database)).toBe("applied");
    return cloudflare.log.length - before;
  };

  const attacks: Readonly<Record<string, string>> = {
    "a row is inserted behind the cursor": BEHIND,
    "another runner restarts the backfill":
      "UPDATE d1ops_backfills SET state = 'running', token = 'other', windows = 0, scanned = 0, cursor_1 = NULL, reconciled_at = NULL",
  };

  test.each(Object.keys(attacks))(
    "never lets the migration run on unfinished data, before any request, if %s",
    async (name) => {
      const requests = await requestsOf();
      const seen = new Set<string>();
      for (let at = 1; at <= requests; at += 1) {
        const project = await reconciled();
        const { database } = project;
        const before = cloudflare.log.length;
        let late = false;
        cloudflare.onRequest = (_, n) => {
          if (n !== before + at) return null;
          const db = database.open();
          late = db.prepare("SELECT 1 FROM witness").get() !== undefined;
          if (!late) db.exec(attacks[name] ?? "");
          db.close();
          return null;
        };
        await apply(project);
        const became = resultOf(database);
        expect(became, `request ${at}`).toBe(late ? "applied" : "untouched");
        seen.add(became);
      }
      expect([...seen].sort()).toEqual(["applied", "untouched"]);
    },
  );

  const troubles: Readonly<Record<string, Trouble>> = {
    "is cut before": { kind: "cut", when: "before" },
    "is cut after the commit": { kind: "cut", when: "after" },
    "gets D1's internal error after the commit": { kind: "internal error", when: "after" },
    "arrives late": { kind: "slow", ms: 120, when: "before" },
  };

  test.each(Object.keys(troubles))(
    "never lets the migration run on unfinished data if its batch %s and a row is inserted behind the cursor at that moment",
    async (name) => {
      const project = await reconciled();
      const { database } = project;
      const { promise: sent, resolve: strike } = Promise.withResolvers<void>();
      let trouble = troubles[name] ?? null;
      cloudflare.onRequest = (entry) => {
        if (!JSON.stringify(entry).includes("DROP COLUMN")) return null;
        strike();
        const first = trouble;
        trouble = null;
        if (first?.kind === "slow") clock.expire();
        return first;
      };
      const attacked = apply(project);
      await sent;
      const db = database.open();
      const early = db.prepare("SELECT 1 FROM witness").get() === undefined;
      if (early) db.exec(BEHIND);
      db.close();
      await attacked;
      await new Promise((resolve) => setTimeout(resolve, 150));
      const became = resultOf(database);
      if (early) expect(became).toBe("untouched");
    },
  );

  test("makes apply report what it applied if the network fails at the gate", async () => {
    const project = await reconciled();
    project.write("migrations/0001_z.sql", "CREATE TABLE more(a);");
    cloudflare.onRequest = (_, n) => {
      const made = project.database.open();
      const more = made.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'more'").get();
      made.close();
      return more !== undefined && n > 0 ? { kind: "status", status: 500 } : null;
    };
    const report = await migrateApply(over(project));
    expect(report).toMatchObject({ exitCode: 4, outcome: "partial" });
    expect(report.data["applied"]).toEqual(["0001_z.sql"]);
  });

  test("lets two concurrent appliers apply the migration once", async () => {
    const project = await reconciled();
    const both = await Promise.all([apply(project), apply(project)]);
    expect(both.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    expect(resultOf(project.database)).toBe("applied");
  });
});
