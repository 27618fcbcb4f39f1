/**
 * Every text of the page. A dictionary that lacks one does not compile.
 * @module
 */
import type { ProblemCode } from "../../onboarding/input-problems.ts";
import type { Conflict } from "../../onboarding/step-errors.ts";
import type { PageStep } from "../page-step.ts";

export const LOCALES = ["fr", "en"] as const;
export type Locale = (typeof LOCALES)[number];

/** The codes that can appear at a field: problems of the input, and conflicts about a value. */
export const COMPLAINTS = [
  "required",
  "not-a-text",
  "not-a-flag",
  "not-a-list",
  "not-an-object",
  "not-unicode",
  "unseen-characters",
  "empty",
  "too-long",
  "too-many",
  "too-large",
  "not-one-of",
  "unknown-key",
  "not-an-identity",
  "not-a-key",
  "not-a-sector",
  "not-an-address",
  "address-of-nobody",
  "not-a-url",
  "phone-not-a-number",
  "phone-of-no-country",
  "phone-too-short",
  "phone-too-long",
  "phone-of-no-length",
  "phone-not-valid",
  "phone-with-extension",
  "number-reserved",
  "invalid",
  "number-taken",
  "email-taken",
] as const satisfies readonly (ProblemCode | Conflict)[];
export type Complaint = (typeof COMPLAINTS)[number];

export const SECTOR_IDS = ["real_estate", "retail", "food", "services", "other"] as const;
export type SectorId = (typeof SECTOR_IDS)[number];

export const TYPE_IDS = [
  "multi_purpose",
  "appointment_booking",
  "customer_support",
  "real_estate_reception",
  "real_estate_callback",
  "custom",
] as const;
export type TypeId = (typeof TYPE_IDS)[number];

export interface Words {
  /** The locale for `Intl`. */
  readonly tag: string;
  /** The language's name in that language. */
  readonly language: string;
  readonly title: string;
  readonly skip: string;
  readonly languages: string;
  readonly progress: string;
  readonly stepOf: (step: string, all: string) => string;
  readonly stepDone: string;
  readonly steps: Readonly<Record<PageStep, string>>;
  readonly optional: string;
  readonly next: string;
  readonly back: string;
  readonly saving: string;
  readonly loading: string;
  readonly retry: string;
  readonly complaints: Readonly<Record<Complaint, string>>;
  readonly toCorrect: (count: number) => string;
  readonly failures: {
    readonly offline: string;
    readonly timeout: string;
    readonly network: string;
    readonly broken: string;
    readonly reference: (id: string) => string;
    readonly busy: (seconds: number) => string;
    readonly unclear: string;
    readonly gone: string;
    readonly elsewhere: string;
    readonly outOfOrder: string;
  };
  readonly signIn: {
    readonly heading: string;
    readonly lead: string;
    readonly token: string;
    readonly tokenHint: string;
    readonly tenant: string;
    readonly tenantHint: string;
    readonly user: string;
    readonly userHint: string;
    readonly refused: string;
    readonly claims: string;
    readonly submit: string;
  };
  readonly business: {
    readonly heading: string;
    readonly lead: string;
    readonly name: string;
    readonly sector: string;
    readonly choose: string;
    readonly sectors: Readonly<Record<SectorId, string>>;
    readonly email: string;
    readonly emailHint: string;
    readonly phone: string;
    readonly phoneHint: string;
  };
  readonly agents: {
    readonly heading: string;
    readonly lead: string;
    readonly proposed: string;
    readonly teamSize: (count: number) => string;
    readonly hours: (first: string, last: string, from: string, to: string) => string;
    readonly kept: string;
    readonly submit: string;
  };
  readonly assistant: {
    readonly heading: string;
    readonly lead: string;
    readonly type: string;
    readonly types: Readonly<
      Record<TypeId, { readonly name: string; readonly description: string }>
    >;
    readonly name: string;
    readonly nameHint: string;
    readonly language: string;
    readonly voiceLanguages: { readonly "fr-FR": string; readonly "en-GB": string };
    readonly voice: string;
    readonly voices: { readonly female: string; readonly male: string };
    readonly may: string;
    readonly appointments: string;
    readonly products: string;
    readonly greeting: string;
  };
  readonly knowledge: {
    readonly heading: string;
    readonly lead: string;
    readonly stored: (count: number) => string;
    readonly document: (number: string) => string;
    readonly name: string;
    readonly content: string;
    readonly contentHint: string;
    readonly add: string;
    readonly remove: string;
    readonly added: (number: string) => string;
    readonly removed: string;
    readonly without: string;
    readonly full: string;
  };
  readonly complete: {
    readonly heading: string;
    readonly lead: string;
    readonly change: string;
    readonly none: string;
    readonly people: string;
    readonly documents: string;
    readonly submit: string;
  };
  readonly done: {
    readonly heading: string;
    readonly answers: (number: string, name: string) => string;
    readonly noNumber: (name: string) => string;
    readonly when: (moment: string) => string;
    readonly took: (duration: string) => string;
    readonly close: string;
  };
}
