import { afterEach, describe, expect, test } from "vitest";
import type { D1Database } from "../../src/database/port.ts";
import type { Onboarding } from "../../src/onboarding/onboarding.ts";
import type { OnboardingSettings } from "../../src/onboarding/ports.ts";
import type { SessionState } from "../../src/onboarding/session-state.ts";
import { type Clock, clockAt, emptyMemory, portsOver } from "./databases.ts";
import { libraryOver } from "./library.ts";
import { outcomeOf } from "./outcome.ts";
import { dumpOf } from "./dump.ts";

/** One test for each defect of the original system. */

const acme = { tenant: "acme", user: "ada" };
const brew = { tenant: "brew", user: "bo" };
const company = { company_name: "Acme", industry: "real_estate" };
const number = "+33639980102";

const opened: (() => void)[] = [];
afterEach(() => {
  for (const close of opened.splice(0)) close();
});

interface SetUp {
  readonly d1: D1Database;
  readonly clock: Clock;
  readonly onboarding: Onboarding;
  all(sql: string): Promise<Record<string, unknown>[]>;
}

async function setUp(settings: OnboardingSettings = {}): Promise<SetUp> {
  const { d1, close } = await emptyMemory();
  opened.push(close);
  const clock = clockAt();
  const onboarding = libraryOver(portsOver(d1, clock), settings);
  return {
    d1,
    clock,
    onboarding,
    all: async (sql) => (await d1.prepare(sql).all()).results,
  };
}

async function map(d1: D1Database, tenant: string, notation: string): Promise<void> {
  await d1
    .prepare("INSERT INTO omni_phone_mappings (id, phone_number, tenant_id) VALUES ('m', ?, ?)")
    .bind(notation, tenant)
    .run();
}

/** Acme enters the number. */
async function claim(onboarding: Onboarding, phone: string): Promise<SessionState> {
  const { session } = await onboarding.start(acme, {});
  return onboarding.saveBusiness(acme, session, { ...company, phone });
}

/** Runs the steps up to `assistant`. */
async function answering(
  onboarding: Onboarding,
  caller: typeof acme,
  phone: string | null = number,
): Promise<string> {
  const { session } = await onboarding.start(caller, {});
  await onboarding.saveBusiness(caller, session, { ...company, phone });
  await onboarding.generateAgents(caller, session);
  await onboarding.saveAssistant(caller, session, { agent_name: "Nora" });
  return session;
}

describe("isolation of tenants", () => {
  test("the session id of another tenant gives no access", async () => {
    const { d1, onboarding } = await setUp();
    const { session } = await onboarding.start(acme, {});
    await onboarding.start(brew, {});
    const before = await dumpOf(d1);
    for (const work of [
      onboarding.saveBusiness(brew, session, company),
      onboarding.generateAgents(brew, session),
      onboarding.saveAssistant(brew, session, { agent_name: "Nora" }),
      onboarding.addKnowledge(brew, session, {}),
      onboarding.complete(brew, session),
      onboarding.status(brew, session),
    ]) {
      expect(await outcomeOf(work)).toBe("not-found");
    }
    expect(await dumpOf(d1)).toEqual(before);
  });

  test("start rejects a user of another tenant and malformed ids", async () => {
    const { d1, onboarding } = await setUp();
    await onboarding.start(acme, {});
    const before = await dumpOf(d1);
    const refused = {
      "forbidden user-of-another-tenant": { tenant: "brew", user: "ada" },
      "invalid tenant:not-an-identity": { tenant: "%", user: "bo" },
      "invalid user:not-an-identity": { tenant: "brew", user: "" },
    };
    for (const [reason, caller] of Object.entries(refused)) {
      expect(await outcomeOf(onboarding.start(caller, {}))).toBe(reason);
    }
    expect(await dumpOf(d1)).toEqual(before);
  });

  test.each(["default", "DEFAULT", "anonymous"])(
    "placeholder names are rejected: %s",
    async (placeholder) => {
      const { onboarding } = await setUp();
      const reason = "forbidden placeholder-identity";
      expect(await outcomeOf(onboarding.start({ tenant: placeholder, user: "ada" }, {}))).toBe(
        reason,
      );
      expect(await outcomeOf(onboarding.start({ tenant: "acme", user: placeholder }, {}))).toBe(
        reason,
      );
    },
  );

  test("ids have at least 16 random bytes", async () => {
    const { d1, clock } = await setUp();
    const random = portsOver(d1, clock);
    const sizes: number[] = [];
    const onboarding = libraryOver({
      ...random,
      random(size) {
        sizes.push(size);
        return random.random(size);
      },
    });
    await answering(onboarding, acme);
    expect(sizes.length).toBeGreaterThan(5);
    expect(Math.min(...sizes)).toBe(16);
  });
});

