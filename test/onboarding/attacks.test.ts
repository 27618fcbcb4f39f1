import { afterEach, describe, expect, test } from "vitest";
import type { D1Database } from "../../src/database/port.ts";
import type { Onboarding } from "../../src/onboarding/onboarding.ts";
import { acme, brew, whole } from "./operations.ts";
import { emptyMemory, portsOver } from "./databases.ts";
import { libraryOver } from "./library.ts";
import { outcomeOf } from "./outcome.ts";
import { dumpOf } from "./dump.ts";

/** Malicious input. */

const opened: (() => void)[] = [];
afterEach(() => {
  for (const close of opened.splice(0)) close();
});

interface SetUp {
  readonly d1: D1Database;
  readonly onboarding: Onboarding;
  readonly session: string;
}

/** Acme with all steps up to `assistant`, so that each step is allowed. */
async function setUpAcme(): Promise<SetUp> {
  const { d1, close } = await emptyMemory();
  opened.push(close);
  const onboarding = libraryOver(portsOver(d1));
  const { session } = await onboarding.start(acme, {});
  await onboarding.saveBusiness(acme, session, { company_name: "Acme", industry: "retail" });
  await onboarding.generateAgents(acme, session);
  await onboarding.saveAssistant(acme, session, { agent_name: "Nora" });
  return { d1, onboarding, session };
}

const company = { company_name: "Acme", industry: "retail" };

/** Saves each text that a person enters, and returns the stored value. */
const FIELDS = {
  company_name: async ({ onboarding, session, d1 }: SetUp, text: unknown) => {
    await onboarding.saveBusiness(acme, session, { ...company, company_name: text });
    return d1.prepare("SELECT company_name FROM tenants").first("company_name");
  },
  agent_name: async ({ onboarding, session, d1 }: SetUp, text: unknown) => {
    await onboarding.saveAssistant(acme, session, { agent_name: text });
    return d1.prepare("SELECT agent_name FROM omni_agent_configs").first("agent_name");
  },
  title: async ({ onboarding, session, d1 }: SetUp, text: unknown) => {
    await onboarding.addKnowledge(acme, session, { documents: [{ title: text, content: "x" }] });
    return d1.prepare("SELECT title FROM knowledge_documents").first("title");
  },
  content: async ({ onboarding, session, d1 }: SetUp, text: unknown) => {
    await onboarding.addKnowledge(acme, session, { documents: [{ title: "x", content: text }] });
    return d1.prepare("SELECT content FROM knowledge_documents").first("content");
  },
} as const;

const fields = Object.entries(FIELDS);

describe("a text that contains code", () => {
  const texts = [
    "'); DROP TABLE tenants; --",
    '"); DELETE FROM tenants; --',
    "x' OR '1'='1",
    "Robert`; ${process.exit()}",
    '{"$.a":1}',
    '","industry_template":"x","',
    "$.industry_template",
    "%_\\",
    "?1 :tenant @p $x",
    "null",
    "9e999",
    "L'Atelier d'Élise — 花屋 👩🏽‍🌾",
  ];
  test.each(texts.flatMap((text) => fields.map(([name, save]) => [name, text, save] as const)))(
    "is stored as text in %s: %s",
    async (_, text, save) => {
      const here = await setUpAcme();
      expect(await save(here, text)).toBe(text);
      expect(await here.d1.prepare("SELECT count(*) AS n FROM tenants").first("n")).toBe(1);
    },
  );

  test("is text in the greeting if it is SQL in a name", async () => {
    const { d1, onboarding, session } = await setUpAcme();
    const name = "' || (SELECT api_key FROM tenants) || '";
    await onboarding.saveBusiness(acme, session, { ...company, company_name: name });
    await onboarding.saveAssistant(acme, session, { agent_name: name });
    const greeting = await d1
      .prepare("SELECT greeting_message AS g FROM omni_agent_configs")
      .first<string>("g");
    expect(greeting?.split(name)).toHaveLength(3);
    expect(greeting).not.toContain("key_");
  });
});

