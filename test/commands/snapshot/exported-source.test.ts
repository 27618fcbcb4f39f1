import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Cloudflare, startCloudflare } from "../../../fixtures/cloudflare/fake.ts";
import { snapshotDiff } from "../../../src/commands/snapshot/diff.ts";
import { snapshotShow } from "../../../src/commands/snapshot/show.ts";
import { snapshotTake, type SnapshotTakeOptions } from "../../../src/commands/snapshot/take.ts";
import { snapshotVerify } from "../../../src/commands/snapshot/verify.ts";
import { OpsError } from "../../../src/report/error.ts";
import type { Report } from "../../../src/report/report.ts";
import { snapshotOf } from "../../cli/snapshot-shop.ts";
import { impatientClock, makeRemoteProject, type RemoteProject } from "../../project/remote.ts";

let cloudflare: Cloudflare;

beforeAll(async () => {
  cloudflare = await startCloudflare({ timeTravel: "bookmarks only", pace: { pollMs: 1 } });
});
afterAll(() => cloudflare.close());
afterEach(() => {
  cloudflare.onRequest = null;
  cloudflare.log.length = 0;
});

function projectWith(sql: string): RemoteProject {
  const project = makeRemoteProject(cloudflare);
  using db = project.database.open();
  db.exec(sql);
  return project;
}

const PLAIN = `CREATE TABLE users(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, n REAL, photo BLOB);
  CREATE INDEX by_name ON users(name);
  CREATE VIEW names AS SELECT name FROM users;
  CREATE TRIGGER log AFTER DELETE ON users BEGIN INSERT INTO users(name) VALUES (old.name); END;
  WITH RECURSIVE k(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM k WHERE i < 100)
    INSERT INTO users SELECT i * 2, 'Nia '||i||char(10)||'''', i, x'00ff' FROM k;
  INSERT INTO users VALUES (5000, NULL, 9e999, NULL);
  CREATE TABLE pairs(a, b, PRIMARY KEY (a, b)) WITHOUT ROWID;
  INSERT INTO pairs VALUES (1, 'x'), (2.5, x'00');`;

async function take(
  project: RemoteProject,
  options: Partial<SnapshotTakeOptions> = {},
): Promise<Report> {
  const variables = { HOME: "/nonexistent", ...cloudflare.variables() };
  const clock = impatientClock();
  return snapshotTake({ cwd: project.dir, place: "remote", variables, clock, ...options });
}

const viaExport = { via: "export", yes: true } as const;

async function errorOf(work: Promise<unknown>): Promise<OpsError> {
  const error = await work.catch((thrown: unknown) => thrown);
  if (!(error instanceof OpsError)) throw new TypeError(`no error of ours: ${String(error)}`);
  return error;
}

function snapshotsIn(project: RemoteProject): string[] {
  try {
    return readdirSync(join(project.dir, "backups/snapshots"));
  } catch {
    return [];
  }
}

/** An export writes tables before indexes, so the order of the schema may differ, and with it the digest. */
async function expectEqual(project: RemoteProject, one: Report, other: Report): Promise<void> {
  const idOf = ({ data }: Report): string => String(snapshotOf(data)["id"]);
  const diff = await snapshotDiff({ cwd: project.dir, left: idOf(one), right: idOf(other) });
  expect(diff).toMatchObject({ exitCode: 0, data: { equal: true } });
}

const brief = ({ findings }: Report): unknown[] =>
  findings.map(({ rule, level, table }) => [rule, level, table]);

