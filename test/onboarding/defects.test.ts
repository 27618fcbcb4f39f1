import { afterEach, describe, expect, test } from "vitest";
import type { D1Database } from "../../src/database/port.ts";
import type { Onboarding } from "../../src/onboarding/onboarding.ts";
import type { OnboardingSettings } from "../../src/onboarding/ports.ts";
import type { SessionState } from "../../src/onboarding/session-state.ts";
import { type Clock, clockAt, emptyMemory, portsOver } from "./ground.ts";
import { libraryOver } from "./library.ts";
import { outcomeOf } from "./outcome.ts";
import { pictureOf } from "./picture.ts";

/** What was wrong with the onboarding that this one takes the place of: a test for each, which shows that it is gone. */

const acme = { tenant: "acme", user: "ada" };
const brew = { tenant: "brew", user: "bo" };
const company = { company_name: "Acme", industry: "real_estate" };
const number = "+33639980102";

const opened: (() => void)[] = [];
afterEach(() => {
  for (const close of opened.splice(0)) close();
});

interface Place {
  readonly d1: D1Database;
  readonly clock: Clock;
  readonly on: Onboarding;
  all(sql: string): Promise<Record<string, unknown>[]>;
}

async function place(settings: OnboardingSettings = {}): Promise<Place> {
  const { d1, close } = await emptyMemory();
  opened.push(close);
  const clock = clockAt();
  const on = libraryOver(portsOver(d1, clock), settings);
  return {
    d1,
    clock,
    on,
    all: async (sql) => (await d1.prepare(sql).all()).results,
  };
}

async function map(d1: D1Database, tenant: string, spelled: string): Promise<void> {
  await d1
    .prepare("INSERT INTO omni_phone_mappings (id, phone_number, tenant_id) VALUES ('m', ?, ?)")
    .bind(spelled, tenant)
    .run();
}

/** Acme says that it is its number. */
async function claim(on: Onboarding, phone: string): Promise<SessionState> {
  const { session } = await on.start(acme, {});
  return on.saveBusiness(acme, session, { ...company, phone });
}

/** Up to the assistant, with a number or without. */
async function answering(
  on: Onboarding,
  caller: typeof acme,
  phone: string | null = number,
): Promise<string> {
  const { session } = await on.start(caller, {});
  await on.saveBusiness(caller, session, { ...company, phone });
  await on.generateAgents(caller, session);
  await on.saveAssistant(caller, session, { agent_name: "Nora" });
  return session;
}

describe("isolation", () => {
  test("a session id is a bearer capability", async () => {
    const { d1, on } = await place();
    const { session } = await on.start(acme, {});
    await on.start(brew, {});
    const before = await pictureOf(d1);
    for (const work of [
      on.saveBusiness(brew, session, company),
      on.generateAgents(brew, session),
      on.saveAssistant(brew, session, { agent_name: "Nora" }),
      on.addKnowledge(brew, session, {}),
      on.complete(brew, session),
      on.status(brew, session),
    ]) {
      expect(await outcomeOf(work)).toBe("not-found");
    }
    expect(await pictureOf(d1)).toEqual(before);
  });

  test("/start accepts any tenant id and user id", async () => {
    const { d1, on } = await place();
    await on.start(acme, {});
    const before = await pictureOf(d1);
    const refused = {
      "forbidden user-of-another-tenant": { tenant: "brew", user: "ada" },
      "invalid tenant:not-an-identity": { tenant: "%", user: "bo" },
      "invalid user:not-an-identity": { tenant: "brew", user: "" },
    };
    for (const [why, caller] of Object.entries(refused)) {
      expect(await outcomeOf(on.start(caller, {}))).toBe(why);
    }
    expect(await pictureOf(d1)).toEqual(before);
  });

  test.each(["default", "DEFAULT", "anonymous"])(
    "all header-less callers share tenant default: %s",
    async (nobody) => {
      const { on } = await place();
      const why = "forbidden placeholder-identity";
      expect(await outcomeOf(on.start({ tenant: nobody, user: "ada" }, {}))).toBe(why);
      expect(await outcomeOf(on.start({ tenant: "acme", user: nobody }, {}))).toBe(why);
    },
  );

  test("ids come from Math.random and the clock", async () => {
    const { d1, clock } = await place();
    const random = portsOver(d1, clock);
    const asked: number[] = [];
    const on = libraryOver({
      ...random,
      random(size) {
        asked.push(size);
        return random.random(size);
      },
    });
    await answering(on, acme);
    expect(asked.length).toBeGreaterThan(5);
    expect(Math.min(...asked)).toBe(16);
  });
});