describe("a text with invisible characters", () => {
  test.each([
    ["a zero-width space", "Ac\u200Bme"],
    ["a joiner between Latin letters", "Ac\u200Dme"],
    ["a soft hyphen", "Ac\u00ADme"],
    ["a change of direction", "Acme \u202Eemca"],
    ["an isolate", "\u2066Acme\u2069"],
    ["a byte order mark", "Ac\uFEFFme"],
    ["a Hangul filler", "\u3164Acme"],
    ["a tag", "Acme\u{E0041}"],
    ["a variation selector", "Acme\uFE0F"],
    ["NUL", "Ac\u0000me"],
    ["a bell", "Acme\u0007"],
    ["a line separator", "Ac\u2028me"],
    ["a private character", "Acme\uE000"],
  ])("is rejected as input: %s", async (_, text) => {
    for (const [name, save] of fields) {
      const here = await setUpAcme();
      const before = await dumpOf(here.d1);
      expect(await outcomeOf(save(here, text)), name).toMatch(/:unseen-characters$/);
      expect(await dumpOf(here.d1)).toEqual(before);
    }
  });

  test.each([
    ["a lone high surrogate", "Acme \uD83D", /:not-unicode$/],
    ["a lone low surrogate", "\uDC69Acme", /:not-unicode$/],
    ["an empty text", "", /:empty$/],
    ["only spaces", " \t\u00A0\u2003", /:(?:empty|unseen-characters)$/],
  ])("is rejected with its problem: %s", async (_, text, expected) => {
    for (const [name, save] of fields) {
      expect(await outcomeOf(save(await setUpAcme(), text)), name).toMatch(expected);
    }
  });

  test("is rejected as a name and stored as a document if it has line ends", async () => {
    expect(await outcomeOf(FIELDS.company_name(await setUpAcme(), "Acme\nInc"))).toMatch(/unseen/);
    expect(await FIELDS.content(await setUpAcme(), "a\r\n\tb\n")).toBe("a\r\n\tb\n");
  });

  test("is stored if its joiners are in a script that joins letters, or in emoji", async () => {
    for (const text of ["می‌خواهم", "क्‍ष", "👩‍🌾", "❤️ Fleurs", "1️⃣ Garage"]) {
      expect(await FIELDS.company_name(await setUpAcme(), text)).toBe(text.normalize("NFC"));
    }
  });
});

describe("texts that look equal", () => {
  test("are the same name with composed and decomposed letters and all kinds of spaces", async () => {
    const here = await setUpAcme();
    await here.onboarding.saveBusiness(acme, here.session, {
      ...company,
      company_name: "Café Zoé",
    });
    const before = await dumpOf(here.d1);
    for (const same of [
      "Café Zoé".normalize("NFD"),
      "  Café\u00A0Zoé ",
      "Café  Zoé",
      "Café\u2009Zoé",
    ]) {
      await here.onboarding.saveBusiness(acme, here.session, { ...company, company_name: same });
      expect(await dumpOf(here.d1)).toEqual(before);
    }
  });

  test.each(["０６３９９８０１０２", "＋３３６３９９８０１０２", "٠٦٣٩٩٨٠١٠٢", "۰۶۳۹۹۸۰۱۰۲"])(
    "are the same number with digits of another script: %s",
    async (spelled) => {
      const { onboarding, session } = await setUpAcme();
      const phone = "06 39 98 01 02";
      await onboarding.saveBusiness(acme, session, { ...company, phone });
      const { session: other } = await onboarding.start(brew, {});
      expect(
        await outcomeOf(onboarding.saveBusiness(brew, other, { ...company, phone: spelled })),
      ).toBe("conflict number-taken");
    },
  );

  test.each([
    "аda@example.com",
    "ada@exаmple.com",
    "ada＠example.com",
    "ada@example。com",
    "a da@example.com",
  ])("are rejected as an address with look-alike letters: %s", async (email) => {
    const { onboarding, session } = await setUpAcme();
    expect(await outcomeOf(onboarding.saveBusiness(acme, session, { ...company, email }))).toBe(
      "invalid email:not-an-address",
    );
  });

  test("are the same address in another case", async () => {
    const { onboarding } = await setUpAcme();
    await onboarding.start(brew, { email: "Bo@Example.com" });
    const third = { tenant: "third", user: "tom" };
    expect(await outcomeOf(onboarding.start(third, { email: "BO@EXAMPLE.COM" }))).toBe(
      "conflict email-taken",
    );
  });

  test("are the same address if the stored one has another case", async () => {
    const { d1, onboarding } = await setUpAcme();
    await onboarding.start(brew, {});
    for (const table of ["tenants", "users"]) {
      await d1.prepare(`UPDATE ${table} SET email = 'Bo@Example.com' WHERE email LIKE 'br%'`).run();
    }
    const third = { tenant: "third", user: "tom" };
    expect(await outcomeOf(onboarding.start(third, { email: "bo@example.com" }))).toBe(
      "conflict email-taken",
    );
    const { session } = await onboarding.start(brew, {});
    await onboarding.saveBusiness(brew, session, { ...company, email: "bo@example.com" });
    expect(await d1.prepare("SELECT email FROM tenants WHERE id = 'brew'").first("email")).toBe(
      "bo@example.com",
    );
  });

  test("are stored percent-encoded as the URL of a document, and other schemes are rejected", async () => {
    const { d1, onboarding, session } = await setUpAcme();
    const document = { title: "x", content: "x", source_url: "https://example.com/\u202E\uD800 a" };
    await onboarding.addKnowledge(acme, session, { documents: [document] });
    expect(await d1.prepare("SELECT source_url FROM knowledge_documents").first("source_url")).toBe(
      "https://example.com/%E2%80%AE%EF%BF%BD%20a",
    );
    for (const source_url of [
      "javascript:alert(1)",
      "file:///etc/passwd",
      "//example.com",
      "data:,x",
    ]) {
      expect(
        await outcomeOf(
          onboarding.addKnowledge(acme, session, { documents: [{ ...document, source_url }] }),
        ),
      ).toBe("invalid documents.0.source_url:not-a-url");
    }
  });
});

