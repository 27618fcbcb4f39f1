/** The session that `start` finds, and the default flags of the assistant. */
import { describe, expect, onTestFinished, test } from "vitest";
import { AGENT_TYPES } from "../../src/onboarding/agent-types.ts";
import type { Onboarding } from "../../src/onboarding/onboarding.ts";
import { emptyMemory, portsOver } from "./databases.ts";
import { libraryOver } from "./library.ts";

const acme = { tenant: "acme", user: "ada" };

async function library(): Promise<Onboarding> {
  const { d1, close } = await emptyMemory();
  onTestFinished(close);
  return libraryOver(portsOver(d1));
}

describe("start", () => {
  test("returns the session with the same key, and creates another one for another key", async () => {
    const onboarding = await library();
    const first = await onboarding.start(acme, {}, "spring");
    const second = await onboarding.start(acme, {}, "autumn");
    expect(second).toMatchObject({ begun: true });
    expect(second.session).not.toBe(first.session);
    expect(await onboarding.start(acme, {}, "spring")).toEqual({
      session: first.session,
      begun: false,
    });
    expect(await onboarding.start(acme, {}, "autumn")).toEqual({
      session: second.session,
      begun: false,
    });
  });

  test("resumes the open session that has no key if it is called without one", async () => {
    const onboarding = await library();
    const keyed = await onboarding.start(acme, {}, "spring");
    const open = await onboarding.start(acme, {});
    expect(open).toMatchObject({ begun: true });
    expect(open.session).not.toBe(keyed.session);
    expect(await onboarding.start(acme, {})).toEqual({ session: open.session, begun: false });
  });
});

test.each(AGENT_TYPES.filter(({ offered }) => offered))(
  "an assistant of the type $id gets the default flags of its type",
  async ({ id, appointments, products }) => {
    const onboarding = await library();
    const { session } = await onboarding.start(acme, {});
    await onboarding.saveBusiness(acme, session, { company_name: "Acme", industry: "retail" });
    await onboarding.generateAgents(acme, session);
    const saved = await onboarding.saveAssistant(acme, session, {
      agent_name: "Nora",
      agent_type: id,
    });
    expect(saved).toMatchObject({
      enable_appointments: Number(appointments),
      enable_products: Number(products),
    });
  },
);
