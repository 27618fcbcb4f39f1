import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cloudflare, startCloudflare } from "../../../fixtures/cloudflare/fake.ts";
import { workersRoutes } from "../../../fixtures/cloudflare/workers/workers-routes.ts";
import { snapshotShow } from "../../../src/commands/snapshot/show.ts";
import { snapshotTake } from "../../../src/commands/snapshot/take.ts";
import type { Report } from "../../../src/report/report.ts";
import { snapshotOf } from "../../cli/snapshot-shop.ts";
import { type WorkersFixture, workersFixture } from "../../cloudflare-fake/workers-fixture.ts";
import { impatientClock, makeRemoteProject, type RemoteProject } from "../../project/remote.ts";

let cloudflare: Cloudflare;
let shop: WorkersFixture;

beforeAll(async () => {
  shop = workersFixture();
  const { workers } = shop;
  cloudflare = await startCloudflare({
    timeTravel: "bookmarks only",
    routes: workersRoutes({ databaseExists: () => true, workers }),
  });
});
afterAll(() => cloudflare.close());

function filled(): RemoteProject {
  const project = makeRemoteProject(cloudflare);
  using db = project.database.open();
  db.exec("CREATE TABLE t(a); INSERT INTO t VALUES (1)");
  cloudflare.log.length = 0;
  cloudflare.onRequest = null;
  return project;
}

async function take(project: RemoteProject, variables: object = {}): Promise<Report> {
  return snapshotTake({
    cwd: project.dir,
    place: "remote",
    variables: { HOME: "/nonexistent", ...cloudflare.variables(), ...variables },
    clock: impatientClock(),
  });
}

const asked = (): string[] => cloudflare.operations().filter((one) => one.startsWith("workers."));

describe("snapshot take --remote", () => {
  test("records no Worker if it is not deployed", async () => {
    const taken = await take(filled());
    expect(taken.exitCode).toBe(0);
    expect(snapshotOf(taken.data)["worker"]).toBe(null);
  });

  test("records the deployed version of the config's Worker with one request, and show prints it", async () => {
    const id = await shop.put();
    const project = filled();
    const taken = await take(project);
    const worker = { name: "shop", versions: [{ id, percentage: 100 }] };
    expect(snapshotOf(taken.data)["worker"]).toEqual(worker);
    expect(asked()).toEqual(["workers.deployments.list"]);
    const shown = await snapshotShow({ cwd: project.dir, id: "latest" });
    expect(snapshotOf(shown.data)["worker"]).toEqual(worker);
    expect(shown.findings[0]?.message).toContain(`The Worker shop had the version ${id}.`);
  });

  test("records both versions of a gradual deployment", async () => {
    const [old, young] = [await shop.put(), await shop.upload()];
    await shop.deploy({ [old]: 90, [young]: 10 });
    const project = filled();
    const { versions } = Object(snapshotOf((await take(project)).data)["worker"]);
    expect(versions).toEqual([
      { id: old, percentage: 90 },
      { id: young, percentage: 10 },
    ]);
    const shown = await snapshotShow({ cwd: project.dir, id: "latest" });
    expect(shown.findings[0]?.message).toContain(`${old} (90 %) and ${young} (10 %)`);
  });

  test("records no Worker if the token may not read Workers, and asks only once", async () => {
    cloudflare.tokens.add("d1-only", { workers: "none" });
    const taken = await take(filled(), { CLOUDFLARE_API_TOKEN: "d1-only" });
    expect(taken.exitCode).toBe(0);
    expect(snapshotOf(taken.data)["worker"]).toBe(null);
    expect(asked()).toHaveLength(1);
  });

  test.each([
    ["Cloudflare fails", { kind: "status", status: 500 }],
    ["the answer is not JSON", { kind: "malformed" }],
    ["the network is cut", { kind: "cut", when: "before" }],
  ] as const)("records no Worker if %s", async (_, trouble) => {
    const project = filled();
    cloudflare.onRequest = ({ operation }) => (operation.startsWith("workers.") ? trouble : null);
    const taken = await take(project);
    expect(taken.exitCode).toBe(0);
    expect(snapshotOf(taken.data)["worker"]).toBe(null);
  });

  test("asks for no Worker if the config has no name", async () => {
    const project = filled();
    const { id, name } = project.database;
    const databases = [{ binding: "DB", database_name: name, database_id: id }];
    project.write("wrangler.jsonc", JSON.stringify({ d1_databases: databases }));
    expect(snapshotOf((await take(project)).data)["worker"]).toBe(null);
    expect(asked()).toEqual([]);
  });
});