describe("number theft", () => {
  test("tenant B declares tenant A's number, and the mapping is reassigned to B", async () => {
    const { d1, on, all } = await place();
    await answering(on, acme);
    const { session } = await on.start(brew, {});
    const before = await pictureOf(d1);
    expect(
      await outcomeOf(on.saveBusiness(brew, session, { ...company, phone: "06 39 98 01 02" })),
    ).toBe("conflict number-taken");
    expect(await pictureOf(d1)).toEqual(before);
    expect(await all("SELECT tenant_id, phone_number FROM omni_phone_mappings")).toEqual([
      { tenant_id: "acme", phone_number: number },
    ]);
  });

  test("a number that somebody maps between the steps is not taken from him either", async () => {
    const { d1, on } = await place();
    const { session } = await on.start(acme, {});
    await on.saveBusiness(acme, session, { ...company, phone: number });
    await on.generateAgents(acme, session);
    await on.start(brew, {});
    await d1
      .prepare(
        "INSERT INTO omni_phone_mappings (id, phone_number, tenant_id) VALUES ('m', '06.39.98.01.02', 'brew')",
      )
      .run();
    const before = await pictureOf(d1);
    expect(await outcomeOf(on.saveAssistant(acme, session, { agent_name: "Nora" }))).toBe(
      "conflict number-taken",
    );
    expect(await pictureOf(d1)).toEqual(before);
  });
});

