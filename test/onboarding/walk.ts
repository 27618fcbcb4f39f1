/**
 * Random calls of several tenants on a database with legacy rows. After each call, the result is compared with the model, and the whole
 * database with its previous rows.
 * @module
 */
import * as fc from "fast-check";
import { expect } from "vitest";
import { openOnboarding } from "../../src/onboarding/onboarding.ts";
import { clockAt, type Opened, portsOver, RESERVED } from "./databases.ts";
import { brokenIn } from "./invariants.ts";
import { type Call, type Model, modelOf, predict, remember } from "./model.ts";
import { DONE, STEPS } from "../../src/onboarding/steps.ts";
import { outcomeOf } from "./outcome.ts";
import { type DumpedRow, ownerOf, dumpOf, withoutTenant } from "./dump.ts";

const SINCE = "2026-03-01T08:00:00.000Z";

/** A random call. Its session and user are chosen when it runs. */
interface RandomCall extends Omit<Call, "step" | "tenant" | "user" | "session"> {
  /** `next`: the next step of the session. */
  readonly step: Call["step"] | "next";
  readonly who: number;
  readonly user: number;
  /** `own`: the tenant's last open session. A number: any session. */
  readonly session: "own" | number;
  /** How often the call is made. */
  readonly times: number;
  readonly seconds: number;
}

const spellings = (digits: string): string[] => [
  `0${digits}`,
  `+33${digits}`,
  `0033${digits}`,
  `+33 (0)${digits}`,
  `0${digits.replaceAll(/(\d)(\d{2})/g, "$1 $2")}`,
  `0${digits.split("").join("\u202F")}`,
];

/** Few, so that tenants compete for them. Legacy rows have some of them in other notations. */
const NUMBERS = ["639980505", "639983501", "639980404", "199003902", "639989901", "639989902"];

const ADDRESSES = ["ada@example.com", "bo@example.com", "shared@example.com"];

const randomCall: fc.Arbitrary<RandomCall> = fc.record({
  step: fc.oneof(
    { weight: 3, arbitrary: fc.constant("next" as const) },
    { weight: 1, arbitrary: fc.constant("business" as const) },
    { weight: 2, arbitrary: fc.constantFrom(...STEPS, "status" as const) },
  ),
  who: fc.nat(7),
  user: fc.oneof({ weight: 6, arbitrary: fc.constant(-1) }, fc.nat(11)),
  session: fc.oneof(
    { weight: 6, arbitrary: fc.constant("own" as const) },
    { weight: 1, arbitrary: fc.nat(200) },
  ),
  key: fc.oneof(
    { weight: 4, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.constantFrom("k1", "k2") },
  ),
  email: fc.oneof(
    { weight: 4, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.constantFrom(...ADDRESSES) },
  ),
  phone: fc.oneof(
    { weight: 1, arbitrary: fc.constant(null) },
    { weight: 3, arbitrary: fc.constantFrom(...NUMBERS.flatMap(spellings)) },
  ),
  company: fc.constantFrom("Acme", "Brew & Fils", "L'Atelier d'Élise"),
  industry: fc.constantFrom("real_estate", "retail", "falconry"),
  times: fc.integer({ min: 1, max: 2 }),
  seconds: fc.nat(90),
});

export const randomCalls: fc.Arbitrary<RandomCall[]> = fc.array(randomCall, {
  minLength: 1,
  maxLength: 40,
  size: "max",
});

/** New tenants, and legacy tenants with mappings. */
function tenantsIn(model: Model): string[] {
  const withMapping = [...new Set(model.mappings.map(({ tenant }) => tenant))].slice(0, 5);
  return ["acme", "brew", "default", ...withMapping];
}

function callOf(model: Model, one: RandomCall): Call {
  const tenants = tenantsIn(model);
  const tenant = tenants[one.who % tenants.length] ?? "";
  const own = [...model.users].filter(([, user]) => user.tenant === tenant).map(([id]) => id);
  const anyUser = [...model.users.keys(), "anonymous", "acme", "brew"];
  const user =
    one.user < 0 ? (own[0] ?? `${tenant}_user`) : (anyUser[(one.user * 7) % anyUser.length] ?? "");
  const sessions = [...model.sessions.values()];
  const last = sessions.findLast(
    (session) => session.tenant === tenant && session.status === "in_progress",
  );
  const session =
    one.session === "own"
      ? (last?.id ?? "onb_none")
      : (sessions[one.session % (sessions.length + 1)]?.id ?? "onb_none");
  const next = STEPS.find((step) => DONE[step] > (model.sessions.get(session)?.step ?? 0));
  return {
    ...one,
    step: one.step === "next" ? (next ?? "complete") : one.step,
    tenant,
    user,
    session,
  };
}

