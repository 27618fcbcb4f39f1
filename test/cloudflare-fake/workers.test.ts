import { describe, expect, test } from "vitest";
import { bound, DATABASE, form, workersFixture } from "./workers-fixture.ts";

const SCRIPT = "/workers/scripts/shop";

describe("an upload", () => {
  test("creates a Worker with a version and deploys it if it is a PUT", async () => {
    const { ask, put, workers } = workersFixture();
    const annotations = { "workers/message": "first", "workers/tag": "v1" };
    const id = await put({ annotations, tags: ["a"], main_module: "index.js" });

    const { versions, deployments } = workers.get("shop");
    expect(versions).toHaveLength(1);
    expect(deployments).toMatchObject([
      {
        source: "wrangler",
        versions: [{ version_id: id, percentage: 100 }],
        annotations: { "workers/triggered_by": "upload" },
      },
    ]);
    expect(await ask("GET", `${SCRIPT}/versions/${id}`)).toMatchObject({
      id,
      number: 1,
      metadata: { source: "wrangler", author_email: "operator@example.com", has_preview: false },
      annotations: { ...annotations, "workers/triggered_by": "upload" },
      resources: {
        bindings: [{ name: "DB", type: "d1", id: DATABASE, database_id: DATABASE }],
        script: { etag: expect.stringMatching(/^[\da-f]{64}$/), handlers: ["fetch"] },
        script_runtime: { compatibility_date: "2025-06-01", usage_model: "standard" },
      },
      startup_time_ms: 3,
    });
    expect(await ask("GET", `${SCRIPT}/script-settings`)).toMatchObject({ tags: ["a"] });
  });

  test("returns the version's id without hyphens, and the code unless it is excluded, if it is a PUT", async () => {
    const { ask, workers } = workersFixture();
    const quiet = await ask("PUT", `${SCRIPT}?excludeScript=true`, form());
    const id = workers.get("shop").versions[0]?.id;
    expect(quiet).toMatchObject({ id: "shop", deployment_id: id?.replaceAll("-", "") });
    expect(quiet).not.toHaveProperty("script");
    expect(await ask("PUT", SCRIPT, form())).toMatchObject({
      script: expect.stringContaining("new Response('hello')"),
    });
    expect(await ask("GET", SCRIPT)).toContain("new Response('hello')");
  });

  test("returns an ETag that identifies the code", async () => {
    const { upload, put, workers } = workersFixture();
    await put();
    await upload({ compatibility_date: "2026-01-01" });
    const [second, first] = workers.get("shop").versions;
    expect(second?.code.etag).toBe(first?.code.etag);
  });

  test("creates a version without deploying it, for existing Workers only, if it is a POST", async () => {
    const { upload, put, refusal, workers } = workersFixture();
    expect(await refusal("POST", `${SCRIPT}/versions`, form())).toMatchObject({
      status: 404,
      codes: [10007],
    });
    await put();
    await upload();
    const { versions, deployments } = workers.get("shop");
    expect(versions.map(({ number }) => number)).toEqual([2, 1]);
    expect(versions[0]?.annotations).toEqual({ "workers/triggered_by": "version_upload" });
    expect(deployments).toHaveLength(1);
  });

  test.each([
    ["no form", { main_module: "index.js" }],
    ["no metadata", new FormData()],
    ["no such module", form({ main_module: "other.js" })],
    ["no name", form({ bindings: [{ type: "d1", id: DATABASE }] })],
    ["no database", form({ bindings: [{ name: "DB", type: "d1", id: "unknown" }] })],
    ["no id", form({ bindings: [{ name: "DB", type: "d1" }] })],
  ])("is rejected with 10021 and changes nothing if it has %s", async (_, body) => {
    const { refusal, workers } = workersFixture();
    expect(await refusal("PUT", SCRIPT, body)).toMatchObject({ status: 400, codes: [10021] });
    expect(workers.list()).toEqual([]);
  });

  test("is rejected for a missing database with the message that wrangler recognises", async () => {
    const { refusal } = workersFixture();
    const body = form({ bindings: [{ name: "DB", type: "d1", id: "unknown" }] });
    expect((await refusal("PUT", SCRIPT, body)).messages).toEqual([
      "binding DB of type d1 must have a valid `id` specified",
    ]);
  });

  test("may spell a database's id in two ways", async () => {
    const { put, workers } = workersFixture();
    await put({ bindings: [{ name: "DB", type: "d1", database_id: DATABASE }] });
    expect(bound(workers)).toEqual({ DB: { type: "d1", database_id: DATABASE } });
  });
});

