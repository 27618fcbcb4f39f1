/** @module The inputs of the steps, with the names that the original form sends. An input is checked before the first query. */
import { z } from "zod";
import { AGENT_TYPES } from "./agent-types.ts";
import { failWith, problemsOf } from "./input-problems.ts";
import { countryCode, parsePhone } from "./phone-number.ts";
import type { OnboardingSettings } from "./ports.ts";
import { invalidInput } from "./errors.ts";
import { multiLine, singleLine } from "./text-input.ts";
import { LANGUAGES, VOICES } from "./voices.ts";

/** The domain of the addresses that d1ops makes up for tenants and users without one. Inputs may not use it. */
export const PLACEHOLDER_DOMAIN = "@temp.local";

const email: z.ZodType<string, string> = z
  .email()
  .max(254)
  .transform((text) => text.toLowerCase())
  .refine((text) => !text.endsWith(PLACEHOLDER_DOMAIN), failWith("address-of-nobody"));

/** Existing ids include e-mail addresses in Base64. Token issuers use ids such as `auth0|…` and URLs. */
export const identity: z.ZodType<string, string> = z.stringFormat(
  "identity",
  /^[A-Za-z0-9][A-Za-z0-9_.=+/@:|-]{0,127}$/,
);

/** The caller chooses a new one for each operation. */
export const idempotencyKey: z.ZodType<string, string> = z.stringFormat(
  "key",
  /^[\x21-\x7E]{1,128}$/,
);

export interface StartInput {
  /** For the tenant and its first user, if they are new. */
  readonly email?: string | undefined;
}

export const startInput: z.ZodType<StartInput> = z.strictObject({ email: email.optional() });

export interface BusinessInput {
  readonly company_name: string;
  /** A sector's id, such as `real_estate`. Unknown sectors are accepted. */
  readonly industry: string;
  /** Absent: keeps the stored address. */
  readonly email?: string | undefined;
  /** As typed; stored as E.164. Absent, null or empty: the tenant has no number. */
  readonly phone?: string | null | undefined;
}

export function businessInput(settings: OnboardingSettings): z.ZodType<BusinessInput> {
  return z.strictObject({
    company_name: singleLine(200),
    industry: z
      .stringFormat("sector", /^[a-z][a-z0-9_]{1,39}$/)
      .describe("2 to 40 lowercase letters, digits or _, beginning with a letter: `real_estate`."),
    email: email.optional(),
    phone: phone(settings)
      .nullish()
      .describe("As typed; stored as E.164. If it is absent, the tenant has no number."),
  });
}

function phone({ country, reserved = [] }: OnboardingSettings): z.ZodType<string | null> {
  // An invalid country fails here, not with the first number.
  if (country !== undefined) countryCode(country);
  const reservedNumbers = new Set(reserved.map((typed) => numberOf(typed, country)));
  return z
    .string()
    .max(64)
    .transform((typed, context) => {
      if (typed.trim() === "") return null;
      const reading = parsePhone(typed, country);
      const problem =
        "problem" in reading
          ? reading.problem
          : reservedNumbers.has(reading.number)
            ? "number-reserved"
            : null;
      if (problem !== null) {
        const { error, params } = failWith(problem);
        context.addIssue({ code: "custom", message: error, params });
      }
      return "number" in reading ? reading.number : null;
    });
}

/** E.164, or the text itself if it cannot be parsed: reserved numbers may be short numbers. */
function numberOf(typed: string, country: string | undefined): string {
  const reading = parsePhone(typed, country);
  return "number" in reading ? reading.number : typed;
}

export interface AssistantInput {
  /** Absent: keeps the stored type, or takes the sector's. */
  readonly agent_type?: string | undefined;
  readonly agent_name: string;
  /** If one of these is absent, the stored value is kept; at first it is the default. */
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

const SOURCE_TYPES = ["text", "faq", "website", "file"] as const;

export interface DocumentInput {
  readonly title: string;
  readonly source_type: (typeof SOURCE_TYPES)[number];
  readonly source_url?: string | null | undefined;
  readonly content: string;
}

export interface KnowledgeInput {
  /** May be empty: the step is then done without documents. */
  readonly documents: readonly DocumentInput[];
}

const MAX_DOCUMENTS = 50;
/** D1 limits a text to 2,000,000 bytes, and one statement binds all documents. */
const MAX_CONTENT_BYTES = 1_000_000;

/** `URL` percent-encodes invisible characters. */
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
    .max(MAX_DOCUMENTS)
    .refine(
      (documents) => bytesOf(JSON.stringify(documents)) <= MAX_CONTENT_BYTES,
      failWith("too-large"),
    )
    .default([]),
});

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** @throws OpsError ONBOARDING_INVALID, with all problems */
export function parseInput<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw invalidInput(problemsOf(parsed.error));
}
