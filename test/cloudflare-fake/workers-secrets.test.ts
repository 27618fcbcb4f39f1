import { describe, expect, test } from "vitest";
import { bound, deploymentOf, workersFixture, type WorkersFixture } from "./workers-fixture.ts";

const SCRIPT = "/workers/scripts/shop";

describe("a secret", () => {
  test("creates a version that is deployed when it is put", async () => {
    const room = workersFixture();
    await room.put();
    const told = await secret(room, "KEY", "one");
    expect(told).toEqual({ name: "KEY", type: "secret_text" });
    const { versions, deployments } = room.workers.get("shop");
    expect(versions.map(({ number, annotations }) => [number, annotations])).toEqual([
      [2, { "workers/triggered_by": "secret" }],
      [1, { "workers/triggered_by": "upload" }],
    ]);
    expect(deployments[0]).toMatchObject({
      versions: [{ version_id: versions[0]?.id, percentage: 100 }],
      annotations: { "workers/triggered_by": "secret" },
    });
    expect(bound(room.workers)).toMatchObject({ DB: { type: "d1" }, KEY: { text: "one" } });
  });

  test("is listed by its name without its text", async () => {
    const room = workersFixture();
    const id = await room.put();
    await secret(room, "KEY", "s3cret");
    const key = { name: "KEY", type: "secret_text" };
    expect(await room.ask("GET", `${SCRIPT}/secrets`)).toEqual([key]);
    expect(await room.ask("GET", `${SCRIPT}/secrets/KEY`)).toEqual(key);
    expect(await room.ask("GET", `${SCRIPT}/settings`)).toMatchObject({
      bindings: [{ name: "DB" }, key],
    });
    const newest = await room.upload();
    for (const path of [`/versions/${newest}`, "/versions", "/settings", "/secrets", ""]) {
      expect(JSON.stringify(await room.ask("GET", SCRIPT + path))).not.toContain("s3cret");
    }
    expect(JSON.stringify(await room.ask("GET", `${SCRIPT}/versions/${id}`))).not.toContain("KEY");
  });

  test("is removed by a delete, and deleting a missing one fails with 10056", async () => {
    const room = workersFixture();
    await room.put();
    await secret(room, "KEY", "one");
    await room.ask("DELETE", `${SCRIPT}/secrets/KEY?url_encoded=true`);
    expect(await room.ask("GET", `${SCRIPT}/secrets`)).toEqual([]);
    expect(room.workers.get("shop").versions).toHaveLength(3);
    expect(await room.refusal("DELETE", `${SCRIPT}/secrets/KEY`)).toMatchObject({ codes: [10056] });
    expect(await room.refusal("DELETE", `${SCRIPT}/secrets/DB`)).toMatchObject({ codes: [10056] });
    expect(room.workers.get("shop").versions).toHaveLength(3);
  });

  test("creates one version together with others that are put in the same request", async () => {
    const room = workersFixture();
    await room.put();
    await secret(room, "OLD", "one");
    const secrets = { OLD: null, NEW: { type: "secret_text", name: "NEW", text: "two" } };
    expect(await room.ask("PATCH", `${SCRIPT}/secrets-bulk`, { secrets })).toEqual({
      NEW: { name: "NEW", type: "secret_text" },
    });
    expect(room.workers.get("shop").versions).toHaveLength(3);
  });

  test("fails with 10053 if another binding has its name", async () => {
    const room = workersFixture();
    await room.put();
    expect(await refusedSecret(room, "DB", "one")).toMatchObject({ status: 400, codes: [10053] });
  });

  test("fails with 10222 if the Worker has no version", async () => {
    const room = workersFixture();
    room.workers.create("shop");
    expect(await refusedSecret(room, "KEY", "one")).toMatchObject({ codes: [10222] });
    const path = "/workers/workers/shop/versions/latest";
    expect(await room.refusal("PATCH", path, { env: {} })).toMatchObject({ codes: [10222] });
  });

  test.each<[string, unknown]>([
    ["no text", { name: "KEY", type: "secret_text" }],
    ["no name", { text: "one", type: "secret_text" }],
    ["another kind", { name: "KEY", text: "one", type: "plain_text" }],
    ["nothing", undefined],
  ])("is rejected with status 400 if the body has %s", async (_, body) => {
    const room = workersFixture();
    await room.put();
    expect(await room.refusal("PUT", `${SCRIPT}/secrets`, body)).toMatchObject({ status: 400 });
  });
});

