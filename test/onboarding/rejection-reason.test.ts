/** Which reason a refused step gives, where more than one could be thought of. */
import { describe, expect, onTestFinished, test } from "vitest";
import type { D1Database } from "../../src/database/port.ts";
import { between, type Between } from "./between.ts";
import { clockAt, emptyMemory, portsOver } from "./ground.ts";
import { libraryOver } from "./library.ts";

const acme = { tenant: "acme", user: "ada" };
const brew = { tenant: "brew", user: "bo" };
const company = { company_name: "Acme", industry: "real_estate" };

async function place() {
  const { d1, close } = await emptyMemory();
  onTestFinished(close);
  const over = (database: D1Database, stream: number) =>
    libraryOver(portsOver(database, clockAt(), stream), {});
  return { d1, on: over(d1, 0), late: (what: Between) => over(between(d1, what), 1) };
}

describe("a session that is not there", () => {
  test("is named as it was asked for", async () => {
    const { on } = await place();
    await on.start(acme, {});
    for (const work of [
      on.saveBusiness(acme, "onb_gone", company),
      on.generateAgents(acme, "onb_gone"),
      on.complete(acme, "onb_gone"),
      on.status(acme, "onb_gone"),
    ]) {
      await expect(work).rejects.toMatchObject({
        code: "ONBOARDING_NOT_FOUND",
        details: { session: "onb_gone" },
      });
    }
  });
});

test("an address of somebody else is the reason, though the tenant's own number is in no form that can be compared", async () => {
  const { d1, on } = await place();
  await on.start(brew, { email: "bo@brew.example" });
  const { session } = await on.start(acme, {});
  await d1.prepare("UPDATE tenants SET phone = '06 39 98 01 02' WHERE id = 'acme'").run();
  await expect(
    on.saveBusiness(acme, session, { ...company, email: "bo@brew.example" }),
  ).rejects.toMatchObject({ code: "ONBOARDING_CONFLICT", details: { reason: "email-taken" } });
});

test("an address of somebody else is the reason, though the number that the tenant had before is another's, too", async () => {
  const { d1, on } = await place();
  const other = await on.start(brew, { email: "bo@brew.example" });
  await on.saveBusiness(brew, other.session, { ...company, phone: "+33639980102" });
  const { session } = await on.start(acme, {});
  await d1.batch([
    d1.prepare("UPDATE tenants SET phone = NULL WHERE id = 'brew'"),
    d1.prepare("UPDATE tenants SET phone = '+33639980102' WHERE id = 'acme'"),
    d1.prepare(
      "INSERT INTO omni_phone_mappings (id, phone_number, tenant_id) VALUES ('m', '+33639980102', 'brew')",
    ),
  ]);
  await expect(
    on.saveBusiness(acme, session, {
      ...company,
      phone: "+33639980103",
      email: "bo@brew.example",
    }),
  ).rejects.toMatchObject({ code: "ONBOARDING_CONFLICT", details: { reason: "email-taken" } });
});

test("a number that another tenant gives up meanwhile does not stop the assistant", async () => {
  const { d1, on, late } = await place();
  await on.start(brew, {});
  const { session } = await on.start(acme, {});
  await on.saveBusiness(acme, session, { ...company, phone: "+33639980102" });
  await on.generateAgents(acme, session);
  await d1
    .prepare(
      "INSERT INTO omni_phone_mappings (id, phone_number, tenant_id) VALUES ('m', '+33639980102', 'brew')",
    )
    .run();
  const assistant = { agent_name: "Nora" };
  await expect(on.saveAssistant(acme, session, assistant)).rejects.toMatchObject({
    details: { reason: "number-taken" },
  });
  const meanwhile = late({
    asked: async () => {
      await d1.prepare("DELETE FROM omni_phone_mappings WHERE id = 'm'").run();
    },
  });
  expect(await meanwhile.saveAssistant(acme, session, assistant)).toMatchObject({
    phone: "+33639980102",
    phone_mapped: 1,
  });
});

test("a step that is refused while another call completes the session answers what then stands", async () => {
  const { d1, on, late } = await place();
  const { session } = await on.start(acme, {});
  await on.saveBusiness(acme, session, company);
  await on.generateAgents(acme, session);
  await on.saveAssistant(acme, session, { agent_name: "Nora" });
  await on.addKnowledge(acme, session, {});
  await d1.prepare("UPDATE agents SET is_active = 0").run();
  const meanwhile = late({
    asked: async () => {
      await d1.prepare("UPDATE agents SET is_active = 1").run();
      await on.complete(acme, session);
    },
  });
  expect(await meanwhile.complete(acme, session)).toMatchObject({ status: "completed" });
  expect(
    await d1
      .prepare("SELECT count(*) AS n FROM audit_logs WHERE action = 'onboarding.completed'")
      .first("n"),
  ).toBe(1);
});
