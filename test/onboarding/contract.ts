/**
 * The behaviour of onboarding as scenarios, which any client can play: the library, the Worker, the page.
 *
 * ```ts
 * for (const scenario of scenarios) expect(await play(client, scenario, "s1")).toEqual(expectedOf(scenario, "s1"));
 * ```
 * @module
 */
import type { Caller } from "../../src/onboarding/ports.ts";

export const ACTS = [
  "start",
  "business",
  "agents",
  "assistant",
  "knowledge",
  "complete",
  "status",
] as const;
export type Act = (typeof ACTS)[number];

/** The result of a step, or its error as a text of `outcome.ts`. */
export type Answer = Readonly<Record<string, unknown>> | string;

/** Runs the steps. `start` gets the session null and returns `{ session }`; every other step returns the state. */
export interface Client {
  act(
    act: Act,
    caller: Caller,
    session: string | null,
    input: unknown,
    key?: string,
  ): Promise<Answer>;
}

/** A step and its expected result. */
export interface Move {
  readonly act: Act;
  /** `tenant/user`, as labels in the scenario. */
  readonly who: string;
  /** The label under which `start` stores the session and other steps find it. Default: the tenant. */
  readonly at: string;
  readonly input: unknown;
  readonly key: string | undefined;
  /** The compared part of the result, or the error. */
  readonly gives: Answer;
}

export interface Scenario {
  readonly name: string;
  /** Takes its numbers, addresses and ids from `place`, so that scenarios can share a database: `number("06 39 98", 1)`. */
  readonly moves: (place: Place) => readonly Move[];
}

/** Creates values that are unique to a scenario. */
export interface Place {
  /** A number that begins with the prefix: `number("+33 6 39 98", 7)`. */
  number(prefix: string, which: number): string;
  email(who: string): string;
  id(label: string): string;
}

export function placeOf(prefix: string, index: number): Place {
  return {
    number: (head, which) =>
      `${head}${head.startsWith("+") && !head.includes(" ") ? "" : " "}${pair(index)}${head.includes(" ") ? " " : ""}${pair(which)}`,
    email: (who) => `${who}.${prefix}@example.com`,
    id: (label) => `${prefix}_${label}`,
  };
}

function pair(n: number): string {
  return String(n).padStart(2, "0");
}

/** Runs a scenario. Returns the result of each move, reduced to the keys that the move expects. */
export async function play(
  client: Client,
  { moves }: Scenario,
  prefix: string,
  index = 0,
): Promise<Answer[]> {
  const place = placeOf(prefix, index);
  const sessions = new Map<string, string>();
  const results: Answer[] = [];
  for (const { act, who, at, input, key, gives } of moves(place)) {
    const [tenant = "", user = ""] = who.split("/").map((label) => place.id(label));
    const session = act === "start" ? null : (sessions.get(at) ?? at);
    const answer = await client.act(act, { tenant, user }, session, input, key);
    if (typeof answer === "string") {
      results.push(answer);
      continue;
    }
    if (act === "start") {
      const made = String(answer["session"]);
      const other = sessions.get(at);
      sessions.set(at, made);
      // Ids are random, so only whether it is the previous session can be compared.
      results.push({ same: other === made });
      continue;
    }
    const asked = typeof gives === "string" ? Object.keys(answer) : Object.keys(gives);
    results.push(Object.fromEntries(asked.map((name) => [name, answer[name]])));
  }
  return results;
}

export function expectedOf({ moves }: Scenario, prefix: string, index = 0): Answer[] {
  return moves(placeOf(prefix, index)).map(({ gives }) => gives);
}

type Rest = { readonly at?: string; readonly key?: string };

/** Creates the moves of a caller: `by("acme/ada").start(…)`. */
function by(
  who: string,
): Record<
  Exclude<Act, "agents" | "complete" | "status">,
  (input: unknown, gives: Answer, rest?: Rest) => Move
> &
  Record<"agents" | "complete" | "status", (gives: Answer, rest?: Rest) => Move> {
  const home = who.split("/")[0] ?? "";
  const move = (act: Act, input: unknown, gives: Answer, { at = home, key }: Rest = {}): Move => ({
    act,
    who,
    at,
    input,
    key,
    gives,
  });
  return {
    start: (input, gives, rest) => move("start", input, gives, rest),
    business: (input, gives, rest) => move("business", input, gives, rest),
    assistant: (input, gives, rest) => move("assistant", input, gives, rest),
    knowledge: (input, gives, rest) => move("knowledge", input, gives, rest),
    agents: (gives, rest) => move("agents", undefined, gives, rest),
    complete: (gives, rest) => move("complete", undefined, gives, rest),
    status: (gives, rest) => move("status", undefined, gives, rest),
  };
}

