import { afterEach, describe, expect, test } from "vitest";
import type { D1Database } from "../../src/database/port.ts";
import type { Onboarding } from "../../src/onboarding/onboarding.ts";
import { acme, brew, whole } from "./acts.ts";
import { emptyMemory, portsOver } from "./ground.ts";
import { libraryOver } from "./library.ts";
import { outcomeOf } from "./outcome.ts";
import { pictureOf } from "./picture.ts";

/** What somebody sends who wants to break it. */

const opened: (() => void)[] = [];
afterEach(() => {
  for (const close of opened.splice(0)) close();
});

interface Place {
  readonly d1: D1Database;
  readonly on: Onboarding;
  readonly session: string;
}

/** Acme, as far as the agents; knowledge is done, too, so that each step may be tried. */
async function place(): Promise<Place> {
  const { d1, close } = await emptyMemory();
  opened.push(close);
  const on = libraryOver(portsOver(d1));
  const { session } = await on.start(acme, {});
  await on.saveBusiness(acme, session, { company_name: "Acme", industry: "retail" });
  await on.generateAgents(acme, session);
  await on.saveAssistant(acme, session, { agent_name: "Nora" });
  return { d1, on, session };
}

const company = { company_name: "Acme", industry: "retail" };

/** Every text that a person chooses, and what becomes of it. */
const FIELDS = {
  company_name: async ({ on, session, d1 }: Place, text: unknown) => {
    await on.saveBusiness(acme, session, { ...company, company_name: text });
    return d1.prepare("SELECT company_name FROM tenants").first("company_name");
  },
  agent_name: async ({ on, session, d1 }: Place, text: unknown) => {
    await on.saveAssistant(acme, session, { agent_name: text });
    return d1.prepare("SELECT agent_name FROM omni_agent_configs").first("agent_name");
  },
  title: async ({ on, session, d1 }: Place, text: unknown) => {
    await on.addKnowledge(acme, session, { documents: [{ title: text, content: "x" }] });
    return d1.prepare("SELECT title FROM knowledge_documents").first("title");
  },
  content: async ({ on, session, d1 }: Place, text: unknown) => {
    await on.addKnowledge(acme, session, { documents: [{ title: "x", content: text }] });
    return d1.prepare("SELECT content FROM knowledge_documents").first("content");
  },
} as const;

const fields = Object.entries(FIELDS);

describe("text that is code somewhere else is text", () => {
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
    "%s: %s",
    async (_, text, save) => {
      const here = await place();
      expect(await save(here, text)).toBe(text);
      expect(await here.d1.prepare("SELECT count(*) AS n FROM tenants").first("n")).toBe(1);
    },
  );

  test("a greeting holds what the names hold, and nothing of it is carried out", async () => {
    const { d1, on, session } = await place();
    const name = "' || (SELECT api_key FROM tenants) || '";
    await on.saveBusiness(acme, session, { ...company, company_name: name });
    await on.saveAssistant(acme, session, { agent_name: name });
    const greeting = await d1
      .prepare("SELECT greeting_message AS g FROM omni_agent_configs")
      .first<string>("g");
    expect(greeting?.split(name)).toHaveLength(3);
    expect(greeting).not.toContain("key_");
  });
});

describe("what nobody can see is refused", () => {
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
  ])("%s", async (_, text) => {
    for (const [name, save] of fields) {
      const here = await place();
      const before = await pictureOf(here.d1);
      expect(await outcomeOf(save(here, text)), name).toMatch(/:unseen-characters$/);
      expect(await pictureOf(here.d1)).toEqual(before);
    }
  });

  test.each([
    ["half of a pair", "Acme \uD83D", /:not-unicode$/],
    ["the other half", "\uDC69Acme", /:not-unicode$/],
    ["nothing", "", /:empty$/],
    ["blanks of all kinds", " \t\u00A0\u2003", /:(?:empty|unseen-characters)$/],
  ])("%s", async (_, text, says) => {
    for (const [name, save] of fields) {
      expect(await outcomeOf(save(await place(), text)), name).toMatch(says);
    }
  });

  test("lines in a name are refused, and are content in a document", async () => {
    expect(await outcomeOf(FIELDS.company_name(await place(), "Acme\nInc"))).toMatch(/unseen/);
    expect(await FIELDS.content(await place(), "a\r\n\tb\n")).toBe("a\r\n\tb\n");
  });

  test("scripts that join their letters, and emoji, are seen", async () => {
    for (const text of ["می‌خواهم", "क्‍ष", "👩‍🌾", "❤️ Fleurs", "1️⃣ Garage"]) {
      expect(await FIELDS.company_name(await place(), text)).toBe(text.normalize("NFC"));
    }
  });
});

