import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  type Cloudflare,
  type RemoteDatabase,
  startCloudflare,
} from "../../fixtures/cloudflare/fake.ts";
import { makeRemoteProject, type RemoteProject } from "../project/remote.ts";
import { d1ops, errorOf, reportOf, type Run, withoutProgress } from "../project.ts";
import { snapshotOf } from "./snapshot-shop.ts";

/** Snapshots of a remote database, at a fake Cloudflare. */

let cloudflare: Cloudflare;

beforeAll(async () => {
  cloudflare = await startCloudflare({ timeTravel: "bookmarks only" });
});
afterAll(() => cloudflare.close());
afterEach(() => {
  cloudflare.onRequest = null;
});

function shop(): RemoteProject {
  const project = makeRemoteProject(cloudflare);
  const db = project.database.open();
  db.exec(`CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT, n INTEGER);
    WITH RECURSIVE k(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM k WHERE i < 1000) INSERT INTO users SELECT i, 'Nia '||i, 9007199254740993 + i FROM k`);
  db.close();
  return project;
}

async function run(project: RemoteProject, ...args: readonly string[]): Promise<Run> {
  const env = { PATH: process.env["PATH"], HOME: "/nonexistent", ...cloudflare.variables() };
  return d1ops(project, ["snapshot", ...args, "--json"], { env });
}

describe("snapshots of a remote database", () => {
  test("contain exact integers, pass a drill, and have the bookmark of their moment", async () => {
    const project = shop();
    const taken = await run(project, "take", "--remote");
    expect(withoutProgress(taken)).toMatchObject({ code: 0, stderr: "" });
    const report = reportOf(taken);
    expect(report.target).toMatchObject({ place: "remote", database: project.database.name });
    expect(snapshotOf(report.data)).toMatchObject({
      source: { place: "remote", id: project.database.id },
      bookmark: expect.any(String),
      consistent: true,
      rows: 1000,
    });
    expect((await run(project, "verify", "latest", "--drill")).code).toBe(0);
    const listed = reportOf(await run(project, "list", "--local"));
    expect(listed.data["snapshots"]).toEqual([]);
    expect(reportOf(await run(project, "list", "--remote")).data["snapshots"]).toHaveLength(1);
  });

  test("are compared with the remote database, without writing to it", async () => {
    const project = shop();
    await run(project, "take", "--remote");
    const equal = await run(project, "diff", "--remote");
    expect(equal).toMatchObject({ code: 0, stderr: "" });
    expect(reportOf(equal)).toMatchObject({ target: { place: "remote" }, data: { equal: true } });
    // The newest snapshot is of another database than the local one.
    expect(errorOf(await run(project, "diff")).code).toBe("SNAPSHOT_UNKNOWN");
    const db = project.database.open();
    db.exec("UPDATE users SET n = n + 1 WHERE id = 500");
    db.close();
    const differs = await run(project, "diff", "latest", "remote", "--values");
    expect(differs.code).toBe(1);
    expect(reportOf(differs).data["differences"]).toMatchObject([
      {
        name: "users",
        changed: 1,
        intact: 999,
        examples: [
          { key: ["500"], values: [{ left: "9007199254741493", right: "9007199254741494" }] },
        ],
      },
    ]);
  });

  test("are compared with the remote database of another environment, which env:NAME names", async () => {
    const project = shop();
    const staging = cloudflare.createDatabase({ id: randomUUID(), name: "staging-db" });
    const db = staging.open();
    db.exec("CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT, n INTEGER)");
    db.close();
    const databaseOf = ({ id, name }: Pick<RemoteDatabase, "id" | "name">): object[] => [
      { binding: "DB", database_name: name, database_id: id },
    ];
    project.write(
      "wrangler.jsonc",
      JSON.stringify({
        name: "shop",
        d1_databases: databaseOf(project.database),
        env: { staging: { d1_databases: databaseOf(staging) } },
      }),
    );
    const taken = reportOf(await run(project, "take", "--remote", "--env", ""));
    const id = String(snapshotOf(taken.data)["id"]).slice(0, 8);
    const differs = reportOf(await run(project, "diff", id, "env:staging"));
    expect(differs).toMatchObject({
      target: { place: "remote", database: "staging-db", id: staging.id, env: "staging" },
      data: { right: { place: "remote" }, differences: [{ name: "users", removed: 1000 }] },
    });
    expect(differs.next).toEqual([
      expect.stringMatching(`snapshot diff ${id} env:staging --values$`),
    ]);
    expect(errorOf(await run(project, "diff", id, "env:stagin"))).toMatchObject({
      code: "ENVIRONMENT_UNKNOWN",
      hint: "Did you mean env:staging?\nThe environments of the config are: env:staging.",
    });
    // `latest` is a snapshot of the named database.
    expect(errorOf(await run(project, "diff", "latest", "env:staging")).code).toBe(
      "SNAPSHOT_UNKNOWN",
    );
  });

  test("are restored into the local database only after its name is confirmed", async () => {
    const project = shop();
    const taken = reportOf(await run(project, "take", "--remote"));
    const id = String(snapshotOf(taken.data)["id"]);
    expect(errorOf(await run(project, "restore", "latest", "--local")).code).toBe(
      "SNAPSHOT_UNKNOWN",
    );
    const refused = await run(project, "restore", id, "--local");
    expect(errorOf(refused)).toMatchObject({
      code: "NOT_CONFIRMED",
      message: expect.stringContaining(`${project.database.name} (remote), which is another`),
    });
    const restored = await run(
      project,
      "restore",
      id,
      "--local",
      "--confirm",
      project.database.name,
    );
    expect(restored).toMatchObject({ code: 0, stderr: "" });
    const local = reportOf(await run(project, "take", "--local"));
    expect(snapshotOf(local.data)["digest"]).toBe(snapshotOf(taken.data)["digest"]);
  });

  test("exit 1 and say so if the database changes during each reading", async () => {
    const project = shop();
    const db = project.database.open();
    let n = 0;
    cloudflare.onRequest = () => {
      n += 1;
      db.exec(`UPDATE users SET n = ${n} WHERE id = 500`);
      return null;
    };
    const taken = await run(project, "take", "--remote");
    cloudflare.onRequest = null;
    db.close();
    expect(taken.code).toBe(1);
    expect(reportOf(taken)).toMatchObject({
      outcome: "problems",
      findings: [{ rule: "not-consistent", level: "error" }],
      data: { snapshot: { consistent: false } },
    });
    const shown = reportOf(await run(project, "show", "latest"));
    expect(shown.findings).toMatchObject([{}, { rule: "not-consistent", level: "warning" }]);
  });

  test("need credentials of Cloudflare", async () => {
    const taken = await d1ops(shop(), ["snapshot", "take", "--remote", "--json"], {
      env: { PATH: process.env["PATH"], HOME: "/nonexistent" },
    });
    expect(taken.code).toBe(2);
    expect(errorOf(taken).code).toBe("CREDENTIALS_MISSING");
  });
});