describe("the bindings of a new version", () => {
  const TEXT = { name: "STAGE", type: "plain_text", text: "live" };
  const SECRET = { name: "KEY", type: "secret_text", text: "s3cret" };

  test("include those of the kinds to keep from the version before", async () => {
    const { put, upload, workers } = workersFixture();
    await put({ bindings: [TEXT, SECRET] });
    await upload();
    expect(Object.keys(bound(workers))).toEqual(["DB", "KEY"]);
    expect(bound(workers)["KEY"]).toEqual({ type: "secret_text", text: "s3cret" });
  });

  test("have the upload's value if the upload names a kept binding", async () => {
    const { put, upload, workers } = workersFixture();
    await put({ bindings: [SECRET] });
    await upload({ bindings: [{ ...SECRET, text: "other" }] });
    expect(bound(workers)).toEqual({ KEY: { type: "secret_text", text: "other" } });
  });

  test("are inherited, also under another name, from the newest version, whether it serves or not", async () => {
    const { put, upload, workers } = workersFixture();
    await put({ bindings: [TEXT] });
    await upload({ bindings: [{ ...TEXT, text: "next" }] });
    const renamed = { name: "WHERE", type: "inherit", old_name: "STAGE" };
    await upload({ bindings: [{ name: "STAGE", type: "inherit" }, renamed] });
    const next = { type: "plain_text", text: "next" };
    expect(bound(workers)).toEqual({ STAGE: next, WHERE: next });
  });

  test("lack those that cannot be inherited, and a strict upload fails with 10057 for each", async () => {
    const { put, upload, refusal, workers } = workersFixture();
    await put();
    const bindings = ["A", "B"].map((name) => ({ name, type: "inherit" }));
    await upload({ bindings });
    expect(bound(workers)).toEqual({});
    const path = `${SCRIPT}/versions?bindings_inherit=strict`;
    const { status, codes, messages } = await refusal("POST", path, form({ bindings }));
    expect({ status, codes }).toEqual({ status: 400, codes: [10057, 10057] });
    expect(messages[0]).toMatch(/^inherit binding 'A' is invalid/);
  });

  test("cannot be inherited from an older version", async () => {
    const { put, refusal } = workersFixture();
    const id = await put();
    const bindings = [{ name: "DB", type: "inherit", version_id: id }];
    expect(await refusal("POST", `${SCRIPT}/versions`, form({ bindings }))).toMatchObject({
      codes: [10057],
    });
  });
});

describe("a Worker", () => {
  test("has services, settings, addresses and schedules", async () => {
    const { ask, refusal, put, upload } = workersFixture();
    expect(await refusal("GET", "/workers/services/shop")).toMatchObject({
      status: 404,
      codes: [10090],
    });
    await put();
    expect(await ask("GET", "/workers/services/shop")).toMatchObject({
      default_environment: {
        environment: "production",
        script: { last_deployed_from: "wrangler", tags: null },
      },
    });
    await ask("PATCH", `${SCRIPT}/script-settings`, { tags: ["b"], other: 1 });
    await ask("PATCH", `${SCRIPT}/script-settings`, { logpush: true });
    expect(await ask("GET", `${SCRIPT}/settings`)).toMatchObject({
      bindings: [{ name: "DB", type: "d1", id: DATABASE }],
      compatibility_date: "2025-06-01",
      tags: ["b"],
      logpush: true,
    });
    expect(await ask("GET", `${SCRIPT}/settings`)).not.toHaveProperty("other");

    expect(await ask("GET", "/workers/subdomain")).toEqual({ subdomain: "operator" });
    expect(await ask("POST", `${SCRIPT}/subdomain`, { enabled: true })).toEqual({
      enabled: true,
      previews_enabled: false,
    });
    await ask("POST", `${SCRIPT}/subdomain`, { enabled: true, previews_enabled: true });
    expect(await ask("GET", "/workers/workers/shop")).toMatchObject({
      name: "shop",
      subdomain: {
        enabled: true,
        url: "https://shop.operator.workers.dev",
        preview_url_suffix: "-shop.operator.workers.dev",
      },
    });
    const path = `${SCRIPT}/versions/${await upload()}`;
    expect(await ask("GET", path)).toMatchObject({ metadata: { has_preview: true } });

    await ask("PUT", `${SCRIPT}/schedules`, [{ cron: "0 * * * *" }]);
    expect(await ask("GET", `${SCRIPT}/schedules`)).toMatchObject({
      schedules: [{ cron: "0 * * * *" }],
    });
    expect(await refusal("PUT", `${SCRIPT}/schedules`, {})).toMatchObject({ status: 400 });
  });

  test("can get a workers.dev subdomain if the account has none", async () => {
    const { ask, put, refusal } = workersFixture({ subdomain: null });
    await put();
    expect(await refusal("GET", "/workers/subdomain")).toMatchObject({ codes: [10007] });
    const before = await ask("GET", "/workers/workers/shop");
    expect(before).not.toHaveProperty("subdomain.preview_url_suffix");
    await ask("PUT", "/workers/subdomain", { subdomain: "us" });
    expect(await ask("GET", "/workers/subdomain")).toEqual({ subdomain: "us" });
  });

  test("lists the Workers that are bound to it", async () => {
    const { ask, put } = workersFixture();
    await put();
    const bindings = ["office", "shop"].map((service) => ({
      name: service.toUpperCase(),
      type: "service",
      service,
    }));
    await ask("PUT", "/workers/scripts/office", form({ bindings }));
    const incoming = [{ service: "office", environment: "production", name: "SHOP" }];
    expect(await ask("GET", `${SCRIPT}/references`)).toMatchObject({ services: { incoming } });
    expect(await ask("GET", "/workers/scripts/office/references")).toMatchObject({
      services: { incoming: [] },
    });
  });

  test("is listed, and removed by either kind of delete", async () => {
    const { ask, put, refusal, workers } = workersFixture();
    await put();
    expect(await ask("GET", "/workers/scripts")).toMatchObject([{ id: "shop" }]);
    await ask("DELETE", SCRIPT);
    expect(await refusal("GET", `${SCRIPT}/deployments`)).toMatchObject({ codes: [10007] });
    await put();
    expect(workers.get("shop").versions[0]?.number).toBe(1);
    await ask("DELETE", "/workers/services/shop?force=true");
    expect(await refusal("DELETE", "/workers/services/shop")).toMatchObject({ codes: [10090] });
    expect(await ask("GET", "/workers/scripts")).toEqual([]);
  });
});
