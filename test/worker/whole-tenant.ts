import { expect, test } from "vitest";
import { BASE } from "../../src/worker/routes.ts";
import { type Ask, as, ASSISTANT, begin, BUSINESS, pathOf, prepare, problemIn } from "./client.ts";

export const TENANT_PATH = `${BASE}/tenant`;

const DOCUMENT = { title: "Horaires", content: "De 9 h à 18 h." };

/** The input of all steps; `business` replaces parts of that step. */
export function wholeBody(business: object = {}): object {
  return {
    business: { ...BUSINESS, ...business },
    assistant: { ...ASSISTANT, voice: "male" },
    knowledge: { documents: [DOCUMENT] },
  };
}

function onboard(ask: Ask, headers: Record<string, string>, body: unknown): Promise<Response> {
  return ask("POST", TENANT_PATH, { headers, body });
}

/** `POST /tenant`, from end to end. Each test has tenants of its own, so that one database serves all of them. */
export function playWholeTenant(askOf: () => Ask | Promise<Ask>): void {
  test("onboards a tenant in one request and returns the completed session", async () => {
    const ask = await askOf();
    const headers = as("whole");
    const answer = await onboard(ask, headers, wholeBody({ phone: "06 39 98 20 01" }));
    expect(answer.status).toBe(201);
    const body = (await answer.json()) as { session: { id: string } };
    expect(body).toMatchObject({
      success: true,
      session: {
        id: expect.stringMatching(/^onb_[0-9a-f]{32}$/),
        status: "completed",
        current_step: 6,
        company_name: BUSINESS.company_name,
        sector: "retail",
        phone: "+33639982001",
        phone_mapped: true,
        agents: 1,
        documents: 1,
        agent_name: ASSISTANT.agent_name,
        voice: "male",
      },
    });
    const status = await ask("GET", pathOf(body.session.id, "status"), { headers });
    expect(await status.json()).toEqual(body);
  });

  test("returns 200 and the same body for a repeated request", async () => {
    const ask = await askOf();
    const headers = { ...as("whole-twice"), "idempotency-key": "k-1" };
    const first = await onboard(ask, headers, wholeBody());
    const second = await onboard(ask, headers, wholeBody());
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(await second.text()).toBe(await first.text());
  });

  test("needs only the business and the assistant", async () => {
    const ask = await askOf();
    const { status } = await onboard(ask, as("whole-least"), {
      business: BUSINESS,
      assistant: ASSISTANT,
    });
    expect(status).toBe(201);
  });

  test("returns 409 key-reused for other input with the same key", async () => {
    const ask = await askOf();
    const headers = { ...as("whole-reused"), "idempotency-key": "k-1" };
    await onboard(ask, headers, wholeBody());
    const answer = await onboard(ask, headers, wholeBody({ company_name: "Another" }));
    expect(answer.status).toBe(409);
    expect(await problemIn(answer)).toMatchObject({
      code: "ONBOARDING_CONFLICT",
      reason: "key-reused",
    });
  });

  test("completes a tenant that is onboarded up to its last step, and adds no second agent", async () => {
    const ask = await askOf();
    const headers = as("whole-half");
    await prepare(ask, headers);
    const answer = await onboard(ask, headers, wholeBody({ company_name: "Later" }));
    expect(answer.status).toBe(201);
    expect(await answer.json()).toMatchObject({
      session: { status: "completed", company_name: "Later", agents: 1, documents: 1 },
    });
  });

  test("returns 409 key-reused for the key of a session that is in progress", async () => {
    const ask = await askOf();
    const headers = { ...as("whole-open"), "idempotency-key": "k-1" };
    const session = await begin(ask, headers);
    const answer = await onboard(ask, headers, wholeBody());
    expect(answer.status).toBe(409);
    expect(await problemIn(answer)).toMatchObject({ reason: "key-reused" });
    const status = await ask("GET", pathOf(session, "status"), { headers });
    expect(await status.json()).toMatchObject({
      session: { status: "in_progress", current_step: 1, company_name: null },
    });
  });

  test("reports the problems of all steps together", async () => {
    const ask = await askOf();
    const answer = await onboard(ask, as("whole-wrong"), {
      start: { email: "nowhere" },
      business: { industry: "Retail!", phone: "06" },
      assistant: { agent_name: "", tone: "warm" },
      knowledge: { documents: [{ title: "a" }] },
      tenant: "other",
    });
    expect(answer.status).toBe(422);
    const { code, problems = [] } = await problemIn(answer);
    expect(code).toBe("ONBOARDING_INVALID");
    expect(problems.map((one) => [one.path, one.code]).sort()).toEqual([
      ["assistant.agent_name", "empty"],
      ["assistant.tone", "unknown-key"],
      ["business.company_name", "required"],
      ["business.industry", "not-a-sector"],
      ["business.phone", "phone-too-short"],
      ["knowledge.documents.0.content", "required"],
      ["start.email", "not-an-address"],
      ["tenant", "unknown-key"],
    ]);
  });

  test("onboards the tenant once if 20 identical requests arrive at the same time", async () => {
    const ask = await askOf();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => onboard(ask, as("whole-crowd"), wholeBody())),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([
      ...Array.from({ length: 19 }, () => 200),
      201,
    ]);
    const bodies = await Promise.all(answers.map((answer) => answer.text()));
    expect(new Set(bodies).size).toBe(1);
  });

  test("gives a number to one of ten tenants that claim it at the same time, and writes nothing for the others", async () => {
    const ask = await askOf();
    const tenants = Array.from({ length: 10 }, (_, i) => as(`whole-claim-${i}`));
    const body = wholeBody({ phone: "06 39 98 20 02" });
    const answers = await Promise.all(tenants.map((headers) => onboard(ask, headers, body)));
    expect(answers.map(({ status }) => status).sort()).toEqual([
      201,
      ...Array.from({ length: 9 }, () => 409),
    ]);
    const rejected = answers.findIndex(({ status }) => status === 409);
    expect(await problemIn(answers[rejected] ?? Response.error())).toMatchObject({
      reason: "number-taken",
    });
    const begun = await ask("POST", `${BASE}/start`, { headers: tenants[rejected] ?? {} });
    const { session_id } = (await begun.json()) as { session_id: string };
    const status = await ask("GET", pathOf(session_id, "status"), {
      headers: tenants[rejected] ?? {},
    });
    expect(await status.json()).toMatchObject({ session: { company_name: null, documents: 0 } });
  });
}
