import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { onlyAccount } from "../../src/cloudflare/account.ts";
import { type Api, connectApi } from "../../src/cloudflare/api.ts";
import type { Credentials } from "../../src/cloudflare/credentials.ts";
import { type RemoteD1, remoteD1 } from "../../src/cloudflare/d1.ts";
import { download } from "../../src/cloudflare/download.ts";
import { remoteRows } from "../../src/cloudflare/dump-flaws.ts";
import { exportDatabase } from "../../src/cloudflare/export.ts";
import { importDatabase } from "../../src/cloudflare/import.ts";
import { makeRequestRate } from "../../src/cloudflare/request-rate.ts";
import type { Effect } from "../../src/cloudflare/retry-policy.ts";
import { upload, readImportFile } from "../../src/cloudflare/upload.ts";
import { verifyToken } from "../../src/cloudflare/verify-token.ts";
import { openRemote } from "../../src/database/remote.ts";
import { folder, remoteFixture, outcomeOf } from "./remote-fixture.ts";
import { type Recorder, recorder } from "./recording-server.ts";
import { virtualClock } from "./virtual-clock.ts";
import { failureOf } from "./failure-of.ts";

const STATUSES = [301, 302, 303, 307, 308];
const KEY: Credentials = { kind: "key", key: "a-key", email: "a@example.com", source: "test" };
const TOKEN: Credentials = { kind: "token", token: "a-token", source: "test" };
/** Secrets that no other host may receive. */
const SECRETS = /a-key|a@example\.com|a-token|a-header|SELECT|INSERT/;

function connect(baseUrl: string, credentials: Credentials = KEY): Api {
  const clock = virtualClock();
  return connectApi({
    credentials,
    baseUrl,
    userAgent: "d1ops/test",
    headers: { "X-Proxy-Pass": "a-header" },
    clock,
    rate: makeRequestRate({ clock }),
  });
}

/** Two servers: the first answers every request with a redirect to `location`, the second with a success. */
async function redirecting(
  status: number,
  location: (first: string, second: string) => string,
  how: "http" | "https" = "http",
): Promise<{ readonly first: Recorder; readonly second: Recorder }> {
  const body = JSON.stringify({ success: true, result: [], errors: [], messages: [] });
  const second = await recorder(() => ({ status: 200, body }));
  const first = await recorder(
    ({ path }, origin) =>
      path.includes("elsewhere")
        ? { status: 200, body }
        : { status, headers: { Location: location(origin, second.origin) } },
    how,
  );
  return { first, second };
}

function send(api: Api, effect: Effect): Promise<unknown> {
  return remoteD1(api, "account", "database").raw(effect, [{ sql: "SELECT 1", params: [] }]);
}

describe("a call of the API", () => {
  const places: readonly (readonly [string, (first: string, second: string) => string])[] = [
    ["another origin", (_, second) => `${second}/elsewhere`],
    ["another origin without its scheme", (_, second) => second.slice("http:".length)],
    ["its own origin", (first) => `${first}/elsewhere`],
    ["a relative address", () => "/elsewhere"],
    ["a relative address beside it", () => "elsewhere?a=b"],
    ["another host name of the same machine", (first) => first.replace("127.0.0.1", "localhost")],
    ["an address with credentials", (_, second) => second.replace("//", "//user:secret@")],
    ["an address that is not http", () => "data:application/json,{}"],
    ["a malformed address", () => "http://["],
    ["an address that contains `timed-out`", (_, second) => `${second}/timed-out`],
  ];

  for (const [name, location] of places) {
    test.each(STATUSES)(`is sent once and does not follow HTTP %i to ${name}`, async (status) => {
      for (const effect of ["read", "write"] as const) {
        for (const credentials of [KEY, TOKEN]) {
          const { first, second } = await redirecting(status, location);
          const failure = await failureOf(send(connect(first.origin, credentials), effect));
          expect(failure).toMatchObject({
            status,
            kind: "unknown",
            redirect: { from: first.origin },
          });
          expect(failure.message).not.toContain("secret");
          expect(first.received).toHaveLength(1);
          expect(second.received).toEqual([]);
        }
      }
    });
  }

  test("does not follow a redirect from https to http", async () => {
    const plain = await recorder(() => ({ status: 200 }));
    const location = (): string => `${plain.origin}/`;
    const { first } = await redirecting(308, location, "https");
    const failure = await failureOf(send(connect(first.origin), "read"));
    expect(failure.redirect).toEqual({ from: first.origin, to: plain.origin });
    expect(first.received).toHaveLength(1);
    expect(plain.received).toEqual([]);
  });

  test.each(STATUSES)(
    "fails if HTTP %i has an envelope of success and no Location",
    async (status) => {
      const body = JSON.stringify({ success: true, result: [], errors: [], messages: [] });
      const first = await recorder(() => ({ status, body }));
      const failure = await failureOf(send(connect(first.origin), "read"));
      expect(failure).toMatchObject({
        kind: "unknown",
        status,
        message: expect.stringContaining(`an address that it does not name (HTTP ${status})`),
      });
      expect(first.received).toHaveLength(1);
    },
  );

  test("does not follow the Location of a successful answer", async () => {
    const body = JSON.stringify({ success: true, result: [] });
    const first = await recorder(() => ({ status: 201, headers: { Location: "/new" }, body }));
    expect(await send(connect(first.origin), "read")).toEqual([]);
    expect(first.received).toHaveLength(1);
  });
});