describe("what looks the same is the same, or is refused", () => {
  test("composed and decomposed, and blanks of all kinds, are one name", async () => {
    const here = await place();
    await here.on.saveBusiness(acme, here.session, { ...company, company_name: "Café Zoé" });
    const before = await pictureOf(here.d1);
    for (const same of [
      "Café Zoé".normalize("NFD"),
      "  Café\u00A0Zoé ",
      "Café  Zoé",
      "Café\u2009Zoé",
    ]) {
      await here.on.saveBusiness(acme, here.session, { ...company, company_name: same });
      expect(await pictureOf(here.d1)).toEqual(before);
    }
  });

  test.each(["０６３９９８０１０２", "＋３３６３９９８０１０２", "٠٦٣٩٩٨٠١٠٢", "۰۶۳۹۹۸۰۱۰۲"])(
    "digits of another script are the same number: %s",
    async (spelled) => {
      const { on, session } = await place();
      const phone = "06 39 98 01 02";
      await on.saveBusiness(acme, session, { ...company, phone });
      const { session: other } = await on.start(brew, {});
      expect(await outcomeOf(on.saveBusiness(brew, other, { ...company, phone: spelled }))).toBe(
        "conflict number-taken",
      );
    },
  );

  test.each([
    "аda@example.com",
    "ada@exаmple.com",
    "ada＠example.com",
    "ada@example。com",
    "a da@example.com",
  ])("an address of look-alikes is none: %s", async (email) => {
    const { on, session } = await place();
    expect(await outcomeOf(on.saveBusiness(acme, session, { ...company, email }))).toBe(
      "invalid email:not-an-address",
    );
  });

  test("an address in other letters is the same address", async () => {
    const { on } = await place();
    await on.start(brew, { email: "Bo@Example.com" });
    const third = { tenant: "third", user: "tom" };
    expect(await outcomeOf(on.start(third, { email: "BO@EXAMPLE.COM" }))).toBe(
      "conflict email-taken",
    );
  });

  test("an address that somebody has in other letters from before is no less his", async () => {
    const { d1, on } = await place();
    await on.start(brew, {});
    for (const table of ["tenants", "users"]) {
      await d1.prepare(`UPDATE ${table} SET email = 'Bo@Example.com' WHERE email LIKE 'br%'`).run();
    }
    const third = { tenant: "third", user: "tom" };
    expect(await outcomeOf(on.start(third, { email: "bo@example.com" }))).toBe(
      "conflict email-taken",
    );
    const { session } = await on.start(brew, {});
    await on.saveBusiness(brew, session, { ...company, email: "bo@example.com" });
    expect(await d1.prepare("SELECT email FROM tenants WHERE id = 'brew'").first("email")).toBe(
      "bo@example.com",
    );
  });

  test("an address of a document hides nothing", async () => {
    const { d1, on, session } = await place();
    const document = { title: "x", content: "x", source_url: "https://example.com/\u202E\uD800 a" };
    await on.addKnowledge(acme, session, { documents: [document] });
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
          on.addKnowledge(acme, session, { documents: [{ ...document, source_url }] }),
        ),
      ).toBe("invalid documents.0.source_url:not-a-url");
    }
  });
});

describe("what is no text is not made one", () => {
  const values: readonly [string, unknown][] = [
    ["a number", 33639980102],
    ["a list", ["Acme"]],
    ["an object that can tell what it is", { toString: () => "Acme", valueOf: () => "Acme" }],
    ["a String that is an object", new String("Acme")],
    ["true", true],
    ["a big number", 10n],
    ["a symbol", Symbol("Acme")],
    ["bytes", new Uint8Array([65])],
  ];
  test.each(values)("%s", async (_, value) => {
    for (const [name, save] of fields) {
      expect(await outcomeOf(save(await place(), value)), name).toMatch(/:not-a-text$/);
    }
    const { on, session } = await place();
    for (const name of ["phone", "email", "industry"]) {
      expect(await outcomeOf(on.saveBusiness(acme, session, { ...company, [name]: value }))).toBe(
        `invalid ${name}:not-a-text`,
      );
    }
  });

  test.each([
    [undefined, "invalid :required"],
    [null, "invalid :not-an-object"],
    ["{}", "invalid :not-an-object"],
    [[], "invalid :not-an-object"],
    [7, "invalid :not-an-object"],
  ])("an input that is no object: %s", async (input, says) => {
    const { on, session } = await place();
    expect(await outcomeOf(on.saveBusiness(acme, session, input))).toBe(says);
    expect(await outcomeOf(on.addKnowledge(acme, session, input))).toBe(says);
    expect(await outcomeOf(on.saveAssistant(acme, session, input))).toBe(says);
    expect(await outcomeOf(on.start(acme, input))).toBe(says);
  });

  test.each([7, null, undefined, {}, ["onb"], "onb'--", "", "x".repeat(10_000), "%", "\u0000"])(
    "a session that can be none is not there: %j",
    async (session) => {
      const { on } = await place();
      const asked: string = session as never;
      expect(await outcomeOf(on.status(acme, asked))).toBe("not-found");
      expect(await outcomeOf(on.complete(acme, asked))).toBe("not-found");
    },
  );

  test.each([7, {}, "", "a b", "é", "x".repeat(129), "\u0000"])(
    "a key that can be none: %j",
    async (key) => {
      const { on } = await place();
      const asked: string = key as never;
      expect(await outcomeOf(on.start(acme, {}, asked))).toMatch(
        /^invalid key:not-a-(?:key|text)$/,
      );
    },
  );
});