describe("putting a secret", () => {
  test("fails with 10215 if the newest version was only uploaded", async () => {
    const room = workersFixture();
    await room.put();
    const newest = await room.upload();
    expect(await refusedSecret(room, "KEY", "one")).toMatchObject({ status: 400, codes: [10215] });
    expect(room.workers.get("shop").versions).toHaveLength(2);
    await room.deploy({ [newest]: 100 });
    await secret(room, "KEY", "one");
  });

  test("fails with 10215 if the newest version shares the traffic with another", async () => {
    const room = workersFixture();
    const first = await room.put();
    await room.deploy({ [await room.upload()]: 10, [first]: 90 });
    expect(await refusedSecret(room, "KEY", "one")).toMatchObject({ codes: [10215] });
  });
});

describe("a patch of the latest version's secrets", () => {
  test("creates a version from the newest one, without a deployment", async () => {
    const room = workersFixture();
    await room.put();
    await room.upload({ compatibility_date: "2026-02-02" });
    const path = "/workers/workers/shop/versions/latest";
    const env = { KEY: { type: "secret_text", text: "s3cret" } };
    const annotations = { "workers/message": "a key" };
    const told = await room.ask("PATCH", path, { env, annotations });
    expect(told).toMatchObject({
      id: room.workers.get("shop").versions[0]?.id,
      number: 3,
      compatibility_date: "2026-02-02",
      annotations: { "workers/message": "a key", "workers/triggered_by": "secret" },
    });
    expect(JSON.stringify(told)).not.toContain("s3cret");
    expect(room.workers.get("shop").deployments).toHaveLength(1);
    await room.ask("PATCH", path, { env: { KEY: null } });
    expect(Object.keys(bound(room.workers))).toEqual(["DB"]);
    expect(await room.refusal("PATCH", path, { env: { DB: null } })).toMatchObject({
      codes: [10053],
    });
  });
});

describe("deploying an old version", () => {
  test("fails with 10220 and the names of the changed secrets, and succeeds with ?force=true", async () => {
    const room = workersFixture();
    const first = await room.put();
    await secret(room, "KEY", "one");
    await secret(room, "ALSO", "two");
    const body = deploymentOf({ [first]: 100 });
    const { status, codes, messages } = await room.refusal("POST", `${SCRIPT}/deployments`, body);
    expect({ status, codes }).toEqual({ status: 400, codes: [10220] });
    expect(messages[0]).toMatch(/ The following secrets have changed: ALSO, KEY$/);
    await room.deploy({ [first]: 100 }, "?force=true");
    expect(room.workers.get("shop").deployments[0]?.versions[0]?.version_id).toBe(first);
  });

  test("fails with 10220 if the text of a secret differs, and succeeds if it was set to the same text", async () => {
    const room = workersFixture();
    await room.put();
    await secret(room, "KEY", "one");
    const one = room.workers.get("shop").versions[0]?.id ?? "";
    await room.deploy({ [await room.upload()]: 100 });
    await room.deploy({ [one]: 100 });
    await room.deploy({ [room.workers.get("shop").versions[0]?.id ?? ""]: 100 });
    await secret(room, "KEY", "two");
    const body = deploymentOf({ [one]: 100 });
    expect(await room.refusal("POST", `${SCRIPT}/deployments`, body)).toMatchObject({
      codes: [10220],
    });
  });

  test("fails with 10220 if its secrets differ from those of the newest serving version", async () => {
    const room = workersFixture();
    const first = await room.put();
    const second = await room.upload();
    const env = { KEY: { type: "secret_text", text: "one" } };
    await room.ask("PATCH", "/workers/workers/shop/versions/latest", { env });
    const third = room.workers.get("shop").versions[0]?.id ?? "";
    await room.deploy({ [second]: 90, [third]: 10 });
    const body = deploymentOf({ [first]: 100 });
    expect(await room.refusal("POST", `${SCRIPT}/deployments`, body)).toMatchObject({
      codes: [10220],
    });
  });

  test("succeeds despite changed secrets if the version is newer or already serves", async () => {
    const room = workersFixture();
    const first = await room.put();
    const env = { KEY: { type: "secret_text", text: "one" } };
    await room.ask("PATCH", "/workers/workers/shop/versions/latest", { env });
    const second = room.workers.get("shop").versions[0]?.id ?? "";
    await room.deploy({ [second]: 10, [first]: 90 });
    await room.deploy({ [second]: 50, [first]: 50 });
    await room.deploy({ [second]: 100 });
    const body = deploymentOf({ [second]: 50, [first]: 50 });
    expect(await room.refusal("POST", `${SCRIPT}/deployments`, body)).toMatchObject({
      codes: [10220],
    });
  });
});

function secret(room: WorkersFixture, name: string, text: string): Promise<unknown> {
  return room.ask("PUT", `${SCRIPT}/secrets`, { name, text, type: "secret_text" });
}

function refusedSecret(
  room: WorkersFixture,
  name: string,
  text: string,
): ReturnType<WorkersFixture["refusal"]> {
  return room.refusal("PUT", `${SCRIPT}/secrets`, { name, text, type: "secret_text" });
}