describe("numbers of other tenants", () => {
  test("a tenant cannot take the number of another tenant", async () => {
    const { d1, onboarding, all } = await setUp();
    await answering(onboarding, acme);
    const { session } = await onboarding.start(brew, {});
    const before = await dumpOf(d1);
    expect(
      await outcomeOf(
        onboarding.saveBusiness(brew, session, { ...company, phone: "06 39 98 01 02" }),
      ),
    ).toBe("conflict number-taken");
    expect(await dumpOf(d1)).toEqual(before);
    expect(await all("SELECT tenant_id, phone_number FROM omni_phone_mappings")).toEqual([
      { tenant_id: "acme", phone_number: number },
    ]);
  });

  test("a tenant cannot take a number that is mapped to another tenant between the steps", async () => {
    const { d1, onboarding } = await setUp();
    const { session } = await onboarding.start(acme, {});
    await onboarding.saveBusiness(acme, session, { ...company, phone: number });
    await onboarding.generateAgents(acme, session);
    await onboarding.start(brew, {});
    await d1
      .prepare(
        "INSERT INTO omni_phone_mappings (id, phone_number, tenant_id) VALUES ('m', '06.39.98.01.02', 'brew')",
      )
      .run();
    const before = await dumpOf(d1);
    expect(await outcomeOf(onboarding.saveAssistant(acme, session, { agent_name: "Nora" }))).toBe(
      "conflict number-taken",
    );
    expect(await dumpOf(d1)).toEqual(before);
  });
});

