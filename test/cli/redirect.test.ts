import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type Cloudflare, startCloudflare } from "../../fixtures/cloudflare/fake.ts";
import { recorder } from "../cloudflare/recording-server.ts";
import {
  countingMigrations,
  makeRemoteProject,
  type RemoteProject,
  contentsOf,
} from "../project/remote.ts";
import { d1ops, d1opsBuilt, errorOf, reportOf, type Run } from "../project.ts";

/** Redirects by a server between d1ops and Cloudflare. */

let cloudflare: Cloudflare;

beforeAll(async () => {
  cloudflare = await startCloudflare({ timeTravel: "bookmarks only" });
});
afterAll(() => cloudflare.close());

function remote(
  project: RemoteProject,
  line: string,
  more: Record<string, string>,
  start = d1ops,
): Promise<Run> {
  const { CLOUDFLARE_API_TOKEN: _, ...variables } = cloudflare.variables();
  return start(project, line.split(" "), {
    env: {
      PATH: process.env["PATH"],
      HOME: "/nonexistent",
      ...variables,
      CLOUDFLARE_API_KEY: "a-key",
      CLOUDFLARE_EMAIL: "a@example.com",
      CLOUDFLARE_API_HEADERS: '{"X-Proxy-Pass":"a-header"}',
      ...more,
    },
  });
}

describe.each([301, 302, 303, 307, 308])("HTTP %i to another host", (status) => {
  test.each([
    "migrate status --remote --json",
    "migrate plan --remote --json",
    "migrate apply --remote --yes --json",
    "migrate verify --remote --json",
    "migrate lock --remote --json",
    "backfill list --remote --json",
  ])(
    "makes %s exit with 6 and name both hosts, and nothing is sent to the other host",
    async (line) => {
      const project = makeRemoteProject(cloudflare, countingMigrations(2));
      const other = await recorder(() => ({ status: 200 }));
      const first = await recorder(() => ({ status, headers: { Location: `${other.origin}/x` } }));
      const run = await remote(project, line, { CLOUDFLARE_API_BASE_URL: first.origin });
      expect(run.code, run.stderr).toBe(6);
      expect(errorOf(run)).toMatchObject({
        code: "REDIRECT_REFUSED",
        details: { from: first.origin, to: other.origin, status },
        message: expect.stringContaining(other.origin),
        hint: expect.stringContaining("CLOUDFLARE_API_BASE_URL"),
      });
      expect(first.received.length).toBeGreaterThan(0);
      expect(other.received).toEqual([]);
    },
  );
});

test.each(["doctor", "status"])(
  "%s reports a redirect and does not report the credentials as valid or invalid",
  async (verb) => {
    const project = makeRemoteProject(cloudflare, countingMigrations(1));
    const other = await recorder(() => ({ status: 200 }));
    const first = await recorder(() => ({ status: 302, headers: { Location: other.origin } }));
    const run = await remote(project, `${verb} --remote --json`, {
      CLOUDFLARE_API_BASE_URL: first.origin,
    });
    expect(run.code).toBe(1);
    const rules = reportOf(run).findings.map(({ rule }) => rule);
    expect(rules).toContain("REDIRECT_REFUSED");
    expect(rules).not.toContain("CREDENTIALS_REFUSED");
    expect(other.received).toEqual([]);
  },
);

describe("a write that is redirected", () => {
  const token = { CLOUDFLARE_API_KEY: "", CLOUDFLARE_EMAIL: "" };

  test.each(["before", "after"] as const)(
    "runs once, because d1ops reads the ledger: the redirect comes %s D1 executes it",
    async (when) => {
      const project = makeRemoteProject(cloudflare, countingMigrations(3));
      const other = await recorder(() => ({ status: 200 }));
      cloudflare.order({
        kind: "status",
        status: 307,
        headers: { Location: other.origin },
        when,
        sql: /CREATE TABLE t2/,
      });
      const run = await remote(project, "migrate apply --remote --yes --json", {
        ...token,
        CLOUDFLARE_API_TOKEN: cloudflare.token,
      });
      expect(run.code, run.stderr).toBe(0);
      expect(contentsOf(project.database)).toMatchObject({ counter: 3, held: 0 });
      expect(other.received).toEqual([]);
    },
  );

  test("is OUTCOME_UNKNOWN if the ledger cannot be read either", async () => {
    const project = makeRemoteProject(cloudflare, countingMigrations(3));
    const other = await recorder(() => ({ status: 200 }));
    let from = Infinity;
    cloudflare.onRequest = (entry, n) => {
      if ((entry.sql ?? []).some((sql) => sql.includes("CREATE TABLE counter"))) from = n;
      const headers = { Location: other.origin };
      return n < from ? null : { kind: "status", status: 302, headers };
    };
    onTestFinished(() => {
      cloudflare.onRequest = null;
    });
    const run = await remote(project, "migrate apply --remote --yes --json", {
      ...token,
      CLOUDFLARE_API_TOKEN: cloudflare.token,
      D1OPS_LEASE_SECONDS: "1",
    });
    expect(run.code, run.stderr).toBe(6);
    expect(errorOf(run)).toMatchObject({
      code: "OUTCOME_UNKNOWN",
      message: expect.stringContaining(`redirected the request to ${other.origin}`),
    });
    expect(other.received).toEqual([]);
  });
});

describe("the proxy of the environment", () => {
  test("is used for every call", async () => {
    const targets: string[] = [];
    const proxy = createServer().on("connect", (request, client, head) => {
      const { hostname, port } = new URL(`http://${request.url}`);
      targets.push(`${hostname}:${port}`);
      const onward = connect(Number(port), hostname, () => {
        client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
        onward.write(head);
        onward.pipe(client).pipe(onward);
      });
      onward.on("error", () => client.destroy());
      client.on("error", () => onward.destroy());
    });
    proxy.listen(0, "127.0.0.1");
    await once(proxy, "listening");
    onTestFinished(() => {
      proxy.closeAllConnections();
      proxy.close();
    });
    const address = proxy.address();
    const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
    const project = makeRemoteProject(cloudflare, countingMigrations(2));
    const variables = {
      CLOUDFLARE_API_KEY: "",
      CLOUDFLARE_API_TOKEN: cloudflare.token,
      HTTP_PROXY: url,
      HTTPS_PROXY: url,
    };
    // A proxy applies to the whole process, so the test starts the built program.
    const line = "migrate apply --remote --yes --json";
    const run = await remote(project, line, variables, d1opsBuilt);
    expect(run.code, run.stderr).toBe(0);
    expect(contentsOf(project.database)).toMatchObject({ counter: 2 });
    expect(new Set(targets)).toEqual(new Set([new URL(cloudflare.apiBaseUrl).host]));
  });
});
