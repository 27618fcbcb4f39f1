import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Cloudflare } from "../../fixtures/cloudflare/fake.ts";
import { workersRoutes } from "../../fixtures/cloudflare/workers/workers-routes.ts";
import { Workers } from "../../fixtures/cloudflare/workers/workers.ts";
import { makeProject, type Project, ROOT, type Run, wranglerEnv } from "../project.ts";
import { fakeFixture, ID, pointWranglerTo } from "./fake-fixture.ts";

interface Site {
  readonly cloudflare: Cloudflare;
  readonly workers: Workers;
  readonly project: Project;
  /** Runs wrangler with an empty log, so that the log then has only its requests. */
  run(args: readonly string[], input?: string): Promise<Run>;
  /** The requests of the last run, without those of empty lists. */
  asked(): readonly string[];
}

const DEPLOY = [
  "services.get",
  "secrets.list",
  "deployments.list",
  "settings.get",
  "versions.upload",
  "deployments.create",
  "scriptSettings.edit",
  "workers.get",
  "subdomain.post",
];

test("wrangler deploys, uploads, splits, rolls back and deletes", async () => {
  const { cloudflare, workers, project, run, asked } = await workerProject();

  const first = await run(["deploy"]);
  expect(first).toMatchObject({ code: 0, stderr: "" });
  expect(first.stdout).toContain("https://shop.operator.workers.dev");
  expect(first.stdout).toMatch(/env\.DB.*D1 Database/s);
  expect(asked()).toEqual([
    "services.get",
    "secrets.list",
    "accountSubdomain.get",
    "deployments.list",
    "settings.get",
    "scripts.put",
    "workers.get",
    "subdomain.post",
  ]);
  const { versions, deployments } = workers.get("shop");
  const v1 = versions[0]?.id ?? "";
  expect(first.stdout).toContain(`Current Version ID: ${v1}`);
  expect(versions[0]?.bindings).toEqual([{ name: "DB", type: "d1", id: ID }]);

  project.write("src/index.js", worker("two"));
  const later = await run(["deploy", "--message", "the second"]);
  expect(later).toMatchObject({ code: 0, stderr: "" });
  expect(asked()).toEqual(DEPLOY);
  const v2 = versions[0]?.id ?? "";
  expect(later.stdout).toContain(`Current Version ID: ${v2}`);
  expect(deployments[0]).toMatchObject({
    source: "wrangler",
    versions: [{ version_id: v2, percentage: 100 }],
    annotations: { "workers/message": "the second" },
  });

  project.write("src/index.js", worker("three"));
  const uploaded = await run(["versions", "upload", "--tag", "v3", "--message", "the third"]);
  expect(uploaded).toMatchObject({ code: 0 });
  expect(asked()).toEqual(["services.get", "secrets.list", "settings.get", "versions.upload"]);
  const v3 = versions[0]?.id ?? "";
  expect(uploaded.stdout).toContain(`Worker Version ID: ${v3}`);
  expect(versions.map(({ number }) => number)).toEqual([3, 2, 1]);
  expect(deployments).toHaveLength(2);

  const split = await run(["versions", "deploy", `${v3}@10%`, `${v2}@90%`, "-y"]);
  expect(split).toMatchObject({ code: 0 });
  expect(split.stdout).toContain(`version ${v3} at 10% and version ${v2} at 90%`);
  // wrangler does not request a version again before the choice is confirmed.
  expect(asked()).toEqual([
    "deployments.list",
    "versions.get",
    "versions.get",
    "versions.get",
    "versions.get",
    "deployments.create",
    "services.get",
  ]);
  expect(deployments[0]?.versions).toEqual([
    { version_id: v3, percentage: 10 },
    { version_id: v2, percentage: 90 },
  ]);

  const status = await run(["deployments", "status"]);
  expect(status).toMatchObject({ code: 0 });
  expect(status.stdout).toMatch(new RegExp(`\\(10%\\) ${v3}.*v3.*the third.*\\(90%\\) ${v2}`, "s"));
  expect(asked()).toEqual(["deployments.list", "versions.get", "versions.get"]);

  const listed = await run(["deployments", "list"]);
  expect(listed).toMatchObject({ code: 0 });
  expect(listed.stdout.match(/\(\d+%\) [\da-f-]{36}/g)).toEqual([
    `(100%) ${v1}`,
    `(100%) ${v2}`,
    `(10%) ${v3}`,
    `(90%) ${v2}`,
  ]);
  expect(listed.stdout).toMatch(/Author: +operator@example\.com\nSource: +Unknown \(deployment\)/);

  const all = await run(["versions", "list"]);
  expect(all).toMatchObject({ code: 0 });
  expect(all.stdout.match(/[\da-f-]{36}/g)).toEqual([v1, v2, v3]);
  expect(asked()).toEqual(["versions.list"]);

  const viewed = await run(["versions", "view", v3]);
  expect(viewed).toMatchObject({ code: 0 });
  expect(viewed.stdout).toMatch(/Tag: +v3\nMessage: +the third/);
  expect(viewed.stdout).toMatch(/Handlers: +fetch\nCompatibility Date: +2025-06-01/);
  expect(viewed.stdout).toMatch(new RegExp(`env\\.DB \\(${ID}\\) +D1 Database`));

  // By default wrangler rolls back to the newest version with all traffic before the current deployment.
  const back = await run(["rollback", "-y", "--message", "too bad"]);
  expect(back).toMatchObject({ code: 0 });
  expect(back.stdout).toContain(`Worker Version ${v2} has been deployed to 100% of traffic`);
  expect(asked()).toEqual([
    "deployments.list",
    "versions.get",
    "versions.get",
    "deployments.list",
    "versions.get",
    "deployments.create",
  ]);
  expect(deployments[0]).toMatchObject({
    versions: [{ version_id: v2, percentage: 100 }],
    annotations: { "workers/message": "too bad" },
  });

  const deleted = await run(["delete"]);
  expect(deleted).toMatchObject({ code: 0 });
  expect(deleted.stdout).toContain("Successfully deleted shop");
  expect(asked()).toEqual([
    "references.get",
    "tails.byConsumer",
    "durableObjects.list",
    "services.delete",
    "kv.namespaces.list",
  ]);
  expect(workers.list()).toEqual([]);
  expect(cloudflare.log.filter(({ operation }) => operation === "unknown")).toEqual([]);
});