describe("keys of every object", () => {
  test.each([
    "__proto__",
    "constructor",
    "prototype",
    "toString",
    "hasOwnProperty",
    "tenant_id",
    "id",
  ])("%s is not known here", async (key) => {
    const { d1, on, session } = await place();
    const before = await pictureOf(d1);
    const input: unknown = JSON.parse(
      `{"company_name":"Acme","industry":"food","${key}":{"isAdmin":true}}`,
    );
    expect(await outcomeOf(on.saveBusiness(acme, session, input))).toBe(
      `invalid ${key}:unknown-key`,
    );
    const documents: unknown = JSON.parse(`{"documents":[{"title":"x","content":"x","${key}":1}]}`);
    expect(await outcomeOf(on.addKnowledge(acme, session, documents))).toBe(
      `invalid documents.0.${key}:unknown-key`,
    );
    expect(await pictureOf(d1)).toEqual(before);
    expect(Object.hasOwn(Object.prototype, "isAdmin")).toBe(false);
  });

  test("what stands in a prototype is not what was said", async () => {
    const { on, session } = await place();
    const input: unknown = Object.create({ company_name: "Acme", industry: "food" });
    const came = await outcomeOf(on.saveBusiness(acme, session, { ...(input as object) }));
    expect(came).toBe("invalid company_name:required industry:required");
  });
});

describe("too much", () => {
  const long = "x".repeat(10_000_000);
  test("a text of ten million characters", async () => {
    for (const [name, save] of fields) {
      const came = String(await outcomeOf(save(await place(), long)));
      expect(came, name).toMatch(/:too-long/);
    }
  });

  test("ten thousand documents, fifty thousand keys, a key of a million characters: little is told of them", async () => {
    const { on, session } = await place();
    const keys = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`key_${i}`, i]));
    for (const input of [
      { documents: Array.from({ length: 10_000 }, () => ({})) },
      { documents: Array.from({ length: 50 }, () => keys) },
      { ["k".repeat(1_000_000)]: 1 },
    ]) {
      await expect(on.addKnowledge(acme, session, input)).rejects.toSatisfy(
        (error: Error) => error.message.length < 10_000,
      );
    }
  });

  test("documents that are too much together", async () => {
    const { on, session } = await place();
    const documents = Array.from({ length: 50 }, (_, i) => ({
      title: String(i),
      content: "é".repeat(20_000),
    }));
    expect(await outcomeOf(on.addKnowledge(acme, session, { documents }))).toBe(
      "invalid documents:too-large",
    );
    expect(
      await outcomeOf(on.addKnowledge(acme, session, { documents: [...documents, documents[0]] })),
    ).toMatch(/^invalid documents:too-many/);
  });
});

describe("identities", () => {
  test.each(["%", "_", "a%", "'", "a b", "", "-a", "é", "a".repeat(129), "a\n"])(
    "%j is none",
    async (id) => {
      const { on } = await place();
      expect(await outcomeOf(on.start({ tenant: id, user: "x" }, {}))).toBe(
        "invalid tenant:not-an-identity",
      );
      expect(await outcomeOf(on.start({ tenant: "x", user: id }, {}))).toBe(
        "invalid user:not-an-identity",
      );
    },
  );

  test("tenants that differ in letters, or by what would match anything, are different ones", async () => {
    const { d1, on, session } = await place();
    for (const tenant of ["ACME", "Acme", "acm_", "a_me", "acme_"]) {
      const caller = { tenant, user: `${tenant}.user` };
      await on.start(caller, {});
      expect(await outcomeOf(on.status(caller, session))).toBe("not-found");
    }
    expect(await d1.prepare("SELECT count(*) AS n FROM tenants").first("n")).toBe(6);
  });

  test("a user may be called as its tenant, and have its address", async () => {
    const { on } = await place();
    const caller = { tenant: "same", user: "same" };
    const { session } = await on.start(caller, { email: "same@example.com" });
    const business = { ...company, email: "same@example.com" };
    expect(await on.saveBusiness(caller, session, business)).toMatchObject({ current_step: 3 });
    expect(await on.start(caller, { email: "same@example.com" })).toEqual({
      session,
      begun: false,
    });
  });

  test("a tenant may be called as a user of another one", async () => {
    const { on } = await place();
    expect(await outcomeOf(on.start({ tenant: "ada", user: "other" }, {}))).toHaveProperty(
      "session",
    );
  });

  test("who says that a document is somebody else's says nothing", async () => {
    const { on, session } = await place();
    const documents = [{ title: "x", content: "x", tenant_id: "brew" }];
    expect(await outcomeOf(on.addKnowledge(acme, session, { documents }))).toBe(
      "invalid documents.0.tenant_id:unknown-key",
    );
  });
});