const acme = by("acme/ada");
const brew = by("brew/bo");
const NEW = { same: false };
const SAME = { same: true };
const company = { company_name: "Acme", industry: "retail" };
const nora = { agent_name: "Nora" };
const none = { documents: [] };
const hours = { title: "Horaires", source_type: "text", content: "Du lundi au vendredi." };

/** The steps of a tenant without a number, up to `last`. */
function upTo(
  last: "business" | "agents" | "assistant" | "knowledge" | "complete",
  of = acme,
  business: unknown = company,
): Move[] {
  const all = [
    of.start({}, NEW),
    of.business(business, { current_step: 3 }),
    of.agents({ current_step: 4 }),
    of.assistant(nora, { current_step: 5 }),
    of.knowledge(none, { current_step: 6 }),
    of.complete({ status: "completed" }),
  ];
  const acts = ["business", "agents", "assistant", "knowledge", "complete"];
  return all.slice(0, acts.indexOf(last) + 2);
}

export const scenarios: readonly Scenario[] = [
  {
    name: "the steps in order give a tenant an agent that answers its number",
    moves: ({ number }) => [
      acme.start({}, NEW),
      acme.status({ current_step: 1, status: "in_progress", company_name: null, agents: 0 }),
      acme.business(
        { company_name: "Acme", industry: "real_estate", phone: number("06 39 98", 1) },
        {
          current_step: 3,
          company_name: "Acme",
          sector: "real_estate",
          phone: number("+3363998", 1),
          phone_mapped: 0,
        },
      ),
      acme.agents({ current_step: 4, agents: 2 }),
      acme.assistant(nora, {
        current_step: 5,
        agent_name: "Nora",
        agent_type: "real_estate_reception",
        voice_language: "fr-FR",
        enable_appointments: 1,
        enable_products: 1,
        phone_mapped: 1,
      }),
      acme.knowledge({ documents: [hours] }, { current_step: 6, documents: 1 }),
      acme.complete({ current_step: 6, status: "completed", progress_percentage: 100 }),
      acme.status({ status: "completed", phone_mapped: 1 }),
    ],
  },
  {
    name: "a tenant without a number can be onboarded",
    moves: () => [
      ...upTo("knowledge"),
      acme.complete({ status: "completed", phone: null, phone_mapped: 0 }),
    ],
  },
  {
    name: "start resumes the open session; with a key, it resumes the session with that key",
    moves: () => [
      acme.start({}, NEW),
      acme.start({}, SAME),
      acme.start({}, NEW, { at: "k1", key: "k1" }),
      acme.start({}, SAME, { at: "k1", key: "k1" }),
      acme.start({}, NEW, { at: "k2", key: "k2" }),
      acme.start({}, SAME),
    ],
  },
  {
    name: "a second user of the tenant gets a separate session",
    moves: () => [
      acme.start({}, NEW),
      by("acme/alan").start({}, NEW, { at: "alan's" }),
      by("acme/alan").business(company, { current_step: 3 }, { at: "alan's" }),
      acme.status({ current_step: 1, company_name: "Acme" }),
    ],
  },
  {
    name: "repeating each step changes nothing",
    moves: ({ number }) => [
      acme.start({}, NEW),
      ...[0, 1].map(() =>
        acme.business({ ...company, phone: number("06 39 98", 1) }, { current_step: 3 }),
      ),
      ...[0, 1].map(() => acme.agents({ current_step: 4, agents: 1 })),
      ...[0, 1].map(() => acme.assistant(nora, { current_step: 5, phone_mapped: 1 })),
      ...[0, 1].map(() => acme.knowledge({ documents: [hours, hours] }, { documents: 1 })),
      ...[0, 1].map(() => acme.complete({ status: "completed", duration_seconds: 0 })),
    ],
  },
  {
    name: "a step can be repeated later, and the session does not move back",
    moves: () => [
      ...upTo("knowledge"),
      acme.business(
        { ...company, company_name: "Acme & Fils" },
        {
          current_step: 6,
          company_name: "Acme & Fils",
        },
      ),
      acme.agents({ current_step: 6, agents: 1 }),
      acme.assistant(
        { agent_name: "Malo", voice: "male" },
        { current_step: 6, agent_name: "Malo" },
      ),
    ],
  },
  {
    name: "steps are rejected until the earlier steps are done",
    moves: () => [
      acme.start({}, NEW),
      acme.agents("out-of-order business"),
      acme.assistant(nora, "out-of-order business agents"),
      acme.knowledge(none, "out-of-order business agents assistant"),
      acme.complete("out-of-order business agents assistant knowledge"),
      acme.business(company, { current_step: 3 }),
      acme.assistant(nora, "out-of-order agents"),
      acme.complete("out-of-order agents assistant knowledge"),
    ],
  },
  {
    name: "a completed session rejects every step, and complete returns the same state",
    moves: () => [
      ...upTo("complete"),
      acme.business(company, "conflict session-completed"),
      acme.agents("conflict session-completed"),
      acme.assistant(nora, "conflict session-completed"),
      acme.knowledge(none, "conflict session-completed"),
      acme.complete({ status: "completed", progress_percentage: 100 }),
    ],
  },
  {
    name: "start creates another session after a completed one",
    moves: () => [
      ...upTo("complete"),
      acme.start({}, NEW),
      acme.status({ current_step: 1, status: "in_progress", company_name: "Acme" }),
    ],
  },
  {
    name: "every step reports the session of another tenant as not found",
    moves: () => [
      acme.start({}, NEW),
      brew.start({}, NEW),
      brew.status("not-found", { at: "acme" }),
      brew.business(company, "not-found", { at: "acme" }),
      brew.agents("not-found", { at: "acme" }),
      brew.assistant(nora, "not-found", { at: "acme" }),
      brew.knowledge(none, "not-found", { at: "acme" }),
      brew.complete("not-found", { at: "acme" }),
      brew.status("not-found", { at: "onb_there_is_none" }),
      acme.status({ current_step: 1, company_name: null }),
    ],
  },
  {
    name: "start rejects a user of another tenant",
    moves: () => [
      acme.start({}, NEW),
      by("brew/ada").start({}, "forbidden user-of-another-tenant"),
    ],
  },
  {
    name: "a number of another tenant is a conflict in every notation",
    moves: ({ number }) => [
      ...upTo("assistant", acme, { ...company, phone: number("06 39 98", 1) }),
      brew.start({}, NEW),
      ...[
        "06 39 98",
        "0639 98",
        "+33 6 39 98",
        "0033 6 39 98",
        "(06) 39.98",
        "+33 (0)6 39-98",
        "(+33) 6 39 98",
        "\u202A+33 6\u200B39\uFE0F98\u202C",
      ].map((head) =>
        brew.business({ ...company, phone: number(head, 1) }, "conflict number-taken"),
      ),
      brew.business({ ...company, phone: number("06 39 98", 2) }, { current_step: 3 }),
      acme.status({ phone: number("+3363998", 1), phone_mapped: 1 }),
    ],
  },
  {
    name: "a number that a tenant entered is a conflict before it is mapped",
    moves: ({ number }) => [
      ...upTo("business", acme, { ...company, phone: number("06 39 98", 1) }),
      brew.start({}, NEW),
      brew.business({ ...company, phone: number("06 39 98", 1) }, "conflict number-taken"),
    ],
  },
  {
    name: "another tenant can take a number that a tenant gave up",
    moves: ({ number }) => [
      ...upTo("assistant", acme, { ...company, phone: number("06 39 98", 1) }),
      acme.business(
        { ...company, phone: number("06 39 98", 2) },
        {
          phone: number("+3363998", 2),
          phone_mapped: 1,
        },
      ),
      ...upTo("assistant", brew, { ...company, phone: number("06 39 98", 1) }),
      acme.business(company, { phone: null, phone_mapped: 0 }),
      brew.business({ ...company, phone: number("06 39 98", 2) }, { phone_mapped: 1 }),
    ],
  },
  {
    name: "a text that is not one dialable number is rejected",
    moves: () => [
      acme.start({}, NEW),
      ...(
        [
          ["3615", "phone-too-short"],
          ["sur demande", "phone-not-a-number"],
          ["06 39 98 01 02 03 04 05 06 07", "phone-too-long"],
          ["06 39 98 01 02 ou 06 39 98 01 03", "phone-not-a-number"],
          ["06 39 98 01 02 ext. 5", "phone-with-extension"],
        ] as const
      ).map(([phone, code]) => acme.business({ ...company, phone }, `invalid phone:${code}`)),
      ...["", "   ", null].map((phone) =>
        acme.business({ ...company, phone }, { current_step: 3, phone: null }),
      ),
    ],
  },
  {
    name: "the platform's own number is rejected",
    moves: () => [
      acme.start({}, NEW),
      acme.business({ ...company, phone: "01 99 00 00 00" }, "invalid phone:number-reserved"),
      acme.business({ ...company, phone: "+33199000000" }, "invalid phone:number-reserved"),
    ],
  },
  {
    name: "an e-mail address of another tenant is a conflict, the tenant's own is not",
    moves: ({ email }) => [
      acme.start({ email: email("ada") }, NEW),
      acme.start({ email: email("ada") }, SAME),
      acme.business({ ...company, email: email("ada") }, { current_step: 3 }),
      brew.start({ email: email("ada") }, "conflict email-taken"),
      brew.start({ email: email("bo") }, NEW),
      brew.business({ ...company, email: email("ada") }, "conflict email-taken"),
      brew.status({ current_step: 1, company_name: null }),
    ],
  },
  {
    name: "a placeholder address is rejected as input, so that it blocks no start",
    moves: ({ id }) => [
      acme.start({ email: `${id("brew")}@temp.local` }, "invalid email:address-of-nobody"),
      acme.start({}, NEW),
      acme.business(
        { ...company, email: `${id("brew")}@TEMP.local` },
        "invalid email:address-of-nobody",
      ),
      brew.start({}, NEW),
    ],
  },
  {
    name: "an invalid input reports all its problems",
    moves: () => [
      acme.start({ mail: "x" }, "invalid mail:unknown-key"),
      acme.start({}, NEW),
      acme.business({}, "invalid company_name:required industry:required"),
      acme.business(
        { company_name: "  ", industry: "Real Estate", phone: 33639980102, name: "x" },
        "invalid company_name:empty industry:not-a-sector phone:not-a-text name:unknown-key",
      ),
      acme.business(company, { current_step: 3 }),
      acme.agents({ current_step: 4 }),
      acme.assistant(
        { agent_name: ["Nora"], agent_type: "robot", voice: "robot", enable_products: "yes" },
        "invalid agent_type:not-one-of agent_name:not-a-text voice:not-one-of enable_products:not-a-flag",
      ),
      acme.assistant({ ...nora, agent_type: "phone_reception" }, "invalid agent_type:not-one-of"),
      acme.assistant(nora, { current_step: 5 }),
      acme.knowledge(
        { documents: [{ content: "x" }, { title: "x", content: "x", source_url: "javascript:1" }] },
        "invalid documents.0.title:required documents.1.source_url:not-a-url",
      ),
    ],
  },
  {
    name: "absent properties of the assistant keep their values",
    moves: () => [
      ...upTo("agents"),
      acme.assistant(
        { ...nora, agent_type: "multi_purpose", enable_appointments: false, enable_products: true },
        { enable_appointments: 0, enable_products: 1 },
      ),
      acme.assistant(
        { agent_name: "Malo", voice: "male", language: "en-GB" },
        {
          agent_name: "Malo",
          agent_type: "multi_purpose",
          voice_language: "en-GB",
          enable_appointments: 0,
          enable_products: 1,
        },
      ),
      acme.assistant(nora, { agent_name: "Nora", voice_language: "en-GB", enable_appointments: 0 }),
    ],
  },
  {
    name: "each sector has its default agent type and people, and so has an unknown sector",
    moves: () =>
      (
        [
          ["real_estate", "real_estate_reception", 2],
          ["retail", "customer_support", 1],
          ["food", "appointment_booking", 1],
          ["services", "appointment_booking", 1],
          ["falconry", "multi_purpose", 1],
        ] as const
      ).flatMap(([industry, agent_type, agents]) => {
        const one = by(`${industry}/${industry}_user`);
        return [
          one.start({}, NEW),
          one.business({ company_name: industry, industry }, { sector: industry }),
          one.agents({ agents }),
          one.assistant(nora, { agent_type }),
        ];
      }),
  },
];