describe("notations of numbers", () => {
  test.each([
    "06 39 98 01 02",
    "0639980102",
    "06.39.98.01.02",
    "06-39-98-01-02",
    "06/39/98/01/02",
    "(06) 39 98 01 02",
    "0033 6 39 98 01 02",
    "+33 6 39 98 01 02",
    "+33 (0)6 39 98 01 02",
    "06\u00A039\u00A098\u00A001\u00A002",
    "06\u202F39\u202F98\u202F01\u202F02",
  ])("a stored number is the same in another notation: %s", async (notation) => {
    const { d1, onboarding, all } = await setUp();
    await onboarding.start(brew, {});
    await d1
      .prepare(
        "INSERT INTO omni_phone_mappings (id, phone_number, tenant_id) VALUES ('m', ?, 'brew')",
      )
      .bind(notation)
      .run();
    const { session } = await onboarding.start(acme, {});
    const business = { ...company, phone: notation };
    expect(await outcomeOf(onboarding.saveBusiness(acme, session, business))).toBe(
      "conflict number-taken",
    );
    // Its own tenant may enter it. The mapping is then rewritten as E.164.
    await answering(onboarding, brew, notation);
    expect(await all("SELECT id, phone_number FROM omni_phone_mappings")).toEqual([
      { id: "m", phone_number: number },
    ]);
  });

  test.each([
    "06\u200939\u200998\u200901\u200902",
    "06\u201139\u201198\u201101\u201102",
    "06\u201339\u201398\u201301\u201302",
    "06\t39980102",
  ])("a stored number with pasted separators is the same number: %j", async (pasted) => {
    const { d1, onboarding } = await setUp();
    await onboarding.start(brew, {});
    await map(d1, "brew", pasted);
    expect(await outcomeOf(claim(onboarding, number))).toBe("conflict number-taken");
  });

  test.each([
    ["BE", "02 511 12 34", "+3225111234"],
    ["BE", "+32 (0)2 511 12 34", "+3225111234"],
    ["DK", "32 12 34 56", "+4532123456"],
    ["IS", "551 1234", "+3545511234"],
    ["IT", "06 123456", "+3906123456"],
    ["SG", "0065 6123 4567", "+6561234567"],
  ])(
    "a stored number of a country with short numbers is the same number: %s, %s",
    async (country, old, e164) => {
      const { d1, onboarding } = await setUp({ country });
      await onboarding.start(brew, {});
      await map(d1, "brew", old);
      expect(await outcomeOf(claim(onboarding, e164))).toBe("conflict number-taken");
    },
  );

  test("a short number with a country code is not a number of another country", async () => {
    const { d1, onboarding } = await setUp({ country: "DK" });
    await onboarding.start(brew, {});
    await map(d1, "brew", "+47 32 12 34 56");
    expect(await claim(onboarding, "+4532123456")).toMatchObject({ phone: "+4532123456" });
  });

  test.each(["06 39 98 01 02", "+33 6 39 98 01 02", "0033639980102"])(
    "a number that another tenant entered is a conflict before it is mapped: %s",
    async (notation) => {
      const { d1, onboarding } = await setUp();
      await onboarding.start(brew, {});
      await d1.prepare("UPDATE tenants SET phone = ?").bind(notation).run();
      expect(await outcomeOf(claim(onboarding, number))).toBe("conflict number-taken");
    },
  );

  test("the mapped tenant keeps its number, although another tenant entered it", async () => {
    const { d1, onboarding } = await setUp();
    const session = await answering(onboarding, acme);
    await onboarding.start(brew, {});
    await d1.prepare("UPDATE tenants SET phone = '06 39 98 01 02' WHERE id = 'brew'").run();
    await onboarding.saveBusiness(acme, session, { ...company, phone: number });
    expect(await onboarding.saveAssistant(acme, session, { agent_name: "Malo" })).toMatchObject({
      phone_mapped: 1,
    });
  });

  test("a number of another country with the same last digits is another number", async () => {
    const { d1, onboarding } = await setUp();
    await onboarding.start(brew, {});
    await d1
      .prepare(
        "INSERT INTO omni_phone_mappings (id, phone_number, tenant_id) VALUES ('m', '+32 639980102', 'brew')",
      )
      .run();
    expect(await onboarding.status(acme, await answering(onboarding, acme))).toMatchObject({
      phone_mapped: 1,
    });
  });

  test("changing the number deletes the old mapping and records it in audit_logs", async () => {
    const { onboarding, all } = await setUp();
    const session = await answering(onboarding, acme);
    await onboarding.saveBusiness(acme, session, { ...company, phone: "06 39 98 01 03" });
    expect(await all("SELECT phone_number, is_active FROM omni_phone_mappings")).toEqual([
      { phone_number: "+33639980103", is_active: 1 },
    ]);
    expect(await all("SELECT action, changes FROM audit_logs")).toEqual([
      {
        action: "phone_mapping.retired",
        changes: JSON.stringify({ phone_number: number, is_active: 1 }),
      },
    ]);
  });

  test("removing the number deletes the mapping", async () => {
    const { onboarding, all } = await setUp();
    const session = await answering(onboarding, acme);
    await onboarding.saveBusiness(acme, session, company);
    expect(await all("SELECT * FROM omni_phone_mappings")).toEqual([]);
  });

  test("mappings that onboarding did not create stay", async () => {
    const { d1, onboarding, all } = await setUp();
    const session = await answering(onboarding, acme);
    await d1
      .prepare(
        "INSERT INTO omni_phone_mappings (id, phone_number, tenant_id) VALUES ('mapping_second', '+33639980155', 'acme')",
      )
      .run();
    await onboarding.saveBusiness(acme, session, company);
    expect(await all("SELECT id, is_active FROM omni_phone_mappings")).toEqual([
      { id: "mapping_second", is_active: 1 },
    ]);
  });

  test("a mapping of the backfill stays until the tenant enters a number or none", async () => {
    const { d1, onboarding, all } = await setUp();
    const { session } = await onboarding.start(acme, {});
    // In the original system the number was only in a document of the session.
    await d1.prepare("UPDATE onboarding_sessions SET current_step = 5").run();
    await d1
      .prepare(
        "INSERT INTO omni_phone_mappings (id, phone_number, tenant_id) SELECT 'mapping_' || id, '+33639980102', 'acme' FROM onboarding_sessions",
      )
      .run();
    const mapped = await all("SELECT * FROM omni_phone_mappings");
    // A form that sends the shown number keeps the mapping.
    expect(await onboarding.status(acme, session)).toMatchObject({
      phone: "+33639980102",
      phone_mapped: 1,
    });
    await onboarding.saveAssistant(acme, session, { agent_name: "Nora" });
    expect(await all("SELECT * FROM omni_phone_mappings")).toEqual(mapped);
    await onboarding.saveBusiness(acme, session, { ...company, phone: "+33639980102" });
    expect(await all("SELECT * FROM omni_phone_mappings")).toEqual(mapped);
    await onboarding.saveBusiness(acme, session, company);
    expect(await all("SELECT * FROM omni_phone_mappings")).toEqual([]);
  });

  test("a step activates the mapping in E.164 of several mappings of one number, and keeps the others", async () => {
    const { d1, onboarding, all } = await setUp();
    const { session } = await onboarding.start(acme, {});
    await d1
      .prepare(
        `INSERT INTO omni_phone_mappings (id, phone_number, tenant_id, is_active) VALUES
         ('a', '06 39 98 01 02', 'acme', 1), ('b', '+33639980102', 'acme', 0), ('c', '0639980102', 'acme', 0)`,
      )
      .run();
    await onboarding.saveBusiness(acme, session, { ...company, phone: number });
    await onboarding.generateAgents(acme, session);
    await onboarding.saveAssistant(acme, session, { agent_name: "Nora" });
    expect(
      await all("SELECT id, phone_number, is_active FROM omni_phone_mappings ORDER BY id"),
    ).toEqual([
      { id: "a", phone_number: "06 39 98 01 02", is_active: 1 },
      { id: "b", phone_number: number, is_active: 1 },
      { id: "c", phone_number: "0639980102", is_active: 0 },
    ]);
  });

  test("the next step maps a number that was changed outside of onboarding", async () => {
    const { d1, onboarding, all } = await setUp();
    const session = await answering(onboarding, acme);
    await d1.prepare("UPDATE tenants SET phone = '+33639980103'").run();
    await onboarding.saveAssistant(acme, session, { agent_name: "Malo" });
    expect(await all("SELECT phone_number FROM omni_phone_mappings")).toEqual([
      { phone_number: "+33639980103" },
    ]);
  });

  test("a stored number that is not E.164 must be entered again before it is mapped", async () => {
    const { d1, onboarding } = await setUp();
    const session = await answering(onboarding, acme, null);
    await d1.prepare("UPDATE tenants SET phone = '06 39 98 01 02'").run();
    expect(await outcomeOf(onboarding.saveAssistant(acme, session, { agent_name: "Nora" }))).toBe(
      "out-of-order business",
    );
    await onboarding.saveBusiness(acme, session, { ...company, phone: "06 39 98 01 02" });
    expect(await onboarding.saveAssistant(acme, session, { agent_name: "Nora" })).toMatchObject({
      phone: number,
      phone_mapped: 1,
    });
  });

  test("assistant reactivates a deactivated mapping", async () => {
    const { d1, onboarding } = await setUp();
    const session = await answering(onboarding, acme);
    await d1.prepare("UPDATE omni_phone_mappings SET is_active = 0").run();
    expect(await onboarding.status(acme, session)).toMatchObject({ phone_mapped: 0 });
    expect(await onboarding.saveAssistant(acme, session, { agent_name: "Nora" })).toMatchObject({
      phone_mapped: 1,
    });
  });

  test("a number is not mapped before the tenant has an agent, even if it had a mapping", async () => {
    const { d1, onboarding } = await setUp();
    const { session } = await onboarding.start(acme, {});
    await d1
      .prepare(
        "INSERT INTO omni_phone_mappings (id, phone_number, tenant_id, is_active) VALUES ('m', '06 39 98 01 02', 'acme', 0)",
      )
      .run();
    const business = { ...company, phone: number };
    expect(await onboarding.saveBusiness(acme, session, business)).toMatchObject({
      phone_mapped: 0,
    });
    await onboarding.generateAgents(acme, session);
    expect(await onboarding.saveAssistant(acme, session, { agent_name: "Nora" })).toMatchObject({
      phone_mapped: 1,
    });
  });
});