describe("the error of a redirected request", () => {
  const reads: readonly (readonly [string, (api: Api, remote: RemoteD1) => Promise<unknown>])[] = [
    ["a query", async (_, remote) => databaseOf(remote).prepare("SELECT 1").all()],
    ["a bookmark", async (_, remote) => remote.bookmark()],
    ["the accounts", async (api) => onlyAccount(api)],
    ["the flaws of a dump", async (_, remote) => remoteRows(remote)(["SELECT 1"])],
    ["an export", async (_, remote) => exportDatabase(remote)],
    ["an import", async (_, remote) => importDatabase(remote, sqlFile())],
  ];

  test.each(reads)(
    "is REDIRECT_REFUSED and names both hosts if it is a read: %s",
    async (_, read) => {
      for (const status of STATUSES) {
        const { first, second } = await redirecting(status, (__, other) => other);
        const api = connect(first.origin);
        const error = await outcomeOf(read(api, remoteD1(api, "account", "database")));
        expect(error).toMatchObject({
          code: "REDIRECT_REFUSED",
          details: { from: first.origin, to: second.origin, status },
          message: expect.stringContaining(
            `${first.origin} redirected the request to ${second.origin}`,
          ),
        });
        expect(second.received).toEqual([]);
      }
    },
  );

  test("is OUTCOME_UNKNOWN and names both hosts if it is a write", async () => {
    const { first, second } = await redirecting(307, (_, other) => other);
    const remote = remoteD1(connect(first.origin), "account", "database");
    const error = await outcomeOf(databaseOf(remote).prepare("INSERT INTO t VALUES(1)").run());
    expect(error).toMatchObject({
      code: "OUTCOME_UNKNOWN",
      details: { status: 307 },
      message: expect.stringContaining(
        `${first.origin} redirected the request to ${second.origin}`,
      ),
    });
    expect(first.received).toHaveLength(1);
    expect(second.received).toEqual([]);
  });

  test("is the redirect, and does not report the token as invalid", async () => {
    for (const credentials of [KEY, TOKEN]) {
      const { first, second } = await redirecting(302, (_, other) => other);
      const failure = await failureOf(verifyToken(connect(first.origin, credentials), "account"));
      expect(failure.redirect).toEqual({ from: first.origin, to: second.origin });
    }
  });
});

function databaseOf(remote: RemoteD1): ReturnType<typeof openRemote>["d1"] {
  const target = { place: "remote", database: "shop-db", id: "database", env: null } as const;
  return openRemote(remote, target, { mode: "write" }).d1;
}

const SQL = "INSERT INTO t VALUES(1);";

function sqlFile(): string {
  const path = join(folder(), "file.sql");
  writeFileSync(path, SQL);
  return path;
}