describe("no normalisation", () => {
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
  ])("two spellings of a number coexist as two mappings: %s", async (spelled) => {
    const { d1, on, all } = await place();
    await on.start(brew, {});
    await d1
      .prepare(
        "INSERT INTO omni_phone_mappings (id, phone_number, tenant_id) VALUES ('m', ?, 'brew')",
      )
      .bind(spelled)
      .run();
    const { session } = await on.start(acme, {});
    const business = { ...company, phone: spelled };
    expect(await outcomeOf(on.saveBusiness(acme, session, business))).toBe("conflict number-taken");
    // Its own tenant may say it, and then it is written as all others are.
    await answering(on, brew, spelled);
    expect(await all("SELECT id, phone_number FROM omni_phone_mappings")).toEqual([
      { id: "m", phone_number: number },
    ]);
  });

  test.each([
    "06\u200939\u200998\u200901\u200902",
    "06\u201139\u201198\u201101\u201102",
    "06\u201339\u201398\u201301\u201302",
    "06\t39980102",
  ])("a number that was pasted is as little another's: %j", async (pasted) => {
    const { d1, on } = await place();
    await on.start(brew, {});
    await map(d1, "brew", pasted);
    expect(await outcomeOf(claim(on, number))).toBe("conflict number-taken");
  });

  test.each([
    ["BE", "02 511 12 34", "+3225111234"],
    ["BE", "+32 (0)2 511 12 34", "+3225111234"],
    ["DK", "32 12 34 56", "+4532123456"],
    ["IS", "551 1234", "+3545511234"],
    ["IT", "06 123456", "+3906123456"],
    ["SG", "0065 6123 4567", "+6561234567"],
  ])(
    "numbers are shorter elsewhere, and no less somebody's: %s, %s",
    async (country, old, e164) => {
      const { d1, on } = await place({ country });
      await on.start(brew, {});
      await map(d1, "brew", old);
      expect(await outcomeOf(claim(on, e164))).toBe("conflict number-taken");
    },
  );

  test("a shorter number with a country's code is no other country's", async () => {
    const { d1, on } = await place({ country: "DK" });
    await on.start(brew, {});
    await map(d1, "brew", "+47 32 12 34 56");
    expect(await claim(on, "+4532123456")).toMatchObject({ phone: "+4532123456" });
  });

  test.each(["06 39 98 01 02", "+33 6 39 98 01 02", "0033639980102"])(
    "what another tenant says to be its number is its own before it is mapped: %s",
    async (spelled) => {
      const { d1, on } = await place();
      await on.start(brew, {});
      await d1.prepare("UPDATE tenants SET phone = ?").bind(spelled).run();
      expect(await outcomeOf(claim(on, number))).toBe("conflict number-taken");
    },
  );

  test("who is called on a number keeps it, though another tenant says that it is its own", async () => {
    const { d1, on } = await place();
    const session = await answering(on, acme);
    await on.start(brew, {});
    await d1.prepare("UPDATE tenants SET phone = '06 39 98 01 02' WHERE id = 'brew'").run();
    await on.saveBusiness(acme, session, { ...company, phone: number });
    expect(await on.saveAssistant(acme, session, { agent_name: "Malo" })).toMatchObject({
      phone_mapped: 1,
    });
  });

  test("a number of another country with the same last digits is another number", async () => {
    const { d1, on } = await place();
    await on.start(brew, {});
    await d1
      .prepare(
        "INSERT INTO omni_phone_mappings (id, phone_number, tenant_id) VALUES ('m', '+32 639980102', 'brew')",
      )
      .run();
    expect(await on.status(acme, await answering(on, acme))).toMatchObject({ phone_mapped: 1 });
  });

  test("stale mappings: changing the number leaves both active", async () => {
    const { on, all } = await place();
    const session = await answering(on, acme);
    await on.saveBusiness(acme, session, { ...company, phone: "06 39 98 01 03" });
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

  test("stale mappings: removing the number keeps the mapping", async () => {
    const { on, all } = await place();
    const session = await answering(on, acme);
    await on.saveBusiness(acme, session, company);
    expect(await all("SELECT * FROM omni_phone_mappings")).toEqual([]);
  });

  test("stale mappings: what others have added for the tenant is theirs, and stays", async () => {
    const { d1, on, all } = await place();
    const session = await answering(on, acme);
    await d1
      .prepare(
        "INSERT INTO omni_phone_mappings (id, phone_number, tenant_id) VALUES ('mapping_second', '+33639980155', 'acme')",
      )
      .run();
    await on.saveBusiness(acme, session, company);
    expect(await all("SELECT id, is_active FROM omni_phone_mappings")).toEqual([
      { id: "mapping_second", is_active: 1 },
    ]);
  });

  test("stale mappings: what the backfill has found stays while nobody has said anything of a number", async () => {
    const { d1, on, all } = await place();
    const { session } = await on.start(acme, {});
    // As the form of before has left it: the number was in a document of the session only.
    await d1.prepare("UPDATE onboarding_sessions SET current_step = 5").run();
    await d1
      .prepare(
        "INSERT INTO omni_phone_mappings (id, phone_number, tenant_id) SELECT 'mapping_' || id, '+33639980102', 'acme' FROM onboarding_sessions",
      )
      .run();
    const mapped = await all("SELECT * FROM omni_phone_mappings");
    // A form that shows it, and sends what it shows, does not take it away.
    expect(await on.status(acme, session)).toMatchObject({
      phone: "+33639980102",
      phone_mapped: 1,
    });
    await on.saveAssistant(acme, session, { agent_name: "Nora" });
    expect(await all("SELECT * FROM omni_phone_mappings")).toEqual(mapped);
    await on.saveBusiness(acme, session, { ...company, phone: "+33639980102" });
    expect(await all("SELECT * FROM omni_phone_mappings")).toEqual(mapped);
    await on.saveBusiness(acme, session, company);
    expect(await all("SELECT * FROM omni_phone_mappings")).toEqual([]);
  });

  test("of several spellings that a tenant has, the one in E.164 answers, and none becomes another's", async () => {
    const { d1, on, all } = await place();
    const { session } = await on.start(acme, {});
    await d1
      .prepare(
        `INSERT INTO omni_phone_mappings (id, phone_number, tenant_id, is_active) VALUES
         ('a', '06 39 98 01 02', 'acme', 1), ('b', '+33639980102', 'acme', 0), ('c', '0639980102', 'acme', 0)`,
      )
      .run();
    await on.saveBusiness(acme, session, { ...company, phone: number });
    await on.generateAgents(acme, session);
    await on.saveAssistant(acme, session, { agent_name: "Nora" });
    expect(
      await all("SELECT id, phone_number, is_active FROM omni_phone_mappings ORDER BY id"),
    ).toEqual([
      { id: "a", phone_number: "06 39 98 01 02", is_active: 1 },
      { id: "b", phone_number: number, is_active: 1 },
      { id: "c", phone_number: "0639980102", is_active: 0 },
    ]);
  });

  test("stale mappings: a number that was changed in the settings is followed by the next step", async () => {
    const { d1, on, all } = await place();
    const session = await answering(on, acme);
    await d1.prepare("UPDATE tenants SET phone = '+33639980103'").run();
    await on.saveAssistant(acme, session, { agent_name: "Malo" });
    expect(await all("SELECT phone_number FROM omni_phone_mappings")).toEqual([
      { phone_number: "+33639980103" },
    ]);
  });

  test("a number in the old spelling is not mapped as it is: it has to be said anew", async () => {
    const { d1, on } = await place();
    const session = await answering(on, acme, null);
    await d1.prepare("UPDATE tenants SET phone = '06 39 98 01 02'").run();
    expect(await outcomeOf(on.saveAssistant(acme, session, { agent_name: "Nora" }))).toBe(
      "out-of-order business",
    );
    await on.saveBusiness(acme, session, { ...company, phone: "06 39 98 01 02" });
    expect(await on.saveAssistant(acme, session, { agent_name: "Nora" })).toMatchObject({
      phone: number,
      phone_mapped: 1,
    });
  });

  test("a deactivated mapping is not reactivated", async () => {
    const { d1, on } = await place();
    const session = await answering(on, acme);
    await d1.prepare("UPDATE omni_phone_mappings SET is_active = 0").run();
    expect(await on.status(acme, session)).toMatchObject({ phone_mapped: 0 });
    expect(await on.saveAssistant(acme, session, { agent_name: "Nora" })).toMatchObject({
      phone_mapped: 1,
    });
  });

  test("who has no agent yet is not called, even on a number that he had before", async () => {
    const { d1, on } = await place();
    const { session } = await on.start(acme, {});
    await d1
      .prepare(
        "INSERT INTO omni_phone_mappings (id, phone_number, tenant_id, is_active) VALUES ('m', '06 39 98 01 02', 'acme', 0)",
      )
      .run();
    const business = { ...company, phone: number };
    expect(await on.saveBusiness(acme, session, business)).toMatchObject({ phone_mapped: 0 });
    await on.generateAgents(acme, session);
    expect(await on.saveAssistant(acme, session, { agent_name: "Nora" })).toMatchObject({
      phone_mapped: 1,
    });
  });
});

