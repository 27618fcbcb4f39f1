/** Which session `start` finds, and what the assistant does by default. */
import { describe, expect, onTestFinished, test } from "vitest";
import { AGENT_TYPES } from "../../src/onboarding/agent-types.ts";
import type { Onboarding } from "../../src/onboarding/onboarding.ts";
import { emptyMemory, portsOver } from "./ground.ts";
import { libraryOver } from "./library.ts";

const acme = { tenant: "acme", user: "ada" };

async function library(): Promise<Onboarding> {
  const { d1, close } = await emptyMemory();
  onTestFinished(close);
  return libraryOver(portsOver(d1));
}

describe("start", () => {
  test("finds the session of the same key, and begins another one for another key", async () => {
    const on = await library();
    const first = await on.start(acme, {}, "spring");
    const second = await on.start(acme, {}, "autumn");
    expect(second).toMatchObject({ begun: true });
    expect(second.session).not.toBe(first.session);
    expect(await on.start(acme, {}, "spring")).toEqual({ session: first.session, begun: false });
    expect(await on.start(acme, {}, "autumn")).toEqual({ session: second.session, begun: false });
  });

  test("without a key goes on with the open session that has none", async () => {
    const on = await library();
    const keyed = await on.start(acme, {}, "spring");
    const open = await on.start(acme, {});
    expect(open).toMatchObject({ begun: true });
    expect(open.session).not.toBe(keyed.session);
    expect(await on.start(acme, {})).toEqual({ session: open.session, begun: false });
  });
});

test.each(AGENT_TYPES.filter(({ offered }) => offered))(
  "an assistant of the type $id does by default what its type does",
  async ({ id, appointments, products }) => {
    const on = await library();
    const { session } = await on.start(acme, {});
    await on.saveBusiness(acme, session, { company_name: "Acme", industry: "retail" });
    await on.generateAgents(acme, session);
    const saved = await on.saveAssistant(acme, session, { agent_name: "Nora", agent_type: id });
    expect(saved).toMatchObject({
      enable_appointments: Number(appointments),
      enable_products: Number(products),
    });
  },
);
