import { describe, expect, test } from "vitest";
import { BASE } from "../../src/worker/routes.ts";
import { type Ask, as, ASSISTANT, begin, BUSINESS, pathOf, prepare, problemIn } from "./client.ts";
import { playWholeTenant } from "./whole-tenant.ts";

/** The routes from end to end. Each test has tenants of its own, so that one database serves all of them. */
export function playScenario(askOf: () => Ask | Promise<Ask>): void {
  test("onboards a tenant, and each step returns its documented body", async () => {
    const ask = await askOf();
    const headers = as("shape");
    const started = await ask("POST", `${BASE}/start`, { headers, body: {} });
    expect(started.status).toBe(201);
    const begun = (await started.json()) as { session_id: string };
    const session = begun.session_id;
    expect(begun).toEqual({
      success: true,
      session_id: expect.stringMatching(/^onb_[0-9a-f]{32}$/),
      tenant_id: "shape",
    });
    const step = async (name: string, body: unknown): Promise<unknown> => {
      const answer = await ask("POST", pathOf(session, name), { headers, body });
      return { status: answer.status, ...((await answer.json()) as object) };
    };
    expect(await step("business", { ...BUSINESS, phone: "06 39 98 10 01" })).toEqual({
      status: 200,
      success: true,
      message: expect.any(String),
      next_step: 3,
    });
    expect(await step("agents/auto-generate", undefined)).toEqual({
      status: 200,
      success: true,
      agents_created: 1,
      next_step: 4,
    });
    expect(
      await step("assistant", { agent_type: "multi_purpose", agent_name: "Léa", voice: "male" }),
    ).toEqual({
      status: 200,
      success: true,
      message: expect.any(String),
      config: {
        agent_name: "Léa",
        agent_type: "multi_purpose",
        voice: "male",
        phone_mapped: true,
      },
      next_step: 5,
    });
    expect(
      await step("knowledge", {
        documents: [{ title: "Horaires", source_type: "text", content: "De 9 h à 18 h." }],
      }),
    ).toEqual({
      status: 200,
      success: true,
      message: expect.any(String),
      documents_created: 1,
      next_step: 6,
    });
    expect(await step("complete", undefined)).toEqual({
      status: 200,
      success: true,
      message: expect.any(String),
      duration_seconds: expect.any(Number),
      duration_minutes: expect.any(Number),
    });
    const answer = await ask("GET", pathOf(session, "status"), { headers });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      success: true,
      session: {
        id: session,
        current_step: 6,
        status: "completed",
        company_name: BUSINESS.company_name,
        phone: "+33639981001",
        phone_mapped: true,
        voice: "male",
        agents: 1,
        documents: 1,
      },
    });
  });

  describe("POST /tenant", () => playWholeTenant(askOf));

  test("lists the agent types without credentials", async () => {
    const answer = await (await askOf())("GET", `${BASE}/agent-types`);
    expect(answer.status).toBe(200);
    const { agent_types } = (await answer.json()) as { agent_types: { id: string }[] };
    expect(agent_types.map(({ id }) => id)).toContain("multi_purpose");
    expect(agent_types.map(({ id }) => id)).not.toContain("phone_reception");
  });

  test("returns 201 and then 200 with the same session if start is repeated", async () => {
    const ask = await askOf();
    const start = (headers: Record<string, string>): Promise<Response> =>
      ask("POST", `${BASE}/start`, { headers });
    const answers = [
      await start(as("twice")),
      await start(as("twice")),
      await start({ ...as("twice"), "idempotency-key": "k-1" }),
      await start({ ...as("twice"), "idempotency-key": "k-1" }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([201, 200, 201, 200]);
    const ids = await Promise.all(
      answers.map(async (one) => ((await one.json()) as { session_id: string }).session_id),
    );
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[0]);
    expect(ids[3]).toBe(ids[2]);
  });

  test.each([
    ["business", { ...BUSINESS, phone: "+33639981002" }],
    ["agents/auto-generate", {}],
    ["assistant", ASSISTANT],
    ["knowledge", { documents: [{ title: "a", content: "b" }] }],
    ["complete", {}],
  ])("returns the same for a repeated %s, and does not change the session", async (step, body) => {
    const ask = await askOf();
    const headers = as(`again-${step.replace("/", "-")}`);
    const session = await prepare(ask, headers);
    const send = async (): Promise<unknown> => {
      const answer = await ask("POST", pathOf(session, step), { headers, body });
      return [answer.status, await answer.text()];
    };
    const stand = async (): Promise<string> =>
      (await ask("GET", pathOf(session, "status"), { headers })).text();
    const first = await send();
    const after = await stand();
    expect(first).toMatchObject([200, expect.any(String)]);
    expect(await send()).toEqual(first);
    expect(await stand()).toBe(after);
  });

  test("returns 409 with the missing steps if a step comes too early", async () => {
    const ask = await askOf();
    const headers = as("order");
    const session = await begin(ask, headers);
    const answer = await ask("POST", pathOf(session, "complete"), { headers });
    expect(answer.status).toBe(409);
    expect(await problemIn(answer)).toMatchObject({
      type: "urn:d1ops:problem:onboarding-out-of-order",
      code: "ONBOARDING_OUT_OF_ORDER",
      missing: ["business", "agents", "assistant", "knowledge"],
    });
  });

  test("rejects a step of a completed session", async () => {
    const ask = await askOf();
    const headers = as("over");
    const session = await prepare(ask, headers);
    await ask("POST", pathOf(session, "complete"), { headers });
    const answer = await ask("POST", pathOf(session, "business"), { headers, body: BUSINESS });
    expect(answer.status).toBe(409);
    expect(await problemIn(answer)).toMatchObject({ reason: "session-completed" });
  });

  test("returns 409 for the number of another tenant in any spelling", async () => {
    const ask = await askOf();
    await prepare(ask, as("first"), { ...BUSINESS, phone: "+33 6 39 98 10 03" });
    const headers = as("second");
    const session = await begin(ask, headers);
    for (const phone of [
      "0639981003",
      "00 33 6 39 98 10 03",
      "０６３９９８１００３",
      "+33(0)639981003",
    ]) {
      const body = { ...BUSINESS, phone };
      const answer = await ask("POST", pathOf(session, "business"), { headers, body });
      expect([phone, answer.status]).toEqual([phone, 409]);
      expect(await problemIn(answer)).toMatchObject({ reason: "number-taken" });
    }
  });

  test("reports all problems of an input together", async () => {
    const ask = await askOf();
    const headers = as("wrong");
    const session = await begin(ask, headers);
    const body = { industry: "Retail!", phone: "06", more: 1 };
    const answer = await ask("POST", pathOf(session, "business"), { headers, body });
    expect(answer.status).toBe(422);
    const { problems = [] } = await problemIn(answer);
    expect(problems.map(({ path }) => path).sort()).toEqual(
      expect.arrayContaining(["company_name", "industry", "phone"]),
    );
  });

  test("begins one session if 50 starts arrive at the same time", async () => {
    const ask = await askOf();
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => ask("POST", `${BASE}/start`, { headers: as("crowd") })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([
      ...Array.from({ length: 49 }, () => 200),
      201,
    ]);
    const ids = await Promise.all(answers.map((one) => one.json() as Promise<object>));
    expect(new Set(ids.map((one) => JSON.stringify(one))).size).toBe(1);
  });

  test("begins ten sessions if 50 starts with ten keys arrive at the same time", async () => {
    const ask = await askOf();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        ask("POST", `${BASE}/start`, {
          headers: { ...as("keys"), "idempotency-key": `key-${i % 10}` },
        }),
      ),
    );
    const ids = await Promise.all(
      answers.map(async (one) => ((await one.json()) as { session_id: string }).session_id),
    );
    expect(new Set(ids).size).toBe(10);
    for (const [i, id] of ids.entries()) expect(id).toBe(ids[i % 10]);
  });

  test("gives a number to one of ten tenants that claim it at the same time", async () => {
    const ask = await askOf();
    const tenants = Array.from({ length: 10 }, (_, i) => as(`claim-${i}`));
    const sessions = await Promise.all(tenants.map((headers) => begin(ask, headers)));
    const answers = await Promise.all(
      tenants.map((headers, i) =>
        ask("POST", pathOf(sessions[i] ?? "", "business"), {
          headers,
          body: { ...BUSINESS, phone: "06 39 98 10 04" },
        }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([
      200,
      ...Array.from({ length: 9 }, () => 409),
    ]);
  });
}
