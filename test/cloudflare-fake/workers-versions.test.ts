import { describe, expect, test } from "vitest";
import { deploymentOf, workersFixture } from "./workers-fixture.ts";

const SCRIPT = "/workers/scripts/shop";

describe("versions", () => {
  test("are listed newest first, in pages, without their content", async () => {
    const { ask, call, put, upload } = workersFixture();
    const first = await put();
    const second = await upload();
    const third = await upload();
    const told = await ask("GET", `${SCRIPT}/versions?per_page=2`);
    expect(told).toMatchObject({ items: [{ id: third, number: 3 }, { id: second }] });
    expect(told).not.toHaveProperty("items.0.resources");
    expect(await call("GET", `${SCRIPT}/versions?per_page=2&page=2`)).toMatchObject({
      result: { items: [{ id: first }] },
      resultInfo: { page: 2, per_page: 2, count: 1, total_count: 3 },
    });
    expect(await ask("GET", `${SCRIPT}/versions?per_page=2&page=3`)).toEqual({ items: [] });
  });

  test("can be deployed if they are among the hundred newest, which one request lists", async () => {
    const { ask, put, upload, deploy, refusal } = workersFixture();
    const first = await put();
    const second = await upload();
    for (let i = 0; i < 100; i += 1) await upload();
    const { items } = (await ask("GET", `${SCRIPT}/versions?deployable=true&per_page=1`)) as {
      items: { number: number }[];
    };
    expect(items.map(({ number }) => number)).toEqual(
      Array.from({ length: 100 }, (_, i) => 102 - i),
    );
    const tooOld = deploymentOf({ [second]: 100 });
    expect(await refusal("POST", `${SCRIPT}/deployments`, tooOld)).toMatchObject({
      codes: [100146],
    });
    // This version serves already.
    await deploy({ [first]: 100 });
  });

  test("fail with 100146 if they do not exist, and with 10007 if the Worker does not exist", async () => {
    const { put, refusal } = workersFixture();
    const path = `${SCRIPT}/versions/00000000-0000-0000-0000-000000000000`;
    expect(await refusal("GET", path)).toMatchObject({ status: 404, codes: [10007] });
    await put();
    expect(await refusal("GET", path)).toMatchObject({ status: 404, codes: [100146] });
  });
});

describe("deployments", () => {
  test("are listed newest first, each with its own time that sorts as text", async () => {
    const { ask, put, upload, deploy } = workersFixture({ now: () => 1_800_000_000_000 });
    const first = await put();
    const second = await upload();
    await deploy({ [second]: 10, [first]: 90 });
    await deploy({ [second]: 100 });
    const { deployments } = (await ask("GET", `${SCRIPT}/deployments`)) as {
      deployments: { created_on: string; versions: { version_id: string }[] }[];
    };
    expect(deployments.map(({ versions }) => versions.map((share) => share.version_id))).toEqual([
      [second],
      [second, first],
      [first],
    ]);
    const times = deployments.map((one) => one.created_on);
    expect(times.toSorted().toReversed()).toEqual(times);
    expect(new Set(times).size).toBe(3);
    expect(times[0]).toMatch(/^2027-01-15T08:00:00\.000\d{3}Z$/);
  });

  test("return author, source and message", async () => {
    const { ask, put } = workersFixture();
    const id = await put();
    const body = { ...deploymentOf({ [id]: 100 }), annotations: { "workers/message": "again" } };
    const made = await ask("POST", `${SCRIPT}/deployments`, body);
    expect(made).toMatchObject({
      source: "wrangler",
      strategy: "percentage",
      author_email: "operator@example.com",
      annotations: { "workers/message": "again", "workers/triggered_by": "deployment" },
    });
    const path = `${SCRIPT}/deployments/${(made as { id: string }).id}`;
    expect(await ask("GET", path)).toEqual(made);
  });

  test("may have fractions that add up to 100, and a version with 0", async () => {
    const { put, upload, deploy, workers } = workersFixture();
    const first = await put();
    const second = await upload();
    await deploy({ [first]: 33.3333, [second]: 66.6666 });
    await deploy({ [first]: 100, [second]: 0 });
    expect(workers.get("shop").deployments).toHaveLength(3);
  });

  test.each<[string, (first: string, second: string) => object]>([
    ["a body without versions", () => deploymentOf({})],
    ["a sum below 100", (a, b) => deploymentOf({ [a]: 10, [b]: 80 })],
    ["a sum above 100", (a, b) => deploymentOf({ [a]: 50, [b]: 51 })],
    ["a negative share", (a, b) => deploymentOf({ [a]: -0.0001, [b]: 100 })],
    ["three versions", (a, b) => deploymentOf({ [a]: 30, [b]: 30, c: 40 })],
    ["one version twice", (a) => twice(a)],
    ["another strategy", (a) => ({ ...deploymentOf({ [a]: 100 }), strategy: "all" })],
    ["no strategy", () => ({})],
  ])("are rejected for %s", async (_, body) => {
    const { put, upload, refusal, workers } = workersFixture();
    const asked = body(await put(), await upload());
    expect(await refusal("POST", `${SCRIPT}/deployments`, asked)).toMatchObject({ status: 400 });
    expect(workers.get("shop").deployments).toHaveLength(1);
  });

  test("are rejected for a version that does not exist", async () => {
    const { put, refusal } = workersFixture();
    await put();
    const body = deploymentOf({ unknown: 100 });
    expect(await refusal("POST", `${SCRIPT}/deployments`, body)).toMatchObject({
      status: 404,
      codes: [100146],
    });
  });
});

function twice(id: string): object {
  const versions = [50, 50].map((percentage) => ({ version_id: id, percentage }));
  return { strategy: "percentage", versions };
}