describe("a value of another type", () => {
  const values: readonly [string, unknown][] = [
    ["a number", 33639980102],
    ["a list", ["Acme"]],
    ["an object with toString", { toString: () => "Acme", valueOf: () => "Acme" }],
    ["a String object", new String("Acme")],
    ["true", true],
    ["a BigInt", 10n],
    ["a symbol", Symbol("Acme")],
    ["bytes", new Uint8Array([65])],
  ];
  test.each(values)("is rejected as a text: %s", async (_, value) => {
    for (const [name, save] of fields) {
      expect(await outcomeOf(save(await setUpAcme(), value)), name).toMatch(/:not-a-text$/);
    }
    const { onboarding, session } = await setUpAcme();
    for (const name of ["phone", "email", "industry"]) {
      expect(
        await outcomeOf(onboarding.saveBusiness(acme, session, { ...company, [name]: value })),
      ).toBe(`invalid ${name}:not-a-text`);
    }
  });

  test.each([
    [undefined, "invalid :required"],
    [null, "invalid :not-an-object"],
    ["{}", "invalid :not-an-object"],
    [[], "invalid :not-an-object"],
    [7, "invalid :not-an-object"],
  ])("is rejected as an input: %s", async (input, expected) => {
    const { onboarding, session } = await setUpAcme();
    expect(await outcomeOf(onboarding.saveBusiness(acme, session, input))).toBe(expected);
    expect(await outcomeOf(onboarding.addKnowledge(acme, session, input))).toBe(expected);
    expect(await outcomeOf(onboarding.saveAssistant(acme, session, input))).toBe(expected);
    expect(await outcomeOf(onboarding.start(acme, input))).toBe(expected);
  });

  test.each([7, null, undefined, {}, ["onb"], "onb'--", "", "x".repeat(10_000), "%", "\u0000"])(
    "is not found as a session id: %j",
    async (session) => {
      const { onboarding } = await setUpAcme();
      const id: string = session as never;
      expect(await outcomeOf(onboarding.status(acme, id))).toBe("not-found");
      expect(await outcomeOf(onboarding.complete(acme, id))).toBe("not-found");
    },
  );

  test.each([7, {}, "", "a b", "é", "x".repeat(129), "\u0000"])(
    "is rejected as a key: %j",
    async (key) => {
      const { onboarding } = await setUpAcme();
      const id: string = key as never;
      expect(await outcomeOf(onboarding.start(acme, {}, id))).toMatch(
        /^invalid key:not-a-(?:key|text)$/,
      );
    },
  );
});

describe("special keys", () => {
  test.each([
    "__proto__",
    "constructor",
    "prototype",
    "toString",
    "hasOwnProperty",
    "tenant_id",
    "id",
  ])("are rejected as unknown: %s", async (key) => {
    const { d1, onboarding, session } = await setUpAcme();
    const before = await dumpOf(d1);
    const input: unknown = JSON.parse(
      `{"company_name":"Acme","industry":"food","${key}":{"isAdmin":true}}`,
    );
    expect(await outcomeOf(onboarding.saveBusiness(acme, session, input))).toBe(
      `invalid ${key}:unknown-key`,
    );
    const documents: unknown = JSON.parse(`{"documents":[{"title":"x","content":"x","${key}":1}]}`);
    expect(await outcomeOf(onboarding.addKnowledge(acme, session, documents))).toBe(
      `invalid documents.0.${key}:unknown-key`,
    );
    expect(await dumpOf(d1)).toEqual(before);
    expect(Object.hasOwn(Object.prototype, "isAdmin")).toBe(false);
  });

  test("are not read if they are inherited", async () => {
    const { onboarding, session } = await setUpAcme();
    const input: unknown = Object.create({ company_name: "Acme", industry: "food" });
    const result = await outcomeOf(
      onboarding.saveBusiness(acme, session, { ...(input as object) }),
    );
    expect(result).toBe("invalid company_name:required industry:required");
  });
});