/** @throws if the database differs from the model or breaks an invariant */
export async function walk({ d1, close }: Opened, list: readonly RandomCall[]): Promise<string[]> {
  const clock = clockAt(SINCE);
  const onboarding = openOnboarding(portsOver(d1, clock), { reserved: [RESERVED] });
  const model = await modelOf(d1);
  const brokenBefore = new Set(await brokenIn(d1, SINCE));
  const outcomes: string[] = [];
  try {
    let before = await dumpOf(d1);
    for (const one of list) {
      const call = callOf(model, one);
      clock.pass(one.seconds);
      for (let time = 0; time < one.times; time += 1) {
        const now = clock.now().toISOString();
        const predicted = predict(model, call);
        const result = await outcomeOf<object>(makeCall(call));
        const what = `${call.step} of ${call.tenant}/${call.user}`;
        outcomes.push(typeof result === "string" ? `${call.step}: ${result}` : call.step);
        const after = await dumpOf(d1);
        if (typeof predicted === "string" || typeof result === "string") {
          expect(result, what).toEqual(predicted);
          expect(after, `after the rejected ${what}`).toEqual(before);
        } else if ("found" in predicted) {
          const session = "session" in result ? String(result.session) : "";
          if (predicted.found === null) {
            expect(model.sessions.has(session), what).toBe(false);
            remember(model, call, session, now);
          } else expect(session, what).toBe(predicted.found);
        } else expect(result, what).toMatchObject(predicted);

        if (time > 0) expect(after, `${what}, repeated`).toEqual(before);
        expect(rowsOfOthers(after, call.tenant), `other tenants, after ${what}`).toEqual(
          rowsOfOthers(before, call.tenant),
        );
        expect(stepsOf(before).filter(([id, step]) => (stepAt(after, id) ?? 0) < step)).toEqual([]);
        const broken = (await brokenIn(d1, SINCE)).filter((line) => !brokenBefore.has(line));
        expect(broken, `after ${what}`).toEqual([]);
        before = after;
        clock.pass(60);
      }
    }
  } finally {
    close();
  }
  return outcomes;

  function makeCall({
    step,
    tenant,
    user,
    session,
    key,
    email,
    phone,
    ...rest
  }: Call): Promise<object> {
    const caller = { tenant, user };
    const address = email === null ? {} : { email };
    switch (step) {
      case "start":
        return onboarding.start(caller, address, key ?? undefined);
      case "business":
        return onboarding.saveBusiness(caller, session, {
          company_name: rest.company,
          industry: rest.industry,
          phone,
          ...address,
        });
      case "agents":
        return onboarding.generateAgents(caller, session);
      case "assistant":
        return onboarding.saveAssistant(caller, session, { agent_name: rest.company });
      case "knowledge":
        return onboarding.addKnowledge(caller, session, {
          documents: [{ title: rest.company, content: rest.industry }],
        });
      case "complete":
        return onboarding.complete(caller, session);
      case "status":
        return onboarding.status(caller, session);
    }
  }
}

const rowsOfOthers = (dump: readonly DumpedRow[], tenant: string): string[] =>
  withoutTenant(dump, tenant).map((line) => `${ownerOf(line)} ${line.join(" ")}`);

function stepsOf(dump: readonly DumpedRow[]): [id: string, step: number][] {
  return dump.flatMap(([table, id, row]): [string, number][] => {
    if (table !== "onboarding_sessions") return [];
    const { current_step: step } = JSON.parse(row) as { readonly current_step: number | null };
    return [[id, step ?? 0]];
  });
}

function stepAt(dump: readonly DumpedRow[], session: string): number | undefined {
  return stepsOf(dump).find(([id]) => id === session)?.[1];
}