describe("idempotence", () => {
  test("start resumes the open session", async () => {
    const { onboarding, all } = await setUp();
    const { session } = await onboarding.start(acme, {});
    expect(await onboarding.start(acme, {})).toEqual({ session, begun: false });
    expect(await all("SELECT id FROM onboarding_sessions")).toHaveLength(1);
  });

  test("start always resumes the same one of two open sessions with the same start time", async () => {
    const { d1, onboarding } = await setUp();
    await onboarding.start(acme, {});
    await d1
      .prepare(
        `INSERT INTO onboarding_sessions (id, tenant_id, user_id, started_at, last_updated_at)
         VALUES ('onb_a', 'acme', 'ada', '2027', '2027'), ('onb_b', 'acme', 'ada', '2027', '2027')`,
      )
      .run();
    expect(await onboarding.start(acme, {})).toEqual({ session: "onb_b", begun: false });
  });

  test("repeating agents creates no further agents and slots", async () => {
    const { onboarding, all } = await setUp();
    const { session } = await onboarding.start(acme, {});
    await onboarding.saveBusiness(acme, session, company);
    await onboarding.generateAgents(acme, session);
    await onboarding.generateAgents(acme, session);
    expect(await all("SELECT id FROM agents")).toHaveLength(2);
    expect(await all("SELECT id FROM availability_slots")).toHaveLength(10);
  });

  test("a document is added once", async () => {
    const { onboarding, all } = await setUp();
    const session = await answering(onboarding, acme);
    const document = { title: "Horaires", content: "Du lundi au vendredi" };
    await onboarding.addKnowledge(acme, session, { documents: [document, document] });
    await onboarding.addKnowledge(acme, session, { documents: [document] });
    expect(await all("SELECT id FROM knowledge_documents")).toHaveLength(1);
    // The same content with another title is another document.
    await onboarding.addKnowledge(acme, session, { documents: [{ ...document, title: "Ouvert" }] });
    expect(await all("SELECT id FROM knowledge_documents")).toHaveLength(2);
  });

  test("repeating complete changes neither completed_at nor the duration", async () => {
    const { d1, onboarding, clock } = await setUp();
    const session = await answering(onboarding, acme);
    await onboarding.addKnowledge(acme, session, {});
    clock.pass(60);
    const first = await onboarding.complete(acme, session);
    expect(first.duration_seconds).toBe(60);
    const before = await dumpOf(d1);
    clock.pass(60);
    expect(await onboarding.complete(acme, session)).toEqual(first);
    expect(await dumpOf(d1)).toEqual(before);
  });

  test("deactivated agents and documents can be created again", async () => {
    const { d1, onboarding, all } = await setUp();
    const session = await answering(onboarding, acme);
    const documents = [{ title: "Horaires", content: "Du lundi au vendredi" }];
    await onboarding.addKnowledge(acme, session, { documents });
    await d1.prepare("UPDATE agents SET is_active = 0").run();
    await d1.prepare("UPDATE knowledge_documents SET is_active = 0").run();
    expect(await outcomeOf(onboarding.complete(acme, session))).toBe("out-of-order agents");
    expect(await onboarding.generateAgents(acme, session)).toMatchObject({ agents: 2 });
    expect(await onboarding.addKnowledge(acme, session, { documents })).toMatchObject({
      documents: 1,
    });
    expect(await all("SELECT id FROM availability_slots")).toHaveLength(20);
    expect(await onboarding.complete(acme, session)).toMatchObject({ status: "completed" });
  });

  test("start does not restore a category that the tenant renamed or deleted", async () => {
    const { d1, onboarding } = await setUp();
    await onboarding.start(acme, {});
    await d1.prepare("UPDATE product_categories SET key = 'mine' WHERE key = 'food'").run();
    await d1.prepare("DELETE FROM product_categories WHERE key = 'retail'").run();
    const before = await dumpOf(d1);
    await onboarding.start(acme, {});
    expect(await dumpOf(d1)).toEqual(before);
  });
});