describe("snapshot take --via export", () => {
  test("takes the same content as a direct reading, with the bookmark of the export", async () => {
    const project = projectWith(PLAIN);
    const bookmark = project.database.bookmark();
    const taken = await take(project, viaExport);
    expect(taken).toMatchObject({ exitCode: 0, findings: [], target: { place: "remote" } });
    expect(snapshotOf(taken.data)).toMatchObject({
      bookmark,
      consistent: true,
      exported: { search: "exact", changes: [] },
    });
    const direct = await take(project);
    expect(snapshotOf(direct.data)["exported"]).toBe(null);
    expect(direct.data).toMatchObject({ previous: snapshotOf(taken.data)["id"], addedBytes: 0 });
    await expectEqual(project, taken, direct);
  });

  test("reads no rows of the database but those that it counts", async () => {
    await take(projectWith(PLAIN), viaExport);
    const sent = cloudflare.log.flatMap(({ sql = [] }) => sql);
    expect(sent.filter((sql) => /quote\(|BETWEEN \d/.test(sql) && !/count\(/.test(sql))).toEqual(
      [],
    );
    expect(cloudflare.operations().filter((one) => one === "d1.export.download")).toHaveLength(1);
  });

  test("takes virtual tables, in the format of SQLite's command line", async () => {
    const project = projectWith(`${PLAIN}
      CREATE VIRTUAL TABLE notes USING fts5(body);
      INSERT INTO notes VALUES ('red apples'), ('green; pears'||char(10)||'and '';'' more');
      CREATE VIRTUAL TABLE areas USING rtree(id, x0, x1);
      INSERT INTO areas VALUES (1, 0.5, 2.5);
      CREATE VIEW found AS SELECT * FROM notes;`);
    const taken = await take(project, viaExport);
    expect(taken).toMatchObject({ exitCode: 0, findings: [] });
    await expectEqual(project, taken, await take(project));
    const { id } = snapshotOf(taken.data);
    const drill = await snapshotVerify({ cwd: project.dir, id: String(id), drill: true });
    expect(drill).toMatchObject({ exitCode: 0 });
  });

  test.each([
    ["an integer beyond 2^53", "9007199254740993", /t\.a, 1 row: integers beyond/],
    ["a real without a fraction in a column without affinity", "1.0", /t\.a, 1 row: 1\.0 is/],
    [String.raw`a text with a line break and \n`, String.raw`char(10)||'\n'`, /t\.a, 1 row: texts/],
  ])("exits 1 and marks the snapshot for %s", async (_, value, message) => {
    const project = projectWith(`CREATE TABLE t(id INTEGER PRIMARY KEY, a);
      INSERT INTO t VALUES (1, ${value}), (2, 'plain')`);
    const taken = await take(project, viaExport);
    expect(taken).toMatchObject({
      exitCode: 1,
      outcome: "problems",
      findings: [
        {
          rule: "export-flaw",
          level: "error",
          table: "t",
          message: expect.stringMatching(message),
        },
      ],
    });
    const [id = ""] = snapshotsIn(project);
    const shown = await snapshotShow({ cwd: project.dir, id });
    expect(brief(shown)).toContainEqual(["export-flaw", "warning", "t"]);
    const verified = await snapshotVerify({ cwd: project.dir, id });
    expect(brief(verified)).toContainEqual(["export-flaw", "warning", "t"]);
  });

  test("warns of tables whose rows get new rowids, and exits 0", async () => {
    const gap = "INSERT INTO t(rowid, a) VALUES (1, 'x'), (3, 'y')";
    const project = projectWith(`CREATE TABLE t(a); ${gap}; CREATE TABLE whole(a);
      INSERT INTO whole VALUES (1), (2);`);
    const taken = await take(project, viaExport);
    expect(taken.exitCode).toBe(0);
    expect(brief(taken)).toEqual([["export-flaw", "warning", "t"]]);
  });

  test("refuses a text with NUL before it exports, and suggests the direct reading", async () => {
    const project = projectWith("CREATE TABLE t(a); INSERT INTO t VALUES ('a'||char(0)||'b')");
    const error = await errorOf(take(project, viaExport));
    expect(error).toMatchObject({ code: "TRANSFER_FAILED", message: expect.stringMatching(/NUL/) });
    expect(error.hint).toMatch(/^npx d1ops snapshot take --remote$/m);
    expect(cloudflare.operations()).not.toContain("d1.export");
  });

  test("requires confirmation, and says that the database is unavailable", async () => {
    const project = projectWith(PLAIN);
    const error = await errorOf(take(project, { via: "export", dryRun: true }));
    expect(error).toMatchObject({
      code: "NOT_CONFIRMED",
      message: expect.stringMatching(/The database is unavailable until the export is done/),
      hint: expect.stringMatching(/snapshot take --remote --dry-run --via export --yes/),
    });
    expect(cloudflare.operations()).not.toContain("d1.export");
    const other = await errorOf(take(project, { via: "export", confirm: "other-db" }));
    expect(other.code).toBe("NOT_CONFIRMED");
    let asked = "";
    const answered = await take(project, {
      via: "export",
      ask: async ({ text }) => {
        asked = text;
        return "yes";
      },
    });
    expect(answered.exitCode).toBe(0);
    expect(asked).toMatch(/About to take a snapshot from an export on the remote database/);
  });

  test("does not export before it knows that the store and the files can be read", async () => {
    const project = projectWith(PLAIN);
    const error = await errorOf(take(project, { ...viaExport, files: ["none/**"] }));
    expect(error.code).toBe("FILES_NONE");
    expect(cloudflare.operations()).not.toContain("d1.export");
  });

  test.each<[string, Partial<SnapshotTakeOptions>]>([
    ["a local database", { place: "local" }],
    ["no database", { withoutDatabase: true, files: ["*"] }],
  ])("is a usage error for %s", async (_, options) => {
    const error = await errorOf(take(projectWith(PLAIN), { ...viaExport, ...options }));
    expect(error).toMatchObject({ code: "USAGE", details: { argument: "--via" } });
  });
});

describe("while other clients write", () => {
  const flawed = "INSERT INTO users(name, n) VALUES ('late', 1)";

  test("looks for changes again, in the state that was exported", async () => {
    const project = projectWith(`${PLAIN} CREATE TABLE big(id INTEGER PRIMARY KEY, a);`);
    writeOnce(project, "d1.export", "INSERT INTO big(a) VALUES (9007199254740993)");
    const taken = await take(project, viaExport);
    expect(taken.exitCode).toBe(1);
    expect(snapshotOf(taken.data)).toMatchObject({
      bookmark: project.database.bookmark(),
      exported: { search: "exact", changes: [{ of: "values", table: "big", rows: 1 }] },
    });
  });

  test("warns that it may have missed changes if they write after the export, too", async () => {
    const project = projectWith(PLAIN);
    writeOnce(project, "d1.export", flawed);
    const before = cloudflare.onRequest;
    cloudflare.onRequest = (entry, n) => {
      if (entry.operation !== "d1.export.download") return before?.(entry, n) ?? null;
      write(project, flawed);
      return null;
    };
    const taken = await take(project, viaExport);
    expect(taken.exitCode).toBe(0);
    expect(brief(taken)).toEqual([["export-unchecked", "warning", undefined]]);
  });

  test("keeps the export if Cloudflare refuses the second search", async () => {
    const project = projectWith(PLAIN);
    let exported = false;
    cloudflare.onRequest = ({ operation, sql = [] }) => {
      if (operation === "d1.export" && !exported) write(project, "DELETE FROM pairs");
      exported ||= operation === "d1.export";
      return exported && sql.length > 0 ? { kind: "refusal" } : null;
    };
    const taken = await take(project, viaExport);
    expect(brief(taken)).toEqual([["export-unchecked", "warning", undefined]]);
  });
});

function write(project: RemoteProject, sql: string): void {
  using db = project.database.open();
  db.exec(sql);
}

function writeOnce(project: RemoteProject, at: string, sql: string): void {
  let written = false;
  cloudflare.onRequest = ({ operation }) => {
    if (operation === at && !written) {
      written = true;
      write(project, sql);
    }
    return null;
  };
}

describe("when Cloudflare fails", () => {
  test("stores the snapshot and exits 1 if it could not look for changes", async () => {
    const project = projectWith(PLAIN);
    cloudflare.onRequest = ({ sql = [] }) =>
      sql.some((text) => text.includes("9e999")) ? { kind: "refusal" } : null;
    const taken = await take(project, viaExport);
    expect(taken.exitCode).toBe(1);
    expect(brief(taken)).toEqual([["export-unchecked", "error", undefined]]);
    expect(snapshotsIn(project)).toHaveLength(1);
  });

  test("gives up on an export that never ends, and stores nothing", async () => {
    const endless = await startCloudflare({ pace: { polls: Number.POSITIVE_INFINITY, pollMs: 0 } });
    try {
      const project = makeRemoteProject(endless);
      const variables = { HOME: "/nonexistent", ...endless.variables() };
      let now = 0;
      const clock = { ...impatientClock(), now: () => (now += 60_000) };
      const error = await errorOf(take(project, { ...viaExport, variables, clock }));
      expect(error).toMatchObject({ code: "TRANSFER_FAILED" });
      expect(error.message).toMatch(/still running after the time limit/);
      expect(snapshotsIn(project)).toEqual([]);
    } finally {
      await endless.close();
    }
  });

  test.each(["before", "after", "middle"] as const)(
    "stores the same snapshot if the connection breaks once at any request (%s the work)",
    async (when) => {
      const project = projectWith(PLAIN);
      const { digest } = snapshotOf((await take(project, viaExport)).data);
      const requests = cloudflare.log.length;
      for (let at = 1; at <= requests; at += 1) {
        cloudflare.log.length = 0;
        cloudflare.onRequest = (_, n) => (n === at ? { kind: "cut", when } : null);
        const taken = await take(project, { ...viaExport, store: `store-${at}` });
        expect(snapshotOf(taken.data)).toMatchObject({ digest });
      }
    },
  );

  test("fails and stores nothing while the network is down from any request on", async () => {
    const project = projectWith(PLAIN);
    await take(project, { ...viaExport, store: "whole" });
    const requests = cloudflare.log.length;
    for (let at = 1; at <= requests; at += 1) {
      cloudflare.log.length = 0;
      cloudflare.onRequest = (_, n) => (n >= at ? { kind: "cut", when: "before" } : null);
      const error = await errorOf(take(project, viaExport));
      expect(error.hint).not.toBe("");
      expect(snapshotsIn(project)).toEqual([]);
    }
  });
});