describe("non-idempotence", () => {
  test("/start makes always a new session", async () => {
    const { on, all } = await place();
    const { session } = await on.start(acme, {});
    expect(await on.start(acme, {})).toEqual({ session, begun: false });
    expect(await all("SELECT id FROM onboarding_sessions")).toHaveLength(1);
  });

  test("of two open sessions of one moment it is always the same that is gone on with", async () => {
    const { d1, on } = await place();
    await on.start(acme, {});
    await d1
      .prepare(
        `INSERT INTO onboarding_sessions (id, tenant_id, user_id, started_at, last_updated_at)
         VALUES ('onb_a', 'acme', 'ada', '2027', '2027'), ('onb_b', 'acme', 'ada', '2027', '2027')`,
      )
      .run();
    expect(await on.start(acme, {})).toEqual({ session: "onb_b", begun: false });
  });

  test("auto-generate twice makes 4 agents and 20 slots", async () => {
    const { on, all } = await place();
    const { session } = await on.start(acme, {});
    await on.saveBusiness(acme, session, company);
    await on.generateAgents(acme, session);
    await on.generateAgents(acme, session);
    expect(await all("SELECT id FROM agents")).toHaveLength(2);
    expect(await all("SELECT id FROM availability_slots")).toHaveLength(10);
  });

  test("the same document twice makes 2 rows", async () => {
    const { on, all } = await place();
    const session = await answering(on, acme);
    const document = { title: "Horaires", content: "Du lundi au vendredi" };
    await on.addKnowledge(acme, session, { documents: [document, document] });
    await on.addKnowledge(acme, session, { documents: [document] });
    expect(await all("SELECT id FROM knowledge_documents")).toHaveLength(1);
    // The same words under another title are another document.
    await on.addKnowledge(acme, session, { documents: [{ ...document, title: "Ouvert" }] });
    expect(await all("SELECT id FROM knowledge_documents")).toHaveLength(2);
  });

  test("/complete twice moves completed_at and duration", async () => {
    const { d1, on, clock } = await place();
    const session = await answering(on, acme);
    await on.addKnowledge(acme, session, {});
    clock.pass(60);
    const first = await on.complete(acme, session);
    expect(first.duration_seconds).toBe(60);
    const before = await pictureOf(d1);
    clock.pass(60);
    expect(await on.complete(acme, session)).toEqual(first);
    expect(await pictureOf(d1)).toEqual(before);
  });

  test("what was switched off is not there: it can be made and added again", async () => {
    const { d1, on, all } = await place();
    const session = await answering(on, acme);
    const documents = [{ title: "Horaires", content: "Du lundi au vendredi" }];
    await on.addKnowledge(acme, session, { documents });
    await d1.prepare("UPDATE agents SET is_active = 0").run();
    await d1.prepare("UPDATE knowledge_documents SET is_active = 0").run();
    expect(await outcomeOf(on.complete(acme, session))).toBe("out-of-order agents");
    expect(await on.generateAgents(acme, session)).toMatchObject({ agents: 2 });
    expect(await on.addKnowledge(acme, session, { documents })).toMatchObject({ documents: 1 });
    expect(await all("SELECT id FROM availability_slots")).toHaveLength(20);
    expect(await on.complete(acme, session)).toMatchObject({ status: "completed" });
  });

  test("a category that a tenant has renamed or removed does not come back, and is in nobody's way", async () => {
    const { d1, on } = await place();
    await on.start(acme, {});
    await d1.prepare("UPDATE product_categories SET key = 'mine' WHERE key = 'food'").run();
    await d1.prepare("DELETE FROM product_categories WHERE key = 'retail'").run();
    const before = await pictureOf(d1);
    await on.start(acme, {});
    expect(await pictureOf(d1)).toEqual(before);
  });
});