describe("too much data", () => {
  const long = "x".repeat(10_000_000);
  test("is rejected as too long if it is a text of ten million characters", async () => {
    for (const [name, save] of fields) {
      const result = String(await outcomeOf(save(await setUpAcme(), long)));
      expect(result, name).toMatch(/:too-long/);
    }
  });

  test("is rejected with a short error for ten thousand documents, fifty thousand keys, and a key of a million characters", async () => {
    const { onboarding, session } = await setUpAcme();
    const keys = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`key_${i}`, i]));
    for (const input of [
      { documents: Array.from({ length: 10_000 }, () => ({})) },
      { documents: Array.from({ length: 50 }, () => keys) },
      { ["k".repeat(1_000_000)]: 1 },
    ]) {
      await expect(onboarding.addKnowledge(acme, session, input)).rejects.toSatisfy(
        (error: Error) => error.message.length < 10_000,
      );
    }
  });

  test("is rejected if the documents of a step exceed their common limit", async () => {
    const { onboarding, session } = await setUpAcme();
    const documents = Array.from({ length: 50 }, (_, i) => ({
      title: String(i),
      content: "é".repeat(20_000),
    }));
    expect(await outcomeOf(onboarding.addKnowledge(acme, session, { documents }))).toBe(
      "invalid documents:too-large",
    );
    expect(
      await outcomeOf(
        onboarding.addKnowledge(acme, session, { documents: [...documents, documents[0]] }),
      ),
    ).toMatch(/^invalid documents:too-many/);
  });
});

describe("ids of tenants and users", () => {
  test.each(["%", "_", "a%", "'", "a b", "", "-a", "é", "a".repeat(129), "a\n"])(
    "are rejected if they are malformed: %j",
    async (id) => {
      const { onboarding } = await setUpAcme();
      expect(await outcomeOf(onboarding.start({ tenant: id, user: "x" }, {}))).toBe(
        "invalid tenant:not-an-identity",
      );
      expect(await outcomeOf(onboarding.start({ tenant: "x", user: id }, {}))).toBe(
        "invalid user:not-an-identity",
      );
    },
  );

  test("are compared exactly, so that case and wildcards matter", async () => {
    const { d1, onboarding, session } = await setUpAcme();
    for (const tenant of ["ACME", "Acme", "acm_", "a_me", "acme_"]) {
      const caller = { tenant, user: `${tenant}.user` };
      await onboarding.start(caller, {});
      expect(await outcomeOf(onboarding.status(caller, session))).toBe("not-found");
    }
    expect(await d1.prepare("SELECT count(*) AS n FROM tenants").first("n")).toBe(6);
  });

  test("may be equal for a user and its tenant", async () => {
    const { onboarding } = await setUpAcme();
    const caller = { tenant: "same", user: "same" };
    const { session } = await onboarding.start(caller, { email: "same@example.com" });
    const business = { ...company, email: "same@example.com" };
    expect(await onboarding.saveBusiness(caller, session, business)).toMatchObject({
      current_step: 3,
    });
    expect(await onboarding.start(caller, { email: "same@example.com" })).toEqual({
      session,
      begun: false,
    });
  });

  test("may be equal for a tenant and another tenant's user", async () => {
    const { onboarding } = await setUpAcme();
    expect(await outcomeOf(onboarding.start({ tenant: "ada", user: "other" }, {}))).toHaveProperty(
      "session",
    );
  });

  test("are rejected as the tenant_id of a document", async () => {
    const { onboarding, session } = await setUpAcme();
    const documents = [{ title: "x", content: "x", tenant_id: "brew" }];
    expect(await outcomeOf(onboarding.addKnowledge(acme, session, { documents }))).toBe(
      "invalid documents.0.tenant_id:unknown-key",
    );
  });
});

