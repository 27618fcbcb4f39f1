import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, vi } from "vitest";
import type { CloudflareOptions, Trouble } from "../../fixtures/cloudflare/fake.ts";
import { type ApiOptions, connectApi } from "../../src/cloudflare/api.ts";
import type { Clock } from "../../src/failure/clock.ts";
import { type RemoteD1, remoteD1 } from "../../src/cloudflare/d1.ts";
import { makeRequestRate } from "../../src/cloudflare/request-rate.ts";
import type { ErrorCode } from "../../src/error-codes.ts";
import { OpsError } from "../../src/report/error.ts";
import { fakeFixture, type FakeFixture, ID } from "../cloudflare-fake/fake-fixture.ts";

export interface RemoteFixture extends FakeFixture {
  readonly remote: RemoteD1;
  readonly clock: Clock & { readonly slept: number[] };
  /** The one number that a query returns, read from the file. */
  count(sql: string): number;
}

/** A fake Cloudflare and a client with a clock that does not wait: its time is the sum of all sleeps. */
export async function remoteFixture(
  options: CloudflareOptions = {},
  api: Partial<ApiOptions> = {},
): Promise<RemoteFixture> {
  const home = await fakeFixture(options);
  const clock = clockOf();
  const remote = remoteD1(
    connectApi({
      credentials: { kind: "token", token: home.cloudflare.token, source: "test" },
      baseUrl: home.cloudflare.apiBaseUrl,
      userAgent: "d1ops/test",
      clock,
      rate: makeRequestRate({ clock }),
      ...api,
    }),
    home.cloudflare.account,
    ID,
  );
  const count = (sql: string): number => {
    using db = home.database.open();
    return Number(Object.values(db.prepare(sql).get() ?? {})[0]);
  };
  return { ...home, remote, clock, count };
}

function clockOf(): RemoteFixture["clock"] {
  let time = 0;
  const slept: number[] = [];
  return {
    slept,
    now: () => time,
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      time += ms;
      slept.push(ms);
      // Lets other tasks and the fake's own clock continue.
      await new Promise((resolve) => setTimeout(resolve, 1));
    },
    random: () => 0.5,
  };
}

/** Lets the time of the fake follow the clock of the client, so that a test waits for the fake without real time. */
export function followClock({ cloudflare, clock }: RemoteFixture): void {
  const begin = Date.now();
  vi.useFakeTimers({ toFake: ["Date"], now: begin });
  onTestFinished(() => void vi.useRealTimers());
  cloudflare.onRequest = () => {
    vi.setSystemTime(begin + clock.now());
    return null;
  };
}

/** Faults that can happen to a request. */
export const TROUBLES: readonly Trouble[] = [
  { kind: "cut", when: "before" },
  { kind: "cut", when: "after" },
  { kind: "cut", when: "middle" },
  { kind: "status", status: 429, headers: { "Retry-After": "3" } },
  { kind: "html", status: 504, when: "after" },
  { kind: "internal error", when: "before" },
  { kind: "internal error", when: "after" },
  { kind: "malformed", when: "before" },
  { kind: "malformed", when: "after" },
  { kind: "malformed", body: '{"success":true,"errors":[],"messages":[],"result":null}' },
  { kind: "refusal" },
];

export const nameOf = (trouble: Trouble): string => JSON.stringify(trouble);

/** The OpsError, or the result. */
export async function outcomeOf<T>(work: Promise<T>): Promise<T | OpsError> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof OpsError) return error;
    throw error;
  }
}

export function expectError(outcome: unknown, code: ErrorCode, message?: RegExp): void {
  expect(outcome).toBeInstanceOf(OpsError);
  expect((outcome as OpsError).code).toBe(code);
  if (message !== undefined) expect((outcome as OpsError).message).toMatch(message);
}

export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "d1ops-transfer-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