describe("races", () => {
  test("two concurrent starts of a new tenant return the same session", async () => {
    const { onboarding, all } = await setUp();
    const answers = await Promise.all([onboarding.start(acme, {}), onboarding.start(acme, {})]);
    expect(new Set(answers.map(({ session }) => session)).size).toBe(1);
    expect(await all("SELECT id FROM tenants")).toHaveLength(1);
  });
});

describe("partial writes", () => {
  test("a rejected start writes nothing", async () => {
    const { d1, onboarding } = await setUp();
    await onboarding.start(brew, { email: "bo@example.com" });
    const before = await dumpOf(d1);
    // The tenant is new, but its user belongs to another one.
    expect(await outcomeOf(onboarding.start({ tenant: "acme", user: "bo" }, {}))).toBe(
      "forbidden user-of-another-tenant",
    );
    expect(await outcomeOf(onboarding.start(acme, { email: "bo@example.com" }))).toBe(
      "conflict email-taken",
    );
    expect(await dumpOf(d1)).toEqual(before);
  });
});

describe("preconditions", () => {
  test("complete is rejected if no step is done", async () => {
    const { onboarding, all } = await setUp();
    const { session } = await onboarding.start(acme, {});
    expect(await outcomeOf(onboarding.complete(acme, session))).toBe(
      "out-of-order business agents assistant knowledge",
    );
    expect(await all("SELECT onboarding_completed FROM tenants")).toEqual([
      { onboarding_completed: 0 },
    ]);
  });

  test.each([
    ["UPDATE tenants SET company_name = NULL", "business"],
    ["UPDATE tenants SET sector = NULL", "business"],
    ["UPDATE agents SET is_active = 0", "agents"],
    ["DELETE FROM omni_agent_configs", "assistant"],
    ["UPDATE omni_phone_mappings SET is_active = 0", "assistant"],
    ["DELETE FROM omni_phone_mappings", "assistant"],
    ["UPDATE omni_phone_mappings SET phone_number = '+33639980103'", "assistant"],
  ])("complete is rejected if a step no longer holds: %s", async (sql, missing) => {
    const { d1, onboarding } = await setUp();
    const session = await answering(onboarding, acme);
    await onboarding.addKnowledge(acme, session, {});
    await d1.prepare(sql).run();
    const before = await dumpOf(d1);
    expect(await outcomeOf(onboarding.complete(acme, session))).toBe(`out-of-order ${missing}`);
    expect(await dumpOf(d1)).toEqual(before);
  });

  test("the steps after business are rejected until business is done", async () => {
    const { d1, onboarding } = await setUp();
    const { session } = await onboarding.start(acme, {});
    const before = await dumpOf(d1);
    for (const work of [
      onboarding.generateAgents(acme, session),
      onboarding.saveAssistant(acme, session, { agent_name: "Nora" }),
      onboarding.addKnowledge(acme, session, {}),
    ]) {
      expect(await outcomeOf(work)).toMatch(/^out-of-order business/);
    }
    expect(await dumpOf(d1)).toEqual(before);
  });

  test.each(["completed", "abandoned"])("steps are rejected on %s sessions", async (status) => {
    const { d1, onboarding } = await setUp();
    const session = await answering(onboarding, acme);
    await d1.prepare("UPDATE onboarding_sessions SET status = ?").bind(status).run();
    const before = await dumpOf(d1);
    for (const work of [
      onboarding.saveBusiness(acme, session, company),
      onboarding.generateAgents(acme, session),
      onboarding.saveAssistant(acme, session, { agent_name: "Nora" }),
      onboarding.addKnowledge(acme, session, {}),
    ]) {
      expect(await outcomeOf(work)).toBe(`conflict session-${status}`);
    }
    expect(await dumpOf(d1)).toEqual(before);
  });

  test("current_step never decreases", async () => {
    const { onboarding } = await setUp();
    const session = await answering(onboarding, acme);
    expect(await onboarding.saveBusiness(acme, session, company)).toMatchObject({
      current_step: 5,
    });
  });
});