describe("repetition and conflicts", () => {
  test("the same key with other data is a conflict, with the same data it changes nothing", async () => {
    const { d1, close } = await emptyMemory();
    opened.push(close);
    const ports = portsOver(d1);
    expect(await whole(ports, {})).toBe("onboarded");
    const before = await dumpOf(d1);
    expect(await whole(ports, {})).toBe("already");
    expect(await outcomeOf(whole(ports, { assistant: { agent_name: "Malo" } }))).toBe(
      "conflict key-reused",
    );
    expect(await dumpOf(d1)).toEqual(before);
    expect(await whole(ports, { key: "second" })).toBe("onboarded");
  });

  test("the key of a session in progress is a conflict", async () => {
    const { d1, onboarding } = await setUpAcme();
    await onboarding.start(acme, {}, "key");
    const before = await dumpOf(d1);
    expect(await outcomeOf(whole(portsOver(d1, undefined, 5), { key: "key" }))).toBe(
      "conflict key-reused",
    );
    expect(await dumpOf(d1)).toEqual(before);
  });

  test("a whole tenant with a value of another tenant is rejected with the reason", async () => {
    const { d1, onboarding } = await setUpAcme();
    await onboarding.start(brew, { email: "bo@example.com" });
    const ports = portsOver(d1, undefined, 5);
    const before = await dumpOf(d1);
    const third = { tenant: "third", user: "tom" };
    for (const [parts, reason] of [
      [{ ...third, user: "bo" }, "forbidden user-of-another-tenant"],
      [{ ...third, start: { email: "bo@example.com" } }, "conflict email-taken"],
      [
        {
          ...third,
          start: { email: "tom@example.com" },
          business: { ...company, email: "bo@example.com" },
        },
        "conflict email-taken",
      ],
      [
        {
          ...third,
          start: { email: "bo@example.com" },
          business: { ...company, email: "tom@example.com" },
        },
        "conflict email-taken",
      ],
    ] as const) {
      expect(await outcomeOf(whole(ports, parts))).toBe(reason);
      expect(await dumpOf(d1)).toEqual(before);
    }
  });

  test("no step changes a completed session", async () => {
    const { d1, onboarding, session } = await setUpAcme();
    await onboarding.addKnowledge(acme, session, {});
    await onboarding.complete(acme, session);
    const before = await dumpOf(d1);
    await outcomeOf(onboarding.saveBusiness(acme, session, company));
    await outcomeOf(
      onboarding.addKnowledge(acme, session, { documents: [{ title: "x", content: "x" }] }),
    );
    await onboarding.complete(acme, session);
    expect(await dumpOf(d1)).toEqual(before);
  });

  test("a second user cannot take the address of another tenant, although no user has it", async () => {
    const { d1, onboarding } = await setUpAcme();
    const { session } = await onboarding.start(brew, {});
    await onboarding.saveBusiness(brew, session, { ...company, email: "info@example.com" });
    const before = await dumpOf(d1);
    const alan = { ...acme, user: "alan" };
    expect(await outcomeOf(onboarding.start(alan, { email: "info@example.com" }))).toBe(
      "conflict email-taken",
    );
    expect(await dumpOf(d1)).toEqual(before);
  });

  test("a tenant cannot take the address of another tenant's user, but keeps its own if such a user has it", async () => {
    const { d1, onboarding, session } = await setUpAcme();
    await onboarding.start({ ...acme, user: "alan" }, { email: "alan@example.com" });
    const { session: other } = await onboarding.start(brew, {});
    const business = { ...company, email: "alan@example.com" };
    const before = await dumpOf(d1);
    expect(await outcomeOf(onboarding.saveBusiness(brew, other, business))).toBe(
      "conflict email-taken",
    );
    expect(await dumpOf(d1)).toEqual(before);
    // A tenant may have the address of its own user.
    expect(await onboarding.saveBusiness(acme, session, business)).toMatchObject({
      company_name: "Acme",
    });
    // As older versions stored it.
    await d1.prepare("UPDATE tenants SET email = 'alan2@example.com' WHERE id = 'acme'").run();
    await d1.prepare("UPDATE tenants SET email = 'alan@example.com' WHERE id = 'brew'").run();
    expect(await onboarding.saveBusiness(brew, other, business)).toMatchObject({
      company_name: "Acme",
    });
  });

  test("a taken placeholder address is a conflict, and start succeeds with another address", async () => {
    const { d1, onboarding } = await setUpAcme();
    // As older versions stored it.
    await d1.prepare("UPDATE tenants SET email = 'brew@temp.local'").run();
    expect(await outcomeOf(onboarding.start(brew, {}))).toBe("conflict email-taken");
    expect(await outcomeOf(onboarding.start(brew, { email: "bo@example.com" }))).toHaveProperty(
      "session",
    );
  });
});
