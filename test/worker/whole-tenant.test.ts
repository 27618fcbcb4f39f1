import { describe, expect, test } from "vitest";
import type { D1Database, D1PreparedStatement, D1Result } from "../../src/database/port.ts";
import { parseInput } from "../../src/onboarding/input.ts";
import { cryptoRandom } from "../../src/onboarding/ports.ts";
import { digestOf, onboardWhole, wholeInput } from "../../src/onboarding/whole-tenant.ts";
import { as, problemIn } from "./client.ts";
import { everythingIn, openWorkerFixture } from "./worker-fixture.ts";
import { TENANT_PATH, wholeBody } from "./whole-tenant.ts";

const HEADERS = as("acme");
const BODY = wholeBody({ phone: "06 39 98 20 03" });

type Batch = <T>(d1: D1Database, statements: D1PreparedStatement[]) => Promise<D1Result<T>[]>;

/** A database whose batches go through `change`. */
function changed(change: Batch): (d1: D1Database) => D1Database {
  return (d1) => ({
    prepare: (query) => d1.prepare(query),
    exec: (query) => d1.exec(query),
    batch: <T>(statements: D1PreparedStatement[]) => change<T>(d1, statements),
  });
}

describe("POST /tenant", () => {
  test("writes nothing if any of its statements fails, and succeeds when it is sent again", async () => {
    let failing: number | null = 0;
    let sent = 0;
    const { ask, d1 } = await openWorkerFixture({
      around: changed(<T>(real: D1Database, statements: D1PreparedStatement[]) => {
        sent = statements.length;
        if (failing === null) return real.batch<T>(statements);
        return real.batch<T>(statements.with(failing, real.prepare("SELECT json('x')")));
      }),
    });
    const before = await everythingIn(d1);
    do {
      const answer = await ask("POST", TENANT_PATH, { headers: HEADERS, body: BODY });
      expect([failing, answer.status]).toEqual([failing, 500]);
      expect(await everythingIn(d1)).toEqual(before);
      failing += 1;
    } while (failing < sent);
    failing = null;
    expect((await ask("POST", TENANT_PATH, { headers: HEADERS, body: BODY })).status).toBe(201);
  });

  test("returns 201 if D1 commits the batch and its answer is lost", async () => {
    let batches = 0;
    const { ask } = await openWorkerFixture({
      around: changed(async <T>(real: D1Database, statements: D1PreparedStatement[]) => {
        const results = await real.batch<T>(statements);
        batches += 1;
        if (batches === 1) throw new Error("D1_ERROR: Network connection lost.");
        return results;
      }),
    });
    const answer = await ask("POST", TENANT_PATH, { headers: HEADERS, body: BODY });
    expect([batches, answer.status]).toEqual([1, 201]);
    expect(await answer.json()).toMatchObject({ session: { status: "completed", documents: 1 } });
  });

  test("sends one batch to D1 for a new tenant, and no other request", async () => {
    let requests = 0;
    const counted = (statement: D1PreparedStatement): D1PreparedStatement => {
      const bind = statement.bind.bind(statement);
      const all = statement.all.bind(statement);
      return Object.assign(statement, {
        bind: (...values: unknown[]) => counted(bind(...values)),
        all: <T>() => {
          requests += 1;
          return all<T>();
        },
      });
    };
    const { ask } = await openWorkerFixture({
      around: (d1) => ({
        prepare: (query) => counted(d1.prepare(query)),
        exec: (query) => d1.exec(query),
        batch: <T>(statements: D1PreparedStatement[]) => {
          requests += 1;
          return d1.batch<T>(statements);
        },
      }),
    });
    await ask("POST", TENANT_PATH, { headers: HEADERS, body: BODY });
    expect(requests).toBe(1);
  });

  test("returns 200 for the same tenant without a phone number, whether it is absent or null", async () => {
    const { ask } = await openWorkerFixture();
    const send = async (body: object): Promise<number> =>
      (await ask("POST", TENANT_PATH, { headers: HEADERS, body })).status;
    expect(await send(wholeBody())).toBe(201);
    expect(await send(wholeBody({ phone: null }))).toBe(200);
  });

  test("returns 200 for a tenant that `onboard run` has onboarded with the same data", async () => {
    const { ask, d1 } = await openWorkerFixture();
    const input = parseInput(wholeInput({}), { tenant: "acme", user: "acme-ada", ...BODY });
    const ports = { d1, now: () => new Date(0), random: cryptoRandom };
    expect(await onboardWhole(input, await digestOf(input), ports)).toBe("onboarded");
    expect((await ask("POST", TENANT_PATH, { headers: HEADERS, body: BODY })).status).toBe(200);
    const other = { headers: HEADERS, body: wholeBody() };
    expect(await problemIn(await ask("POST", TENANT_PATH, other))).toMatchObject({
      reason: "key-reused",
    });
  });
});
