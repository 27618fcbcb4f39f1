import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cloudflare, startCloudflare } from "../../fixtures/cloudflare/fake.ts";
import { countingMigrations, makeRemoteProject, type RemoteProject } from "../project/remote.ts";
import { d1ops, reportOf } from "../project.ts";
import { localDatabasePath } from "../../src/config/local-file.ts";
import type { Report } from "../../src/report/report.ts";
import { snapshotOf } from "./snapshot-shop.ts";

function storedBytes({ dir }: RemoteProject): number {
  const packs = join(dir, "backups/packs");
  return readdirSync(packs).reduce((sum, name) => sum + statSync(join(packs, name)).size, 0);
}

/** What follows a restore: migrations and snapshots continue from the state of the snapshot. */

const PLACES = [
  { how: "the local database", place: "--local", timeTravel: false },
  { how: "a remote database in batches", place: "--remote", timeTravel: false },
  { how: "a remote database by Time Travel", place: "--remote", timeTravel: true },
] as const;

describe.each(PLACES)("after a restore of $how", ({ place, timeTravel }) => {
  let cloudflare: Cloudflare;

  beforeAll(async () => {
    cloudflare = await startCloudflare({ timeTravel: timeTravel ? "on" : "bookmarks only" });
  });
  afterAll(() => cloudflare.close());

  const run = async (project: RemoteProject, ...args: readonly string[]): Promise<Report> => {
    const env = { PATH: process.env["PATH"], HOME: "/nonexistent", ...cloudflare.variables() };
    return reportOf(await d1ops(project, [...args, place, "--json"], { env }));
  };
  const confirm = (project: RemoteProject): string[] => ["--confirm", project.database.name];
  const apply = async (project: RemoteProject): Promise<Report> =>
    run(project, "migrate", "apply", ...(place === "--remote" ? ["--yes"] : []));
  const open = (project: RemoteProject): DatabaseSync =>
    place === "--remote"
      ? project.database.open()
      : new DatabaseSync(
          localDatabasePath(join(project.dir, ".wrangler/state"), project.database.id),
        );
  const rows = (project: RemoteProject, sql: string): unknown[] => {
    const db = open(project);
    const all = db.prepare(sql).all();
    db.close();
    return all;
  };
  const exec = (project: RemoteProject, sql: string): void => {
    const db = open(project);
    db.exec(sql);
    db.close();
  };

  /** A database with two of three migrations and a large table, its snapshot, and then the third migration. */
  const begin = async (): Promise<{ project: RemoteProject; id: string }> => {
    const { "migrations/0003_step.sql": third = "", ...two } = countingMigrations(3);
    const project = makeRemoteProject(cloudflare, two);
    expect((await apply(project)).exitCode).toBe(0);
    exec(
      project,
      "CREATE TABLE large(id INTEGER PRIMARY KEY, v); WITH RECURSIVE k(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM k WHERE i < 3000) INSERT INTO large SELECT i, hex(randomblob(40)) FROM k",
    );
    const id = String(snapshotOf((await run(project, "snapshot", "take")).data)["id"]);
    project.write("migrations/0003_step.sql", third);
    expect((await apply(project)).exitCode).toBe(0);
    exec(project, "DELETE FROM large WHERE id < 1000");
    return { project, id };
  };

  test("the next snapshot stores little if there is no way back, and migrate apply continues from the ledgers of the snapshot", async () => {
    const { project, id } = await begin();
    expect(
      (await run(project, "snapshot", "restore", id, ...confirm(project), "--without-backup"))
        .exitCode,
    ).toBe(0);
    const before = storedBytes(project);
    expect((await run(project, "snapshot", "take")).exitCode).toBe(0);
    expect(storedBytes(project) - before).toBeLessThan(before / 10);
    const names = [{ name: "0001_step.sql" }, { name: "0002_step.sql" }];
    expect(rows(project, "SELECT name FROM d1_migrations ORDER BY id")).toEqual(names);
    const own = "SELECT name FROM d1ops_migrations WHERE ledger = 'd1_migrations' ORDER BY name";
    expect(rows(project, own)).toEqual(names);
    expect((await apply(project)).exitCode).toBe(0);
    expect(rows(project, "SELECT n FROM counter")).toEqual([{ n: 3 }]);
    expect((await run(project, "migrate", "status")).exitCode).toBe(0);
  });

  test("a lease that was held in the snapshot stops no run", async () => {
    const { project } = await begin();
    exec(
      project,
      `CREATE TABLE IF NOT EXISTS d1ops_runs(id INTEGER PRIMARY KEY AUTOINCREMENT, command TEXT NOT NULL, holder TEXT NOT NULL, tool TEXT NOT NULL, git_commit TEXT,
        bookmark TEXT, started_at TEXT NOT NULL, expires_at TEXT NOT NULL, ended_at TEXT, ending TEXT, last TEXT, nonce TEXT NOT NULL UNIQUE);
      INSERT INTO d1ops_runs(command, holder, tool, started_at, expires_at, nonce) VALUES ('migrate apply', 'nia@example', '1', '2026-01-01T00:00:00.000Z', '9999-01-01T00:00:00.000Z', 'n')`,
    );
    const id = String(snapshotOf((await run(project, "snapshot", "take")).data)["id"]);
    exec(
      project,
      "UPDATE d1ops_runs SET ended_at = expires_at, ending = 'done' WHERE nonce = 'n'; DELETE FROM large",
    );
    expect(
      (await run(project, "snapshot", "restore", id, ...confirm(project), "--without-backup"))
        .exitCode,
    ).toBe(0);
    project.write("migrations/0004_more.sql", "CREATE TABLE more(a);");
    expect((await apply(project)).exitCode).toBe(0);
  });
});