describe("said again", () => {
  test("a key with other data is a conflict, and with the same nothing is done", async () => {
    const { d1, close } = await emptyMemory();
    opened.push(close);
    const ports = portsOver(d1);
    expect(await whole(ports, {})).toBe("onboarded");
    const before = await pictureOf(d1);
    expect(await whole(ports, {})).toBe("already");
    expect(await outcomeOf(whole(ports, { assistant: { agent_name: "Malo" } }))).toBe(
      "conflict key-reused",
    );
    expect(await pictureOf(d1)).toEqual(before);
    expect(await whole(ports, { key: "second" })).toBe("onboarded");
  });

  test("the key of a session that is still going on is no other's", async () => {
    const { d1, on } = await place();
    await on.start(acme, {}, "key");
    const before = await pictureOf(d1);
    expect(await outcomeOf(whole(portsOver(d1, undefined, 5), { key: "key" }))).toBe(
      "conflict key-reused",
    );
    expect(await pictureOf(d1)).toEqual(before);
  });

  test("whole, each part that is somebody else's is told", async () => {
    const { d1, on } = await place();
    await on.start(brew, { email: "bo@example.com" });
    const ports = portsOver(d1, undefined, 5);
    const before = await pictureOf(d1);
    const third = { tenant: "third", user: "tom" };
    for (const [parts, why] of [
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
      expect(await outcomeOf(whole(ports, parts))).toBe(why);
      expect(await pictureOf(d1)).toEqual(before);
    }
  });

  test("a completed session answers, and takes nothing", async () => {
    const { d1, on, session } = await place();
    await on.addKnowledge(acme, session, {});
    await on.complete(acme, session);
    const before = await pictureOf(d1);
    await outcomeOf(on.saveBusiness(acme, session, company));
    await outcomeOf(on.addKnowledge(acme, session, { documents: [{ title: "x", content: "x" }] }));
    await on.complete(acme, session);
    expect(await pictureOf(d1)).toEqual(before);
  });

  test("a second user is not given the address of another tenant, though no user has it", async () => {
    const { d1, on } = await place();
    const { session } = await on.start(brew, {});
    await on.saveBusiness(brew, session, { ...company, email: "info@example.com" });
    const before = await pictureOf(d1);
    const alan = { ...acme, user: "alan" };
    expect(await outcomeOf(on.start(alan, { email: "info@example.com" }))).toBe(
      "conflict email-taken",
    );
    expect(await pictureOf(d1)).toEqual(before);
  });

  test("a tenant is not given the address of another's user, and keeps its own where another's user has it, too", async () => {
    const { d1, on, session } = await place();
    await on.start({ ...acme, user: "alan" }, { email: "alan@example.com" });
    const { session: other } = await on.start(brew, {});
    const business = { ...company, email: "alan@example.com" };
    const before = await pictureOf(d1);
    expect(await outcomeOf(on.saveBusiness(brew, other, business))).toBe("conflict email-taken");
    expect(await pictureOf(d1)).toEqual(before);
    // Their own user's may be the tenant's.
    expect(await on.saveBusiness(acme, session, business)).toMatchObject({ company_name: "Acme" });
    // As older versions of the form have left it.
    await d1.prepare("UPDATE tenants SET email = 'alan2@example.com' WHERE id = 'acme'").run();
    await d1.prepare("UPDATE tenants SET email = 'alan@example.com' WHERE id = 'brew'").run();
    expect(await on.saveBusiness(brew, other, business)).toMatchObject({ company_name: "Acme" });
  });

  test("who has the address that a start would give out of itself is told of, and the start can be made with another", async () => {
    const { d1, on } = await place();
    // As older versions of the form have left it.
    await d1.prepare("UPDATE tenants SET email = 'brew@temp.local'").run();
    expect(await outcomeOf(on.start(brew, {}))).toBe("conflict email-taken");
    expect(await outcomeOf(on.start(brew, { email: "bo@example.com" }))).toHaveProperty("session");
  });
});
