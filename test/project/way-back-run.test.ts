import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Cloudflare, startCloudflare } from "../../fixtures/cloudflare/fake.ts";
import { backfillRun, migrateApply } from "../../src/index.ts";
import { refusal } from "../options/calls.ts";
import { impatientClock, makeRemoteProject, type RemoteProject, contentsOf } from "./remote.ts";

let cloudflare: Cloudflare;

beforeAll(async () => {
  cloudflare = await startCloudflare({ timeTravel: "bookmarks only" });
});
beforeEach(() => {
  cloudflare.onRequest = ({ operation }) =>
    operation === "d1.timeTravel.bookmark" ? { kind: "status", status: 403, code: 7403 } : null;
});
afterAll(() => cloudflare.close());

const FILES = {
  "migrations/0001_users.sql":
    "CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT); INSERT INTO users VALUES (1, 'a');",
  "migrations/backfills/0001_names.sql":
    "-- d1ops:source users\n-- d1ops:key id\n-- d1ops:write\nUPDATE users SET name = upper(name) WHERE id IN (SELECT id FROM todo);\n",
};

function options(project: RemoteProject) {
  return {
    cwd: project.dir,
    place: "remote",
    yes: true,
    variables: cloudflare.variables(),
    clock: impatientClock(),
    startedAs: "npx d1ops",
  } as const;
}

function bookmarksAsked(): number {
  return cloudflare.log.filter(({ operation }) => operation === "d1.timeTravel.bookmark").length;
}

describe("a command for which Time Travel returns no bookmark", () => {
  test("stops before it changes anything and names --without-bookmark, if it is apply", async () => {
    const project = makeRemoteProject(cloudflare, FILES);
    for (const yes of [{ yes: true }, { yes: false, ask: async () => "yes" as const }]) {
      const error = await refusal(() => migrateApply({ ...options(project), ...yes }));
      expect(error.message).toContain("Time Travel returned no bookmark");
      expect(error.hint).toContain("npx d1ops migrate apply --remote --without-bookmark");
      expect(contentsOf(project.database)).toMatchObject({ ledger: [], held: 0, schema: [] });
    }
  });

  test("continues with --without-bookmark, requests no bookmark, and reports that the database cannot be restored, if it is apply", async () => {
    const project = makeRemoteProject(cloudflare, FILES);
    const before = bookmarksAsked();
    const report = await migrateApply({ ...options(project), withoutBookmark: true });
    expect(report).toMatchObject({ outcome: "changed", data: { run: { bookmark: null } } });
    expect(report.findings.map(({ rule }) => rule)).toEqual(["no-way-back"]);
    expect(bookmarksAsked()).toBe(before);
    const again = await migrateApply({ ...options(project), withoutBookmark: true });
    expect(again).toMatchObject({ outcome: "ok", findings: [] });
  });

  test("stops before it changes anything and continues with --without-bookmark, if it is backfill run", async () => {
    const project = makeRemoteProject(cloudflare, FILES);
    await migrateApply({ ...options(project), withoutBookmark: true });
    const asked = { ...options(project), name: "0001_names" };
    const error = await refusal(() => backfillRun(asked));
    expect(error.hint).toContain("npx d1ops backfill run 0001_names --remote --without-bookmark");
    expect(JSON.stringify(contentsOf(project.database))).not.toContain("d1ops_backfills");
    const report = await backfillRun({ ...asked, withoutBookmark: true });
    expect(report).toMatchObject({ outcome: "changed", data: { jobs: [{ bookmark: null }] } });
    expect(report.findings.map(({ rule }) => rule)).toEqual(["no-way-back"]);
  });
});

test("a run records its bookmark and suggests the command that restores the database", async () => {
  cloudflare.onRequest = null;
  const project = makeRemoteProject(cloudflare, FILES);
  const report = await migrateApply(options(project));
  expect(report.findings.map(({ rule }) => rule)).toEqual(["way-back"]);
});
