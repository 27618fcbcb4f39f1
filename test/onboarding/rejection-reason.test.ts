/** The reason of a rejected step if several are possible. */
import { describe, expect, onTestFinished, test } from "vitest";
import type { D1Database } from "../../src/database/port.ts";
import { withHooks, type Hooks } from "./hooks.ts";
import { clockAt, emptyMemory, portsOver } from "./databases.ts";
import { libraryOver } from "./library.ts";

const acme = { tenant: "acme", user: "ada" };
const brew = { tenant: "brew", user: "bo" };
const company = { company_name: "Acme", industry: "real_estate" };

async function setUp() {
  const { d1, close } = await emptyMemory();
  onTestFinished(close);
  const over = (database: D1Database, stream: number) =>
    libraryOver(portsOver(database, clockAt(), stream), {});
  return { d1, onboarding: over(d1, 0), late: (what: Hooks) => over(withHooks(d1, what), 1) };
}

describe("a session that does not exist", () => {
  test("is reported in the error of each step", async () => {
    const { onboarding } = await setUp();
    await onboarding.start(acme, {});
    for (const work of [
      onboarding.saveBusiness(acme, "onb_gone", company),
      onboarding.generateAgents(acme, "onb_gone"),
      onboarding.complete(acme, "onb_gone"),
      onboarding.status(acme, "onb_gone"),
    ]) {
      await expect(work).rejects.toMatchObject({
        code: "ONBOARDING_NOT_FOUND",
        details: { session: "onb_gone" },
      });
    }
  });
});

test("a rejected step reports the taken e-mail address, although the tenant's stored number is not E.164", async () => {
  const { d1, onboarding } = await setUp();
  await onboarding.start(brew, { email: "bo@brew.example" });
  const { session } = await onboarding.start(acme, {});
  await d1.prepare("UPDATE tenants SET phone = '06 39 98 01 02' WHERE id = 'acme'").run();
  await expect(
    onboarding.saveBusiness(acme, session, { ...company, email: "bo@brew.example" }),
  ).rejects.toMatchObject({ code: "ONBOARDING_CONFLICT", details: { reason: "email-taken" } });
});

test("a rejected step reports the taken e-mail address, although the tenant's previous number belongs to another tenant, too", async () => {
  const { d1, onboarding } = await setUp();
  const other = await onboarding.start(brew, { email: "bo@brew.example" });
  await onboarding.saveBusiness(brew, other.session, { ...company, phone: "+33639980102" });
  const { session } = await onboarding.start(acme, {});
  await d1.batch([
    d1.prepare("UPDATE tenants SET phone = NULL WHERE id = 'brew'"),
    d1.prepare("UPDATE tenants SET phone = '+33639980102' WHERE id = 'acme'"),
    d1.prepare(
      "INSERT INTO omni_phone_mappings (id, phone_number, tenant_id) VALUES ('m', '+33639980102', 'brew')",
    ),
  ]);
  await expect(
    onboarding.saveBusiness(acme, session, {
      ...company,
      phone: "+33639980103",
      email: "bo@brew.example",
    }),
  ).rejects.toMatchObject({ code: "ONBOARDING_CONFLICT", details: { reason: "email-taken" } });
});

test("a rejected assistant step succeeds if the other tenant releases the number before d1ops reads the reason", async () => {
  const { d1, onboarding, late } = await setUp();
  await onboarding.start(brew, {});
  const { session } = await onboarding.start(acme, {});
  await onboarding.saveBusiness(acme, session, { ...company, phone: "+33639980102" });
  await onboarding.generateAgents(acme, session);
  await d1
    .prepare(
      "INSERT INTO omni_phone_mappings (id, phone_number, tenant_id) VALUES ('m', '+33639980102', 'brew')",
    )
    .run();
  const assistant = { agent_name: "Nora" };
  await expect(onboarding.saveAssistant(acme, session, assistant)).rejects.toMatchObject({
    details: { reason: "number-taken" },
  });
  const meanwhile = late({
    beforeQuery: async () => {
      await d1.prepare("DELETE FROM omni_phone_mappings WHERE id = 'm'").run();
    },
  });
  expect(await meanwhile.saveAssistant(acme, session, assistant)).toMatchObject({
    phone: "+33639980102",
    phone_mapped: 1,
  });
});

test("complete returns the completed session if another call completes it after the rejection", async () => {
  const { d1, onboarding, late } = await setUp();
  const { session } = await onboarding.start(acme, {});
  await onboarding.saveBusiness(acme, session, company);
  await onboarding.generateAgents(acme, session);
  await onboarding.saveAssistant(acme, session, { agent_name: "Nora" });
  await onboarding.addKnowledge(acme, session, {});
  await d1.prepare("UPDATE agents SET is_active = 0").run();
  const meanwhile = late({
    beforeQuery: async () => {
      await d1.prepare("UPDATE agents SET is_active = 1").run();
      await onboarding.complete(acme, session);
    },
  });
  expect(await meanwhile.complete(acme, session)).toMatchObject({ status: "completed" });
  expect(
    await d1
      .prepare("SELECT count(*) AS n FROM audit_logs WHERE action = 'onboarding.completed'")
      .first("n"),
  ).toBe(1);
});