describe("validation", () => {
  test("an unknown agent_type and voice are rejected", async () => {
    const { onboarding } = await setUp();
    const session = await answering(onboarding, acme);
    const input = { agent_name: "Nora", agent_type: "robot", voice: "robot" };
    expect(await outcomeOf(onboarding.saveAssistant(acme, session, input))).toBe(
      "invalid agent_type:not-one-of voice:not-one-of",
    );
  });

  test.each([
    ["female", "fr-FR", "Bonjour, je suis Nora, l'assistante virtuelle de Acme."],
    ["male", "fr-FR", "Bonjour, je suis Nora, l'assistant virtuel de Acme."],
    ["female", "en-GB", "Hello, this is Nora, the assistant of Acme."],
  ])("the greeting matches voice and language: %s, %s", async (voice, language, greeting) => {
    const { onboarding, all } = await setUp();
    const session = await answering(onboarding, acme);
    await onboarding.saveAssistant(acme, session, { agent_name: "Nora", voice, language });
    const [config] = await all("SELECT greeting_message FROM omni_agent_configs");
    expect(String(config?.["greeting_message"]).startsWith(greeting)).toBe(true);
  });

  test("choosing a voice also sets its provider", async () => {
    const { d1, onboarding, all } = await setUp();
    const session = await answering(onboarding, acme);
    await d1
      .prepare("UPDATE omni_agent_configs SET voice_provider = 'azure', voice_id = 'denise'")
      .run();
    const voice = (): Promise<Record<string, unknown>[]> =>
      all("SELECT voice_provider, voice_id FROM omni_agent_configs");
    await onboarding.saveAssistant(acme, session, { agent_name: "Nora" });
    expect(await voice()).toEqual([{ voice_provider: "azure", voice_id: "denise" }]);
    await onboarding.saveAssistant(acme, session, { agent_name: "Nora", voice: "male" });
    expect(await voice()).toEqual([
      { voice_provider: "elevenlabs", voice_id: "onwK4e9ZLuTAKqWW03F9" },
    ]);
  });

  test("a generated greeting gets the new company name, and a custom one stays", async () => {
    const { d1, onboarding, all } = await setUp();
    const session = await answering(onboarding, acme);
    const greeting = async (): Promise<unknown> =>
      (await all("SELECT greeting_message AS g FROM omni_agent_configs"))[0]?.["g"];
    await onboarding.saveBusiness(acme, session, { ...company, company_name: "Acme & Fils" });
    expect(await greeting()).toContain("l'assistante virtuelle de Acme & Fils.");
    // A custom greeting.
    await d1.prepare("UPDATE omni_agent_configs SET greeting_message = 'Acme, bonjour'").run();
    await onboarding.saveBusiness(acme, session, company);
    expect(await greeting()).toBe("Acme, bonjour");
  });

  test("absent flags keep their values", async () => {
    const { onboarding } = await setUp();
    const session = await answering(onboarding, acme);
    const flags = { enable_appointments: 1, enable_products: 1 };
    expect(await onboarding.saveAssistant(acme, session, { agent_name: "Malo" })).toMatchObject(
      flags,
    );
  });

  test("a document without a title is rejected", async () => {
    const { onboarding } = await setUp();
    const session = await answering(onboarding, acme);
    const input = { documents: [{ content: "x" }] };
    expect(await outcomeOf(onboarding.addKnowledge(acme, session, input))).toBe(
      "invalid documents.0.title:required",
    );
  });

  test.each(["[1]", '"text"', "null", "7", '{"a":{"b":[1]}}', '{ "industry_template" : "food" }'])(
    "business is idempotent for any stored metadata: %s",
    async (metadata) => {
      const { d1, onboarding, clock } = await setUp();
      const { session } = await onboarding.start(acme, {});
      await d1.prepare("UPDATE onboarding_sessions SET metadata = ?").bind(metadata).run();
      await onboarding.saveBusiness(acme, session, company);
      const before = await dumpOf(d1);
      clock.pass(60);
      await onboarding.saveBusiness(acme, session, company);
      expect(await dumpOf(d1)).toEqual(before);
    },
  );
});