describe("races", () => {
  test("two concurrent /start of a new tenant: 201 and 500 UNIQUE", async () => {
    const { on, all } = await place();
    const answers = await Promise.all([on.start(acme, {}), on.start(acme, {})]);
    expect(new Set(answers.map(({ session }) => session)).size).toBe(1);
    expect(await all("SELECT id FROM tenants")).toHaveLength(1);
  });
});

describe("partial writes", () => {
  test("a failure on the session leaves a temporary tenant and 4 categories behind", async () => {
    const { d1, on } = await place();
    await on.start(brew, { email: "bo@example.com" });
    const before = await pictureOf(d1);
    // The tenant would be new; its user cannot be.
    expect(await outcomeOf(on.start({ tenant: "acme", user: "bo" }, {}))).toBe(
      "forbidden user-of-another-tenant",
    );
    expect(await outcomeOf(on.start(acme, { email: "bo@example.com" }))).toBe(
      "conflict email-taken",
    );
    expect(await pictureOf(d1)).toEqual(before);
  });
});

describe("no preconditions", () => {
  test("/complete with nothing done marks the tenant onboarded", async () => {
    const { on, all } = await place();
    const { session } = await on.start(acme, {});
    expect(await outcomeOf(on.complete(acme, session))).toBe(
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
  ])("/complete promises what is not there any more: %s", async (sql, missing) => {
    const { d1, on } = await place();
    const session = await answering(on, acme);
    await on.addKnowledge(acme, session, {});
    await d1.prepare(sql).run();
    const before = await pictureOf(d1);
    expect(await outcomeOf(on.complete(acme, session))).toBe(`out-of-order ${missing}`);
    expect(await pictureOf(d1)).toEqual(before);
  });

  test("steps are accepted in any order", async () => {
    const { d1, on } = await place();
    const { session } = await on.start(acme, {});
    const before = await pictureOf(d1);
    for (const work of [
      on.generateAgents(acme, session),
      on.saveAssistant(acme, session, { agent_name: "Nora" }),
      on.addKnowledge(acme, session, {}),
    ]) {
      expect(await outcomeOf(work)).toMatch(/^out-of-order business/);
    }
    expect(await pictureOf(d1)).toEqual(before);
  });

  test.each(["completed", "abandoned"])("steps are accepted on %s sessions", async (status) => {
    const { d1, on } = await place();
    const session = await answering(on, acme);
    await d1.prepare("UPDATE onboarding_sessions SET status = ?").bind(status).run();
    const before = await pictureOf(d1);
    for (const work of [
      on.saveBusiness(acme, session, company),
      on.generateAgents(acme, session),
      on.saveAssistant(acme, session, { agent_name: "Nora" }),
      on.addKnowledge(acme, session, {}),
    ]) {
      expect(await outcomeOf(work)).toBe(`conflict session-${status}`);
    }
    expect(await pictureOf(d1)).toEqual(before);
  });

  test("current_step can go backwards", async () => {
    const { on } = await place();
    const session = await answering(on, acme);
    expect(await on.saveBusiness(acme, session, company)).toMatchObject({ current_step: 5 });
  });
});

describe("validation", () => {
  test("unknown agent_type and voice are accepted", async () => {
    const { on } = await place();
    const session = await answering(on, acme);
    const input = { agent_name: "Nora", agent_type: "robot", voice: "robot" };
    expect(await outcomeOf(on.saveAssistant(acme, session, input))).toBe(
      "invalid agent_type:not-one-of voice:not-one-of",
    );
  });

  test.each([
    ["female", "fr-FR", "Bonjour, je suis Nora, l'assistante virtuelle de Acme."],
    ["male", "fr-FR", "Bonjour, je suis Nora, l'assistant virtuel de Acme."],
    ["female", "en-GB", "Hello, this is Nora, the assistant of Acme."],
  ])("voice and greeting disagree: %s, %s", async (voice, language, greeting) => {
    const { on, all } = await place();
    const session = await answering(on, acme);
    await on.saveAssistant(acme, session, { agent_name: "Nora", voice, language });
    const [config] = await all("SELECT greeting_message FROM omni_agent_configs");
    expect(String(config?.["greeting_message"]).startsWith(greeting)).toBe(true);
  });

  test("a voice of ours comes with another's provider", async () => {
    const { d1, on, all } = await place();
    const session = await answering(on, acme);
    await d1
      .prepare("UPDATE omni_agent_configs SET voice_provider = 'azure', voice_id = 'denise'")
      .run();
    const voice = (): Promise<Record<string, unknown>[]> =>
      all("SELECT voice_provider, voice_id FROM omni_agent_configs");
    await on.saveAssistant(acme, session, { agent_name: "Nora" });
    expect(await voice()).toEqual([{ voice_provider: "azure", voice_id: "denise" }]);
    await on.saveAssistant(acme, session, { agent_name: "Nora", voice: "male" });
    expect(await voice()).toEqual([
      { voice_provider: "elevenlabs", voice_id: "onwK4e9ZLuTAKqWW03F9" },
    ]);
  });

  test("the greeting names the company as it was called before", async () => {
    const { d1, on, all } = await place();
    const session = await answering(on, acme);
    const greeting = async (): Promise<unknown> =>
      (await all("SELECT greeting_message AS g FROM omni_agent_configs"))[0]?.["g"];
    await on.saveBusiness(acme, session, { ...company, company_name: "Acme & Fils" });
    expect(await greeting()).toContain("l'assistante virtuelle de Acme & Fils.");
    // What somebody has written stays.
    await d1.prepare("UPDATE omni_agent_configs SET greeting_message = 'Acme, bonjour'").run();
    await on.saveBusiness(acme, session, company);
    expect(await greeting()).toBe("Acme, bonjour");
  });

  test("absent flags reset enable_appointments to 0 on re-save", async () => {
    const { on } = await place();
    const session = await answering(on, acme);
    const flags = { enable_appointments: 1, enable_products: 1 };
    expect(await on.saveAssistant(acme, session, { agent_name: "Malo" })).toMatchObject(flags);
  });

  test("a document without title is a driver's type error", async () => {
    const { on } = await place();
    const session = await answering(on, acme);
    const input = { documents: [{ content: "x" }] };
    expect(await outcomeOf(on.addKnowledge(acme, session, input))).toBe(
      "invalid documents.0.title:required",
    );
  });

  test.each(["[1]", '"text"', "null", "7", '{"a":{"b":[1]}}', '{ "industry_template" : "food" }'])(
    "stored metadata blocks the step, or makes each repetition a change: %s",
    async (metadata) => {
      const { d1, on, clock } = await place();
      const { session } = await on.start(acme, {});
      await d1.prepare("UPDATE onboarding_sessions SET metadata = ?").bind(metadata).run();
      await on.saveBusiness(acme, session, company);
      const before = await pictureOf(d1);
      clock.pass(60);
      await on.saveBusiness(acme, session, company);
      expect(await pictureOf(d1)).toEqual(before);
    },
  );
});

describe("columns and tables that do not exist", () => {
  test("slots have the tenant, which is mandatory", async () => {
    const { on, all } = await place();
    await answering(on, acme);
    expect(
      await all(
        "SELECT DISTINCT s.tenant_id FROM availability_slots AS s JOIN agents AS a ON a.id = s.agent_id AND a.tenant_id = s.tenant_id",
      ),
    ).toEqual([{ tenant_id: "acme" }]);
  });
});

describe("timestamps", () => {
  test("business and complete do not touch last_updated_at; two clocks diverge", async () => {
    const { on, clock, all } = await place();
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
    const { session } = await on.start(acme, {});
    await look();
    await on.saveBusiness(acme, session, company);
    await look();
    await on.generateAgents(acme, session);
    await look();
    await on.saveAssistant(acme, session, { agent_name: "Nora" });
    await look();
    await on.addKnowledge(acme, session, {});
    await look();
    await on.complete(acme, session);
    await look();
    expect(seen.size).toBe(6);
  });
});
