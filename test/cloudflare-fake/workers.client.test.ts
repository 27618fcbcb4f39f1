import CloudflareClient from "cloudflare";
import { expect, test } from "vitest";
import type { Cloudflare } from "../../fixtures/cloudflare/fake.ts";
import { workersRoutes } from "../../fixtures/cloudflare/workers/workers-routes.ts";
import { Workers } from "../../fixtures/cloudflare/workers/workers.ts";
import { fakeFixture, ID } from "./fake-fixture.ts";
import { form } from "./workers-fixture.ts";

const SHOP = "shop";

interface Access {
  readonly client: CloudflareClient;
  readonly cloudflare: Cloudflare;
  readonly workers: Workers;
  readonly account: { readonly account_id: string };
  /** Uploads a version over HTTP to a path below the Worker, and returns its id. */
  upload(path: "" | "/versions"): Promise<string>;
}

test("the official client reads and writes versions and deployments", async () => {
  const { client, cloudflare, account, upload } = await access();
  const { scripts } = client.workers;
  const first = await upload("");
  for (let i = 0; i < 11; i += 1) await upload("/versions");
  const numbers: (number | undefined)[] = [];
  for await (const { number } of scripts.versions.list(SHOP, account)) numbers.push(number);
  expect(numbers).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);

  const newest = await upload("/versions");
  expect(await scripts.versions.get(newest, { ...account, script_name: SHOP })).toMatchObject({
    number: 13,
    metadata: { source: "api" },
  });
  const versions = [
    { version_id: newest, percentage: 5 },
    { version_id: first, percentage: 95 },
  ];
  const made = await scripts.deployments.create(SHOP, {
    ...account,
    strategy: "percentage",
    versions,
    annotations: { "workers/message": "five of a hundred" },
  });
  expect(made).toMatchObject({ source: "api", strategy: "percentage", versions });
  const path = { ...account, script_name: SHOP };
  expect(await scripts.deployments.get(made.id, path)).toEqual(made);
  expect(await scripts.deployments.list(SHOP, account)).toMatchObject({
    result: { deployments: [made, {}] },
  });
  expect(new Set(cloudflare.operations())).toEqual(
    new Set([
      "workers.scripts.put",
      "workers.versions.upload",
      "workers.versions.list",
      "workers.versions.get",
      "workers.deployments.create",
      "workers.deployments.get",
      "workers.deployments.list",
    ]),
  );
});

test("the official client reads and writes secrets and settings", async () => {
  const { client, workers, account, upload } = await access();
  const { scripts } = client.workers;
  await upload("");
  const secret = { name: "A KEY", type: "secret_text", text: "s3cret" } as const;
  await scripts.secrets.update(SHOP, { ...account, ...secret });
  const names: string[] = [];
  for await (const { name } of scripts.secrets.list(SHOP, account)) names.push(name);
  expect(names).toEqual(["A KEY"]);
  await scripts.secrets.delete("A KEY", { ...account, script_name: SHOP, url_encoded: true });
  expect(workers.get(SHOP).versions).toHaveLength(3);
  await scripts.settings.edit(SHOP, { ...account, tags: ["team"] });
  expect(await scripts.scriptAndVersionSettings.get(SHOP, account)).toMatchObject({
    bindings: [{ name: "DB", type: "d1", database_id: ID }],
    tags: ["team"],
  });
});

test("the official client receives the errors", async () => {
  const { client, cloudflare, account, upload } = await access();
  const { scripts } = client.workers;
  await expect(scripts.versions.list(SHOP, account)).rejects.toMatchObject({
    status: 404,
    errors: [{ code: 10007 }],
  });
  const id = await upload("");
  const versions = [{ version_id: id, percentage: 50 }];
  const half = scripts.deployments.create(SHOP, { ...account, strategy: "percentage", versions });
  await expect(half).rejects.toMatchObject({ status: 400 });
  cloudflare.tokens.add("reader", { workers: "read" });
  const reader = client.withOptions({ apiToken: "reader" });
  await expect(
    reader.workers.scripts.settings.edit(SHOP, { ...account, tags: [] }),
  ).rejects.toMatchObject({ status: 403, errors: [{ code: 10000 }] });
});

async function access(): Promise<Access> {
  const workers = new Workers();
  const routes = workersRoutes({ workers, databaseExists: (id) => id === ID });
  const { cloudflare } = await fakeFixture({ routes });
  const { apiBaseUrl: baseURL, token: apiToken, account } = cloudflare;
  return {
    client: new CloudflareClient({ apiToken, baseURL, maxRetries: 0 }),
    cloudflare,
    workers,
    account: { account_id: account },
    async upload(path) {
      const url = `${baseURL}/accounts/${account}/workers/scripts/${SHOP}${path}`;
      const headers = { authorization: `Bearer ${apiToken}` };
      const method = path === "" ? "PUT" : "POST";
      const request = new Request(url, { method, headers, body: form() });
      const { ok } = await fetch(request);
      const [version] = workers.get(SHOP).versions;
      if (!ok || version === undefined) throw new Error("The upload failed.");
      return version.id;
    },
  };
}