test("wrangler puts, lists and deletes secrets, and reports the error if it may not", async () => {
  const { workers, run, asked } = await workerProject();
  const created = await run(["secret", "put", "KEY"], "s3cret\n");
  expect(created).toMatchObject({ code: 0 });
  expect(asked()).toEqual(["secrets.put", "scripts.put", "secrets.put"]);

  await run(["deploy"]);
  const { versions, deployments } = workers.get("shop");
  const deployed = versions[0]?.id ?? "";
  // Bindings that the configuration does not name are kept.
  expect(versions[0]?.bindings).toContainEqual({
    name: "KEY",
    type: "secret_text",
    text: "s3cret",
  });

  expect(await run(["secret", "put", "KEY"], "other")).toMatchObject({ code: 0 });
  const told = await run(["secret", "list"]);
  expect(JSON.parse(told.stdout)).toEqual([{ name: "KEY", type: "secret_text" }]);

  const uploaded = await run(["versions", "secret", "put", "MORE"], "more");
  expect(uploaded).toMatchObject({ code: 0 });
  expect(asked()).toEqual(["versions.patchLatest"]);
  expect(deployments).toHaveLength(4);
  const refused = await run(["secret", "put", "KEY"], "third");
  expect(refused).toMatchObject({ code: 1 });
  expect(refused.stderr).toContain("the latest version of your Worker isn't currently deployed");

  await run(["versions", "deploy", `${versions[0]?.id ?? ""}@100%`, "-y"]);
  expect(await run(["secret", "delete", "MORE"])).toMatchObject({ code: 0 });
  expect(asked()).toEqual(["secrets.delete"]);

  const back = await run(["rollback", deployed, "-y"]);
  expect(back).toMatchObject({ code: 0 });
  expect(back.stdout).toMatch(/secrets have changed since version .* was deployed.*\* KEY\n/s);
  expect(asked().slice(-2)).toEqual(["deployments.create", "deployments.create"]);
  expect(deployments[0]?.versions).toEqual([{ version_id: deployed, percentage: 100 }]);
});

test("wrangler explains a missing database, and distinguishes a lost answer from a lost upload", async () => {
  const { cloudflare, workers, project, run, asked } = await workerProject();
  project.write("wrangler.jsonc", config("99999999-2222-3333-4444-555555555555"));
  const refused = await run(["deploy"]);
  expect(refused).toMatchObject({ code: 1 });
  expect(refused.stderr).toContain("You must use a real database in the database_id configuration");
  expect(workers.list()).toEqual([]);

  project.write("wrangler.jsonc", config(ID));
  await run(["deploy"]);
  const operation = "workers.versions.upload";
  cloudflare.order({ operation, kind: "status", status: 503, when: "after" });
  expect(await run(["deploy"])).toMatchObject({ code: 0 });
  expect(asked()).toEqual(DEPLOY.flatMap((one) => (operation.endsWith(one) ? [one, one] : [one])));
  const { versions, deployments } = workers.get("shop");
  expect(versions.map(({ number }) => number)).toEqual([3, 2, 1]);
  expect(deployments[0]?.versions).toEqual([{ version_id: versions[0]?.id, percentage: 100 }]);
});

async function workerProject(): Promise<Site> {
  const workers = new Workers();
  const routes = workersRoutes({
    workers,
    databaseExists: (id) => id === ID,
  });
  const { cloudflare } = await fakeFixture({ routes });
  pointWranglerTo(cloudflare);
  const project = makeProject({ "wrangler.jsonc": config(ID), "src/index.js": worker("one") });
  let from = 0;
  return {
    cloudflare,
    workers,
    project,
    run(args, input = "") {
      from = cloudflare.log.length;
      return wranglerWith(project, args, input);
    },
    asked: () =>
      cloudflare
        .operations()
        .slice(from)
        .map((operation) => operation.replace(/^workers\./, "")),
  };
}

function config(database: string): string {
  return JSON.stringify({
    name: "shop",
    main: "src/index.js",
    compatibility_date: "2025-06-01",
    workers_dev: true,
    preview_urls: false,
    d1_databases: [{ binding: "DB", database_name: "shop-db", database_id: database }],
  });
}

function worker(answer: string): string {
  return `export default { fetch: () => new Response(${JSON.stringify(answer)}) };\n`;
}

/** The real wrangler, with text on its standard input. */
async function wranglerWith(
  { dir }: Project,
  args: readonly string[],
  input: string,
): Promise<Run> {
  const file = join(ROOT, "node_modules/wrangler/bin/wrangler.js");
  const child = spawn(process.execPath, [file, ...args], { cwd: dir, env: wranglerEnv() });
  child.stdin.end(input);
  const { promise, resolve, reject } = Promise.withResolvers<Pick<Run, "code" | "signal">>();
  child.on("error", reject);
  child.on("close", (code, signal) => resolve({ code, signal }));
  const [stdout, stderr, end] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    promise,
  ]);
  return { ...end, stdout, stderr };
}
