import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cloudflare, startCloudflare } from "../../fixtures/cloudflare/fake.ts";
import { doctor, migrateApply, openRemote } from "../../src/index.ts";
import { makeProject } from "../project.ts";
import { impatientClock } from "./remote.ts";

let cloudflare: Cloudflare;

const IDS = {
  "shop-db": "11111111-aaaa-4bbb-8ccc-555555555555",
  "shop-my-db": "22222222-aaaa-4bbb-8ccc-555555555555",
  "shop-staging-my-db": "33333333-aaaa-4bbb-8ccc-555555555555",
  MY_DB: "44444444-aaaa-4bbb-8ccc-555555555555",
} as const;

beforeAll(async () => {
  cloudflare = await startCloudflare({ timeTravel: "bookmarks only" });
  for (const [name, id] of Object.entries(IDS)) cloudflare.createDatabase({ id, name });
});
afterAll(() => cloudflare.close());

function optionsFor(entry: object, rest: object = { name: "shop" }) {
  const database = { binding: "MY_DB", ...entry };
  const { dir } = makeProject({
    "migrations/0001_a.sql": "CREATE TABLE IF NOT EXISTS a(x);",
    "wrangler.jsonc": JSON.stringify({
      d1_databases: [database],
      env: { staging: { d1_databases: [database] } },
      ...rest,
    }),
  });
  return { cwd: dir, env: "", variables: cloudflare.variables(), clock: impatientClock() };
}

describe("a database_id that is missing", () => {
  test.each([
    ["no id", {}],
    ["an empty id", { database_id: "" }],
    ["a placeholder", { database_id: "<your-database-id>" }],
    ["the nil UUID", { database_id: "00000000-0000-0000-0000-000000000000" }],
  ])("is replaced by the id of the database with the configured name: %s", async (_, entry) => {
    const options = optionsFor({ database_name: "shop-db", ...entry });
    const { target, close } = await openRemote(options);
    close();
    expect(target).toMatchObject({ id: IDS["shop-db"], database: "shop-db" });
    const report = await doctor({ ...options, place: "remote" });
    expect(report.checks.find(({ id }) => id === "database.id")?.outcome).toBe("warn");
    expect(report.checks.find(({ id }) => id === "database.exists")).toMatchObject({
      outcome: "pass",
      evidence: { id: IDS["shop-db"] },
    });
  });

  test("is replaced by that of the database that wrangler deploy creates if there is no name, not of one named like the binding", async () => {
    const options = optionsFor({});
    expect((await openRemote(options)).target.id).toBe(IDS["shop-my-db"]);
    const staging = await openRemote({ ...options, env: "staging" });
    expect(staging.target.id).toBe(IDS["shop-staging-my-db"]);
    const report = await migrateApply({ ...options, place: "remote", yes: true });
    expect(report).toMatchObject({ outcome: "changed", target: { id: IDS["shop-my-db"] } });
  });

  test("is an error if the database and the Worker have no name", async () => {
    const options = optionsFor({}, {});
    await expect(openRemote(options)).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      hint: expect.stringContaining("database_id"),
    });
    const report = await doctor({ ...options, place: "remote" });
    expect(report.findings.map(({ rule }) => rule)).toContain("CONFIG_INVALID");
  });
});

test("a database_id that is a UUID is used without a lookup, and --remote ignores preview_database_id", async () => {
  const options = optionsFor({
    database_name: "shop-db",
    database_id: IDS["shop-db"],
    preview_database_id: IDS.MY_DB,
  });
  expect((await openRemote(options)).target.id).toBe(IDS["shop-db"]);
  const report = await doctor({ ...options, place: "remote" });
  expect(report.findings).toMatchObject([
    { rule: "preview-database", level: "info", message: expect.stringContaining(IDS.MY_DB) },
  ]);
  const { d1, close } = await openRemote(options);
  expect(await d1.prepare("SELECT 1 AS one").first("one")).toBe(1);
  close();
});
