import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished, vi } from "vitest";
import {
  type Cloudflare,
  type CloudflareOptions,
  type RemoteDatabase,
  startCloudflare,
} from "../../fixtures/cloudflare/fake.ts";

export const ID = "11111111-2222-3333-4444-555555555555";

/** An answer with its envelope unchanged. */
export interface FakeResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Envelope;
}

interface Envelope {
  readonly success: boolean;
  readonly errors: { code: number; message: string }[];
  readonly messages: unknown[];
  readonly result: unknown;
  readonly result_info?: unknown;
}

export interface FakeFixture {
  readonly cloudflare: Cloudflare;
  readonly database: RemoteDatabase;
  /** A request with a token that has all permissions; `path` is below the account. */
  ask(method: string, path: string, body?: unknown, token?: string): Promise<FakeResponse>;
  /** A request for the database; `path` is below it. */
  d1(method: string, path: string, body?: unknown): Promise<FakeResponse>;
  query(sql: string, params?: readonly unknown[]): Promise<FakeResponse>;
}

/** A fake with one database `shop-db`, closed when the test ends. */
export async function fakeFixture(options: CloudflareOptions = {}): Promise<FakeFixture> {
  const cloudflare = await startCloudflare({ ...options, pace: { pollMs: 1, ...options.pace } });
  onTestFinished(() => cloudflare.close());
  const database = cloudflare.createDatabase({ name: "shop-db", id: ID });
  const ask: FakeFixture["ask"] = async (method, path, body, token = cloudflare.token) => {
    const root = path.startsWith("//") ? path.slice(1) : `/accounts/${cloudflare.account}${path}`;
    const response = await fetch(cloudflare.apiBaseUrl + root, {
      method,
      headers: token === "" ? {} : { authorization: `Bearer ${token}` },
      ...(body === undefined
        ? {}
        : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const { status, headers } = response;
    return { status, headers, body: (await response.json()) as Envelope };
  };
  const d1: FakeFixture["d1"] = (method, path, body) =>
    ask(method, `/d1/database/${ID}${path}`, body);
  const query: FakeFixture["query"] = (sql, params) =>
    d1("POST", "/query", params === undefined ? { sql } : { sql, params });
  return { cloudflare, database, ask, d1, query };
}

/** The rows of each statement. */
export function rowsOf({ body }: FakeResponse): unknown[] {
  if (!body.success) throw new Error(JSON.stringify(body.errors));
  return (body.result as { results: unknown }[]).map(({ results }) => results);
}

/** Directs the wrangler that `test/project.ts` starts to this fake, with a home folder of its own. */
export function pointWranglerTo(cloudflare: Cloudflare): void {
  const home = mkdtempSync(join(tmpdir(), "d1ops-home-"));
  const places = {
    HOME: home,
    XDG_CONFIG_HOME: join(home, "config"),
    WRANGLER_LOG_PATH: join(home, "logs"),
    WRANGLER_CACHE_DIR: join(home, "cache"),
    WRANGLER_REGISTRY_PATH: join(home, "registry"),
  };
  for (const [name, value] of Object.entries({ ...cloudflare.variables(), ...places })) {
    vi.stubEnv(name, value);
  }
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(home, { recursive: true, force: true });
  });
}
