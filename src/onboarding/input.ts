/**
 * What the steps take, with the names that the form has always sent. Everything is checked before anything is asked of the database.
 * @module
 */
import { z } from "zod";
import { AGENT_TYPES } from "./agent-types.ts";
import { failWith, problemsOf } from "./input-problems.ts";
import { countryOf, parsePhone } from "./phone-number.ts";
import type { OnboardingSettings } from "./ports.ts";
import { invalidInput } from "./problem.ts";
import { multiLine, singleLine } from "./text-input.ts";
import { LANGUAGES, VOICES } from "./voices.ts";

/** The domain of those who have not said where they get mail: an address there is nobody's to give. */
export const PLACEHOLDER_DOMAIN = "@temp.local";

const email: z.ZodType<string, string> = z
  .email()
  .max(254)
  .transform((text) => text.toLowerCase())
  .refine((text) => !text.endsWith(PLACEHOLDER_DOMAIN), failWith("address-of-nobody"));

/** Base64 of an address is among the ids there are, and what issuers of tokens call their users: `auth0|…`, an URL. */
export const identity: z.ZodType<string, string> = z.stringFormat(
  "identity",
  /^[A-Za-z0-9][A-Za-z0-9_.=+/@:|-]{0,127}$/,
);

/** Chosen by the caller, a new one for each thing to be done. */
export const idempotencyKey: z.ZodType<string, string> = z.stringFormat(
  "key",
  /^[\x21-\x7E]{1,128}$/,
);

export interface StartInput {
  /** Of the tenant and its first user, where they are new. */
  readonly email?: string | undefined;
}

export const startInput: z.ZodType<StartInput> = z.strictObject({ email: email.optional() });

export interface BusinessInput {
  readonly company_name: string;
  /** A sector's id: `real_estate`; others are taken too. */
  readonly industry: string;
  /** Absent: as it is. */
  readonly email?: string | undefined;
  /** E.164; it is read as it was typed. Absent, null or empty: the tenant has none. */
  readonly phone?: string | null | undefined;
}

export function businessInput(settings: OnboardingSettings): z.ZodType<BusinessInput> {
  return z.strictObject({
    company_name: singleLine(200),
    industry: z
      .stringFormat("sector", /^[a-z][a-z0-9_]{1,39}$/)
      .describe("2 to 40 small letters, digits or _, a letter first: `real_estate`."),
    email: email.optional(),
    phone: phone(settings)
      .nullish()
      .describe("As it is typed; it is kept as E.164. Without one the tenant has none."),
  });
}

function phone({ country, reserved = [] }: OnboardingSettings): z.ZodType<string | null> {
  // A setting that is wrong is told when it is read, not with the first number.
  if (country !== undefined) countryOf(country);
  const ours = new Set(reserved.map((typed) => numberOf(typed, country)));
  return z
    .string()
    .max(64)
    .transform((typed, context) => {
      if (typed.trim() === "") return null;
      const reading = parsePhone(typed, country);
      const problem =
        "problem" in reading
          ? reading.problem
          : ours.has(reading.number)
            ? "number-reserved"
            : null;
      if (problem !== null) {
        const { error, params } = failWith(problem);
        context.addIssue({ code: "custom", message: error, params });
      }
      return "number" in reading ? reading.number : null;
    });
}

/** One that cannot be read stays as it is: short numbers are reserved, too. */
function numberOf(typed: string, country: string | undefined): string {
  const reading = parsePhone(typed, country);
  return "number" in reading ? reading.number : typed;
}

export interface AssistantInput {
  /** Absent: the one of the sector. */
  readonly agent_type?: string | undefined;
  readonly agent_name: string;
  /** What is absent of the following stays as it is; at first it is the default. */
  readonly voice?: (typeof VOICES)[number] | undefined;
  readonly language?: (typeof LANGUAGES)[number] | undefined;
  readonly enable_appointments?: boolean | undefined;
  readonly enable_products?: boolean | undefined;
}

export const assistantInput: z.ZodType<AssistantInput> = z.strictObject({
  agent_type: z.enum(AGENT_TYPES.filter(({ offered }) => offered).map(({ id }) => id)).optional(),
  agent_name: singleLine(80),
  voice: z.enum(VOICES).optional(),
  language: z.enum(LANGUAGES).optional(),
  enable_appointments: z.boolean().optional(),
  enable_products: z.boolean().optional(),
});

export const SOURCE_TYPES = ["text", "faq", "website", "file"] as const;

export interface DocumentInput {
  readonly title: string;
  readonly source_type: (typeof SOURCE_TYPES)[number];
  readonly source_url?: string | null | undefined;
  readonly content: string;
}

export interface KnowledgeInput {
  /** None: the step is done without any. */
  readonly documents: readonly DocumentInput[];
}

export const DOCUMENTS_AT_MOST = 50;
/** D1 stores no text of more than 2,000,000 bytes, and all documents go into one statement. */
const CONTENT_AT_MOST = 1_000_000;

/** As the web writes it, so that nothing hides in it. */
const url: z.ZodType<string, string> = z
  .url({ protocol: /^https?$/ })
  .max(2000)
  .transform((typed) => new URL(typed).href);

export const knowledgeInput: z.ZodType<KnowledgeInput> = z.strictObject({
  documents: z
    .array(
      z.strictObject({
        title: singleLine(300),
        source_type: z.enum(SOURCE_TYPES).default("text"),
        source_url: url.nullish(),
        content: multiLine(200_000),
      }),
    )
    .max(DOCUMENTS_AT_MOST)
    .refine(
      (documents) => bytesOf(JSON.stringify(documents)) <= CONTENT_AT_MOST,
      failWith("too-large"),
    )
    .default([]),
});

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** @throws OpsError ONBOARDING_INVALID, with all that is wrong */
export function parseInput<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw invalidInput(problemsOf(parsed.error));
}
