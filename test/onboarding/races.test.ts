import { rmSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { openLocal } from "../../src/database/local.ts";
import type { D1Database } from "../../src/database/port.ts";
import type { Onboarding } from "../../src/onboarding/onboarding.ts";
import { target } from "../database/folder.ts";
import { fakeRemote } from "../database/remote-fixture.ts";
import { acme, brew, whole } from "./operations.ts";
import { withHooks, type Hooks } from "./hooks.ts";
import {
  clockAt,
  emptyFile,
  emptyMemory,
  folderIn,
  migrate,
  type Opened,
  portsOver,
} from "./databases.ts";
import { brokenIn } from "./invariants.ts";
import { libraryOver } from "./library.ts";
import { outcomeOf } from "./outcome.ts";
import { dumpOf } from "./dump.ts";

/** Concurrent calls: one succeeds, the others fail with the reason, and none leaves a partial state. */

const folder = folderIn();
let files = 0;

afterAll(() => rmSync(folder, { recursive: true }));

const company = { company_name: "Acme", industry: "retail" };
const phone = "06 39 98 01 02";

/** Opens several connections to one database. */
type Open = (connections: number) => Promise<{ readonly all: D1Database[]; close(): void }>;

const databases: Readonly<Record<string, Open>> = {
  memory: async (connections) => {
    const { d1, close } = await emptyMemory();
    return { all: Array.from({ length: connections }, () => d1), close };
  },
  "a local file with a connection for each": async (connections) => {
    const path = emptyFile(folder, `races-${(files += 1)}`);
    const opened = Array.from({ length: connections }, () =>
      openLocal(path, target, { mode: "write" }),
    );
    return {
      all: opened.map(({ d1 }) => d1),
      close: () => opened.forEach((one) => one.close()),
    };
  },
  "a remote database with concurrent requests": async (connections) => {
    const { d1, remote } = await fakeRemote();
    await migrate(d1);
    return { all: Array.from({ length: connections }, () => d1), close: () => remote.close() };
  },
};

/** One library per connection, each with its own ids. */
function librariesOver(all: readonly D1Database[]): Onboarding[] {
  const clock = clockAt();
  return all.map((d1, i) => libraryOver(portsOver(d1, clock, i)));
}

interface Count {
  readonly n: number;
}

async function countOf(d1: D1Database | undefined, table: string): Promise<number | undefined> {
  return (await d1?.prepare(`SELECT count(*) AS n FROM ${table}`).first<Count>())?.n;
}

describe.each(Object.entries(databases))("over %s", (_, open) => {
  test("fifty concurrent starts of one user create one tenant, one user and one session", async () => {
    const { all, close } = await open(50);
    const answers = await Promise.all(librariesOver(all).map((one) => one.start(acme, {})));
    expect(new Set(answers.map(({ session }) => session)).size).toBe(1);
    expect(await countOf(all[0], "tenants")).toBe(1);
    expect(await countOf(all[0], "users")).toBe(1);
    expect(await countOf(all[0], "onboarding_sessions")).toBe(1);
    expect(await countOf(all[0], "product_categories")).toBe(4);
    close();
  });

  test("fifty concurrent starts with five keys create one tenant and one session per key", async () => {
    const { all, close } = await open(50);
    const answers = await Promise.all(
      librariesOver(all).map((one, i) => one.start(acme, {}, `key-${i % 5}`)),
    );
    expect(new Set(answers.map(({ session }) => session)).size).toBe(5);
    expect(await countOf(all[0], "tenants")).toBe(1);
    expect(await countOf(all[0], "onboarding_sessions")).toBe(5);
    close();
  });

  test("fifty concurrent users of one tenant create one tenant and one session per user", async () => {
    const { all, close } = await open(50);
    const answers = await Promise.all(
      librariesOver(all).map((one, i) => one.start({ tenant: "acme", user: `user_${i}` }, {})),
    );
    expect(new Set(answers.map(({ session }) => session)).size).toBe(50);
    expect(await countOf(all[0], "tenants")).toBe(1);
    expect(await countOf(all[0], "users")).toBe(50);
    close();
  });

  test("one of ten tenants that enter one number at the same time gets it", async () => {
    const { all, close } = await open(10);
    const claims = librariesOver(all).map(async (one, i) => {
      const caller = { tenant: `tenant_${i}`, user: `user_${i}` };
      const { session } = await one.start(caller, {});
      return outcomeOf(one.saveBusiness(caller, session, { ...company, phone }));
    });
    const outcomes = await Promise.all(claims);
    expect(outcomes.filter((one) => one === "conflict number-taken")).toHaveLength(9);
    expect(await countOf(all[0], "tenants WHERE phone IS NOT NULL")).toBe(1);
    close();
  });

  test("ten concurrent calls onboard a whole tenant once", async () => {
    const { all, close } = await open(10);
    const clock = clockAt();
    const outcomes = await Promise.all(all.map((d1, i) => whole(portsOver(d1, clock, i), {})));
    expect(outcomes.filter((one) => one === "onboarded")).toHaveLength(1);
    expect(await countOf(all[0], "onboarding_sessions")).toBe(1);
    expect(await countOf(all[0], "knowledge_documents")).toBe(1);
    close();
  });

  test("one of two concurrent calls with one key and different data fails with key-reused", async () => {
    const { all, close } = await open(2);
    const clock = clockAt();
    const outcomes = await Promise.all(
      all.map((d1, i) =>
        outcomeOf(
          whole(portsOver(d1, clock, i), { assistant: { agent_name: i === 0 ? "Nora" : "Malo" } }),
        ),
      ),
    );
    expect(outcomes.toSorted()).toEqual(["conflict key-reused", "onboarded"]);
    close();
  });
});

/** Acme and Brew with a number each, with all steps but `complete`. */
async function twoTenants(): Promise<
  Opened & {
    libraryWith(hooks: Hooks): Onboarding;
    readonly plain: Onboarding;
    session: string;
    other: string;
  }
> {
  const { d1, close } = await emptyMemory();
  const clock = clockAt();
  const plain = libraryOver(portsOver(d1, clock));
  const through = async (caller: typeof acme, number: string): Promise<string> => {
    const { session } = await plain.start(caller, {});
    await plain.saveBusiness(caller, session, { ...company, phone: number });
    await plain.generateAgents(caller, session);
    await plain.saveAssistant(caller, session, { agent_name: "Nora" });
    await plain.addKnowledge(caller, session, {});
    return session;
  };
  const session = await through(acme, phone);
  const other = await through(brew, "06 39 98 01 03");
  let stream = 1;
  return {
    d1,
    close,
    plain,
    session,
    other,
    libraryWith: (hooks) => libraryOver(portsOver(withHooks(d1, hooks), clock, (stream += 1))),
  };
}

describe("a step", () => {
  test("sends the batch again if the reason for its rejection no longer exists", async () => {
    const { libraryWith, plain, session, other, close } = await twoTenants();
    const late = libraryWith({
      beforeQuery: async () => {
        await plain.saveBusiness(acme, session, { ...company, phone: null });
      },
    });
    expect(await late.saveBusiness(brew, other, { ...company, phone })).toMatchObject({
      phone: "+33639980102",
      phone_mapped: 1,
    });
    close();
  });

  test("throws the error of the database and writes nothing after three rejected batches without a reason", async () => {
    const { d1, libraryWith, plain, session, other, close } = await twoTenants();
    let batches = 0;
    const unlucky = libraryWith({
      beforeBatch: async (_, count) => {
        batches = count;
        await plain.saveBusiness(acme, session, { ...company, phone });
        return undefined;
      },
      beforeQuery: async () => {
        await plain.saveBusiness(acme, session, { ...company, phone: null });
      },
    });
    const before = (await dumpOf(d1)).filter(([, , row]) => row.includes('"brew"'));
    await expect(unlucky.saveBusiness(brew, other, { ...company, phone })).rejects.toThrow(
      "D1_ERROR",
    );
    expect(batches).toBe(3);
    expect((await dumpOf(d1)).filter(([, , row]) => row.includes('"brew"'))).toEqual(before);
    close();
  });

  test.each([
    ["saveBusiness", company],
    ["saveAssistant", { agent_name: "Malo" }],
    ["addKnowledge", { documents: [{ title: "x", content: "x" }] }],
    ["generateAgents", undefined],
  ] as const)("fails if the session is completed before its batch: %s", async (step, input) => {
    const { d1, libraryWith, plain, session, close } = await twoTenants();
    const late = libraryWith({
      beforeBatch: async () => {
        await plain.complete(acme, session);
        return undefined;
      },
    });
    expect(await outcomeOf(late[step](acme, session, input))).toBe("conflict session-completed");
    expect(await brokenIn(d1, "2026")).toEqual([]);
    close();
  });

  test("succeeds if it is complete and the number is removed or changed at the same time, and the mapping matches", async () => {
    for (const other of [null, "06 39 98 01 04"]) {
      const { d1, libraryWith, plain, session, close } = await twoTenants();
      const late = libraryWith({
        beforeBatch: async (_, count) => {
          if (count === 1) await plain.saveBusiness(acme, session, { ...company, phone: other });
          return undefined;
        },
      });
      expect(await late.complete(acme, session)).toMatchObject({
        status: "completed",
        phone_mapped: other === null ? 0 : 1,
      });
      expect(await brokenIn(d1, "2026")).toEqual([]);
      close();
    }
  });

  test("requires assistant again if it is complete and the number changes outside of onboarding", async () => {
    const { d1, libraryWith, session, close } = await twoTenants();
    const late = libraryWith({
      beforeBatch: async (_, count) => {
        if (count === 1)
          await d1.prepare("UPDATE tenants SET phone = '+33639980109' WHERE id = 'acme'").run();
        return undefined;
      },
    });
    expect(await outcomeOf(late.complete(acme, session))).toBe("out-of-order assistant");
    close();
  });

  test("reports the session as not found if the tenant is deleted before its batch", async () => {
    const { d1, libraryWith, session, close } = await twoTenants();
    const late = libraryWith({
      beforeBatch: async () => {
        await d1.batch([
          d1.prepare("DELETE FROM availability_slots"),
          d1.prepare("DELETE FROM agents"),
          d1.prepare("DELETE FROM tenants WHERE id = 'acme'"),
        ]);
        return undefined;
      },
    });
    expect(await outcomeOf(late.saveBusiness(acme, session, company))).toBe("not-found");
    close();
  });
});