describe("a transfer with a signed address", () => {
  test.each(STATUSES)("fails if HTTP %i redirects a download to another origin", async (status) => {
    const home = await remoteFixture();
    const exported = await exportDatabase(home.remote);
    const other = await recorder(() => ({ status: 200, body: "CREATE TABLE stolen(a);" }));
    const storage = await recorder(() => ({
      status,
      headers: { Location: `${other.origin}/x` },
    }));
    const url = `${storage.origin}/signed?signature=s`;
    const into = new PassThrough().resume();
    const error = await outcomeOf(download(home.remote, { ...exported, url }, into));
    expect(error).toMatchObject({
      code: "REDIRECT_REFUSED",
      details: { from: storage.origin, to: other.origin, status },
    });
    expect(storage.received).toHaveLength(1);
    expect(other.received).toEqual([]);
  });

  test.each(STATUSES)("fails if HTTP %i redirects an upload to another origin", async (status) => {
    const home = await remoteFixture();
    const other = await recorder(() => ({ status: 200 }));
    const storage = await recorder(() => ({
      status,
      headers: { Location: `${other.origin}/x` },
    }));
    const file = await readImportFile(sqlFile());
    const error = await outcomeOf(upload(home.remote, `${storage.origin}/signed`, file));
    expect(error).toMatchObject({
      code: "REDIRECT_REFUSED",
      details: { from: storage.origin, to: other.origin, status },
    });
    expect(storage.received).toHaveLength(1);
    expect(other.received).toEqual([]);
  });

  test.each(STATUSES)("follows HTTP %i of a download within its origin", async (status) => {
    const home = await remoteFixture();
    const exported = await exportDatabase(home.remote);
    const storage = await recorder(({ path }) =>
      path === "/moved"
        ? { status: 200, body: SQL }
        : { status, headers: { Location: path === "/signed" ? "again" : "/moved" } },
    );
    const into = new PassThrough();
    const url = `${storage.origin}/signed`;
    const [sql] = await Promise.all([
      text(into),
      download(home.remote, { ...exported, url }, into),
    ]);
    expect(sql).toBe(SQL);
    expect(storage.received.map(({ path }) => path)).toEqual(["/signed", "/again", "/moved"]);
    expect(JSON.stringify(storage.received)).not.toContain(home.cloudflare.token);
  });

  test("follows a redirect of an upload within its origin and sends the whole file each time", async () => {
    const home = await remoteFixture();
    const file = await readImportFile(sqlFile());
    const storage = await recorder(({ path }) =>
      path === "/moved"
        ? { status: 200, headers: { etag: `"${file.md5}"` } }
        : { status: 307, headers: { Location: "/moved" } },
    );
    expect(await upload(home.remote, `${storage.origin}/signed`, file)).toBe(true);
    expect(storage.received.map(({ method, path, body }) => [method, path, body])).toEqual([
      ["PUT", "/signed", SQL],
      ["PUT", "/moved", SQL],
    ]);
  });

  test("fails if its redirects never end", async () => {
    const home = await remoteFixture();
    const exported = await exportDatabase(home.remote);
    const storage = await recorder(() => ({ status: 302, headers: { Location: "/again" } }));
    const url = `${storage.origin}/signed`;
    const into = new PassThrough().resume();
    const error = await outcomeOf(download(home.remote, { ...exported, url }, into));
    expect(error).toMatchObject({
      code: "REDIRECT_REFUSED",
      details: { from: storage.origin, to: storage.origin },
    });
  });

  test("removes a user name from an address within its origin", async () => {
    const home = await remoteFixture();
    const exported = await exportDatabase(home.remote);
    const file = await readImportFile(sqlFile());
    const storage = await recorder(({ path }, origin) =>
      path === "/moved"
        ? { status: 200, headers: { etag: `"${file.md5}"` }, body: SQL }
        : { status: 307, headers: { Location: `${origin.replace("//", "//user:secret@")}/moved` } },
    );
    const url = `${storage.origin}/signed`;
    await download(home.remote, { ...exported, url }, new PassThrough().resume());
    expect(await upload(home.remote, url, file)).toBe(true);
    expect(storage.received).toHaveLength(4);
    expect(JSON.stringify(storage.received)).not.toContain("authorization");
  });

  test("fails if it is redirected to a blob of its own origin", async () => {
    const home = await remoteFixture();
    const storage = await recorder((_, origin) => ({
      status: 307,
      headers: { Location: `blob:${origin}/x` },
    }));
    const file = await readImportFile(sqlFile());
    const error = await outcomeOf(upload(home.remote, `${storage.origin}/signed`, file));
    expect(error).toMatchObject({
      code: "REDIRECT_REFUSED",
      details: { from: storage.origin, to: "blob:" },
    });
    expect(storage.received).toHaveLength(1);
  });

  test("fails if it is redirected from https to http", async () => {
    const home = await remoteFixture();
    const plain = await recorder(() => ({ status: 200 }));
    const location = plain.origin;
    const storage = await recorder(
      () => ({ status: 307, headers: { Location: location } }),
      "https",
    );
    const file = await readImportFile(sqlFile());
    const error = await outcomeOf(upload(home.remote, `${storage.origin}/signed`, file));
    expect(error).toMatchObject({
      code: "REDIRECT_REFUSED",
      details: { from: storage.origin, to: plain.origin },
    });
    expect(plain.received).toEqual([]);
  });
});

test("the redirected requests contain the secrets that the other host must not receive", async () => {
  const { first } = await redirecting(307, (_, other) => other);
  await failureOf(send(connect(first.origin), "read"));
  expect(JSON.stringify(first.received)).toMatch(SECRETS);
});
