/**
 * What the steps take, with the names that the form has always sent. Everything is checked before anything is asked of the database.
 * @module
 */
import { z } from "zod";
import { AGENT_TYPES } from "./agent-types.ts";
import { readNumber } from "./number.ts";
import type { OnboardingSettings } from "./ports.ts";
import { invalidInput, type Problem } from "./problem.ts";
import { LANGUAGES, VOICES } from "./voices.ts";

/** Nothing that turns the direction of a text, hides in it, or rings a bell. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u;
/** A text of several lines may have these. An emoji of several parts is joined by the last. */
const SEEN_ENOUGH = /[\n\r\t\u200C\u200D]/gu;

const wellFormed = (text: string): boolean => text.isWellFormed();

/** One line, composed (NFC) and trimmed, so that the same name is the same text. */
function line(most: number): z.ZodType<string, string> {
  return z
    .string()
    .max(most)
    .refine(wellFormed, "is no Unicode text")
    .transform((text) => text.normalize("NFC").trim())
    .refine((text) => text !== "", "is empty")
    .refine(
      (text) => !UNSEEN.test(text.replaceAll(/[\u200C\u200D]/gu, "")),
      "has characters that cannot be seen",
    );
}

/** As it is, but for what nobody can see. */
function body(most: number): z.ZodType<string, string> {
  return z
    .string()
    .max(most)
    .refine(wellFormed, "is no Unicode text")
    .refine((text) => text.trim() !== "", "is empty")
    .refine(
      (text) => !UNSEEN.test(text.replaceAll(SEEN_ENOUGH, "")),
      "has characters that cannot be seen",
    );
}

const email: z.ZodType<string, string> = z
  .email()
  .max(254)
  .transform((text) => text.toLowerCase());

/** Base64 of an address is among the ids there are. */
const IDENTITY = /^[A-Za-z0-9][A-Za-z0-9_.=+/@-]{0,127}$/;

export const identity: z.ZodType<string, string> = z
  .string()
  .regex(IDENTITY, "has to be 1 to 128 letters, digits, or _ . = + / @ -, a letter or digit first");

/** Chosen by the caller, a new one for each thing to be done. */
export const idempotencyKey: z.ZodType<string, string> = z
  .string()
  .regex(/^[\x21-\x7E]{1,128}$/, "has to be 1 to 128 visible ASCII characters");

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
    company_name: line(200),
    industry: z
      .string()
      .regex(
        /^[a-z][a-z0-9_]{1,39}$/,
        "has to be 2 to 40 small letters, digits or _, a letter first",
      ),
    email: email.optional(),
    phone: phone(settings).nullish(),
  });
}

function phone({ country, reserved = [] }: OnboardingSettings): z.ZodType<string | null> {
  return z
    .string()
    .max(64)
    .transform((typed, context) => {
      if (typed.trim() === "") return null;
      const reading = readNumber(typed, country);
      if ("problem" in reading) {
        const params = { code: reading.problem };
        context.addIssue({ code: "custom", message: "is no phone number", params });
        return null;
      }
      if (reserved.includes(reading.number)) {
        const params = { code: "number-reserved" };
        context.addIssue({ code: "custom", message: "is the platform's own number", params });
      }
      return reading.number;
    });
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
  agent_name: line(80),
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

export const knowledgeInput: z.ZodType<KnowledgeInput> = z
  .strictObject({
    documents: z
      .array(
        z.strictObject({
          title: line(300),
          source_type: z.enum(SOURCE_TYPES).default("text"),
          source_url: z
            .url({ protocol: /^https?$/ })
            .max(2000)
            .nullish(),
          content: body(200_000),
        }),
      )
      .max(DOCUMENTS_AT_MOST)
      .default([]),
  })
  .refine(
    ({ documents }) => bytesOf(JSON.stringify(documents)) <= CONTENT_AT_MOST,
    "is too much for one step: 1,000,000 bytes at most",
  );

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** @throws OpsError ONBOARDING_INVALID, with all that is wrong */
export function read<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw invalidInput(problemsOf(parsed.error));
}

export function problemsOf({ issues }: z.ZodError): Problem[] {
  return issues.map((issue) => {
    const own: unknown = issue.code === "custom" ? issue.params?.["code"] : null;
    return {
      path: issue.path.map(String).join("."),
      code: typeof own === "string" ? own : issue.code.replaceAll("_", "-"),
      message: issue.message,
    };
  });
}
