/**
 * Random walks of several tenants through the steps, on a database with a past: each call is held against the model, and the
 * whole database against what it was before.
 * @module
 */
import * as fc from "fast-check";
import { expect } from "vitest";
import { openOnboarding } from "../../src/onboarding/onboarding.ts";
import { clockAt, type Opened, portsOver, RESERVED } from "./ground.ts";
import { brokenIn } from "./invariants.ts";
import { type Call, type Model, modelOf, predict, remember } from "./model.ts";
import { DONE, STEPS } from "../../src/onboarding/steps.ts";
import { outcomeOf } from "./outcome.ts";
import { type Line, ownerOf, pictureOf, withoutTenant } from "./picture.ts";

const SINCE = "2026-03-01T08:00:00.000Z";

/** A call before it is known which sessions there are. */
interface Wish extends Omit<Call, "step" | "tenant" | "user" | "session"> {
  /** `next`: the one that the session waits for. */
  readonly step: Call["step"] | "next";
  readonly who: number;
  readonly user: number;
  /** Most of the time the last session of the tenant; otherwise any. */
  readonly session: "own" | number;
  /** How often the same is done, right after each other. */
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

/** Few, so that they are fought for; some are written in the legacy rows in spellings of their own. */
const NUMBERS = ["639980505", "639983501", "639980404", "199003902", "639989901", "639989902"];

const ADDRESSES = ["ada@example.com", "bo@example.com", "shared@example.com"];

const wish: fc.Arbitrary<Wish> = fc.record({
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

export const wishes: fc.Arbitrary<Wish[]> = fc.array(wish, {
  minLength: 1,
  maxLength: 40,
  size: "max",
});

/** Tenants that take part: new ones, and legacy ones that the rows have something awkward of. */
function cast(model: Model): string[] {
  const withMapping = [...new Set(model.mappings.map(({ tenant }) => tenant))].slice(0, 5);
  return ["acme", "brew", "default", ...withMapping];
}

function callOf(model: Model, one: Wish): Call {
  const tenants = cast(model);
  const tenant = tenants[one.who % tenants.length] ?? "";
  const own = [...model.users].filter(([, user]) => user.tenant === tenant).map(([id]) => id);
  const everybody = [...model.users.keys(), "anonymous", "acme", "brew"];
  const user =
    one.user < 0
      ? (own[0] ?? `${tenant}_user`)
      : (everybody[(one.user * 7) % everybody.length] ?? "");
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

/** @throws where the database does other than the model, or breaks what has to be true of it */
export async function walk({ d1, close }: Opened, list: readonly Wish[]): Promise<string[]> {
  const clock = clockAt(SINCE);
  const onboarding = openOnboarding(portsOver(d1, clock), { reserved: [RESERVED] });
  const model = await modelOf(d1);
  const past = new Set(await brokenIn(d1, SINCE));
  const told: string[] = [];
  try {
    let before = await pictureOf(d1);
    for (const one of list) {
      const call = callOf(model, one);
      clock.pass(one.seconds);
      for (let time = 0; time < one.times; time += 1) {
        const now = clock.now().toISOString();
        const predicted = predict(model, call);
        const came = await outcomeOf<object>(executePlan(call));
        const what = `${call.step} of ${call.tenant}/${call.user}`;
        told.push(typeof came === "string" ? `${call.step}: ${came}` : call.step);
        const after = await pictureOf(d1);
        if (typeof predicted === "string" || typeof came === "string") {
          expect(came, what).toEqual(predicted);
          expect(after, `${what} was refused`).toEqual(before);
        } else if ("found" in predicted) {
          const session = "session" in came ? String(came.session) : "";
          if (predicted.found === null) {
            expect(model.sessions.has(session), what).toBe(false);
            remember(model, call, session, now);
          } else expect(session, what).toBe(predicted.found);
        } else expect(came, what).toMatchObject(predicted);

        if (time > 0) expect(after, `${what}, once more`).toEqual(before);
        expect(others(after, call.tenant), `others, after ${what}`).toEqual(
          others(before, call.tenant),
        );
        expect(stepsOf(before).filter(([id, step]) => (stepAt(after, id) ?? 0) < step)).toEqual([]);
        const broken = (await brokenIn(d1, SINCE)).filter((line) => !past.has(line));
        expect(broken, `after ${what}`).toEqual([]);
        before = after;
        clock.pass(60);
      }
    }
  } finally {
    close();
  }
  return told;

  function executePlan({
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

const others = (picture: readonly Line[], tenant: string): string[] =>
  withoutTenant(picture, tenant).map((line) => `${ownerOf(line)} ${line.join(" ")}`);

function stepsOf(picture: readonly Line[]): [id: string, step: number][] {
  return picture.flatMap(([table, id, row]): [string, number][] => {
    if (table !== "onboarding_sessions") return [];
    const { current_step: step } = JSON.parse(row) as { readonly current_step: number | null };
    return [[id, step ?? 0]];
  });
}

function stepAt(picture: readonly Line[], session: string): number | undefined {
  return stepsOf(picture).find(([id]) => id === session)?.[1];
}
