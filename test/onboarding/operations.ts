/** @module The operations of onboarding on a database, each with the operation that must precede it. */
import type { D1Database } from "../../src/database/port.ts";
import { parseInput } from "../../src/onboarding/input.ts";
import type { Ports } from "../../src/onboarding/ports.ts";
import {
  digestOf,
  onboardWhole,
  type WholeInput,
  wholeInput,
} from "../../src/onboarding/whole-tenant.ts";
import { type Clock, portsOver } from "./databases.ts";
import { libraryOver } from "./library.ts";

export const acme = { tenant: "acme", user: "ada" };
export const brew = { tenant: "brew", user: "bo" };

export interface Operation {
  readonly name: string;
  /** The name of the operation that precedes it. */
  readonly after: string | null;
  readonly run: (ports: Ports) => Promise<unknown>;
}

/** The session of acme. */
async function sessionOf(d1: D1Database): Promise<string> {
  const id = await d1
    .prepare("SELECT id FROM onboarding_sessions WHERE tenant_id = 'acme' ORDER BY id LIMIT 1")
    .first<string>("id");
  return id ?? "";
}

const company = { company_name: "Acme", industry: "real_estate" };

export const operations: readonly Operation[] = [
  {
    name: "start",
    after: null,
    run: (ports) => libraryOver(ports).start(acme, { email: "ada@example.com" }),
  },
  {
    name: "start with a key",
    after: null,
    run: (ports) => libraryOver(ports).start(acme, {}, "key"),
  },
  {
    name: "business",
    after: "start",
    run: async (ports) =>
      libraryOver(ports).saveBusiness(acme, await sessionOf(ports.d1), {
        ...company,
        email: "info@example.com",
        phone: "06 39 98 01 02",
      }),
  },
  {
    name: "agents",
    after: "business",
    run: async (ports) => libraryOver(ports).generateAgents(acme, await sessionOf(ports.d1)),
  },
  {
    name: "assistant",
    after: "agents",
    run: async (ports) =>
      libraryOver(ports).saveAssistant(acme, await sessionOf(ports.d1), { agent_name: "Nora" }),
  },
  {
    name: "knowledge",
    after: "assistant",
    run: async (ports) =>
      libraryOver(ports).addKnowledge(acme, await sessionOf(ports.d1), {
        documents: [
          { title: "Horaires", content: "Du lundi au vendredi" },
          { title: "Adresse", content: "Rue du Port", source_url: "https://example.com/a b" },
        ],
      }),
  },
  {
    name: "business again, with another number and name",
    after: "knowledge",
    run: async (ports) =>
      libraryOver(ports).saveBusiness(acme, await sessionOf(ports.d1), {
        ...company,
        company_name: "Acme & Fils",
        phone: "06 39 98 01 03",
      }),
  },
  {
    name: "complete",
    after: "business again, with another number and name",
    run: async (ports) => libraryOver(ports).complete(acme, await sessionOf(ports.d1)),
  },
  { name: "a whole tenant", after: null, run: (ports) => whole(ports, {}) },
  {
    name: "a whole tenant that exists",
    after: "knowledge",
    run: (ports) => whole(ports, { assistant: { agent_name: "Malo" } }),
  },
];

/** `acme`, with a number and a document. `parts` replaces parts of the input. */
export async function whole(
  ports: Ports,
  parts: Partial<WholeInput> | Readonly<Record<string, unknown>>,
): Promise<"onboarded" | "already"> {
  const input = parseInput(wholeInput({}), {
    ...acme,
    business: { ...company, phone: "06 39 98 01 02" },
    assistant: { agent_name: "Nora" },
    knowledge: { documents: [{ title: "Horaires", content: "Du lundi au vendredi" }] },
    ...parts,
  });
  return onboardWhole(input, await digestOf(input), ports);
}

/** Runs everything that precedes the operation, each with its own ids. */
export async function prepareFor(
  d1: D1Database,
  { after }: Operation,
  clock: Clock,
): Promise<void> {
  if (after === null) return;
  const index = operations.findIndex(({ name }) => name === after);
  const before = operations[index];
  if (before === undefined) throw new Error(`there is no operation ${after}`);
  await prepareFor(d1, before, clock);
  await before.run(portsOver(d1, clock, index + 1));
  clock.pass(10);
}