describe("mandatory columns", () => {
  test("slots have the tenant of their agent", async () => {
    const { onboarding, all } = await setUp();
    await answering(onboarding, acme);
    expect(
      await all(
        "SELECT DISTINCT s.tenant_id FROM availability_slots AS s JOIN agents AS a ON a.id = s.agent_id AND a.tenant_id = s.tenant_id",
      ),
    ).toEqual([{ tenant_id: "acme" }]);
  });
});

describe("timestamps", () => {
  test("each step sets last_updated_at and updated_at to the same time", async () => {
    const { onboarding, clock, all } = await setUp();
    const seen = new Set<unknown>();
    const look = async (): Promise<void> => {
      const [row] = await all(
        "SELECT last_updated_at AS a, updated_at AS b FROM onboarding_sessions",
      );
      expect(row?.["a"]).toBe(row?.["b"]);
      expect(row?.["a"]).toBe(clock.now().toISOString());
      seen.add(row?.["a"]);
      clock.pass(1);
    };
    const { session } = await onboarding.start(acme, {});
    await look();
    await onboarding.saveBusiness(acme, session, company);
    await look();
    await onboarding.generateAgents(acme, session);
    await look();
    await onboarding.saveAssistant(acme, session, { agent_name: "Nora" });
    await look();
    await onboarding.addKnowledge(acme, session, {});
    await look();
    await onboarding.complete(acme, session);
    await look();
    expect(seen.size).toBe(6);
  });
});
