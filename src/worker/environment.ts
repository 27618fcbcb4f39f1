/**
 * What the Worker was deployed with: bindings, settings, secrets. What is wrong is named; no value of it is repeated.
 * @module
 */
import { z } from "zod";
import type { D1Database } from "../database/port.ts";
import { parsePhone } from "../onboarding/phone-number.ts";
import type { OnboardingSettings } from "../onboarding/ports.ts";

/** A key that opens, known by its digest alone. */
export interface Key {
  /** Named in logs. */
  readonly id: string;
  /** Of the key's UTF-8, in hexadecimal. */
  readonly sha256: string;
  readonly tenants: "*" | readonly string[];
  /** ISO 8601; from then on it opens nothing. */
  readonly notAfter?: string | undefined;
}

/** Whose tokens are believed. */
export interface TokenSettings {
  readonly proof: { readonly secret: string } | { readonly jwks: string };
  readonly issuer: string;
  readonly audience: string;
  /** The claim that says which tenant a token is for. */
  readonly tenantClaim: string;
}

export interface Settings {
  readonly onboarding: OnboardingSettings;
  readonly keys: readonly Key[];
  readonly token: TokenSettings | null;
  /** Of pages elsewhere that may ask: `https://app.example.com`. */
  readonly origins: readonly string[];
}

/** Cloudflare's binding: `success` is false for whoever has asked too often. */
export interface RateLimit {
  limit(options: { key: string }): Promise<{ success: boolean }>;
}

/** Null: not bound, and without a limit. */
export interface Limits {
  readonly address: RateLimit | null;
  readonly tenant: RateLimit | null;
}

export interface Environment {
  readonly d1: D1Database;
  readonly settings: Settings;
  readonly limits: Limits;
  /** Id of the deployed version, where Cloudflare tells it. */
  readonly release: string | null;
}

export type Reading =
  | { readonly environment: Environment }
  | { readonly problems: readonly string[] };

/** A list as JSON: a variable has it as it is, a secret and `.dev.vars` as text. */
function json<T>(schema: z.ZodType<T>): z.ZodType<T> {
  return z.preprocess((value, context) => {
    if (typeof value !== "string") return value;
    try {
      const parsed: unknown = JSON.parse(value);
      return parsed;
    } catch {
      context.addIssue({ code: "custom", message: "is no JSON" });
      return z.NEVER;
    }
  }, schema);
}

const key: z.ZodType<Key> = z.strictObject({
  id: z.string().regex(/^[\w.-]{1,64}$/),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  tenants: z.union([z.literal("*"), z.array(z.string().min(1)).min(1)]),
  notAfter: z.iso.datetime({ offset: true }).optional(),
});

const areDifferent = (texts: readonly string[]): boolean => new Set(texts).size === texts.length;

const keys: z.ZodType<Key[]> = z
  .array(key)
  .refine((all) => areDifferent(all.map(({ id }) => id)), "two have the same id")
  .refine((all) => areDifferent(all.map(({ sha256 }) => sha256)), "two are the same key");

const url: z.ZodType<string> = z
  .url()
  .refine((text) => /^https:|^http:\/\/(127\.0\.0\.1|localhost)[:/]/.test(text), "has to be https");

const origin: z.ZodType<string> = z
  .string()
  .refine((text) => URL.parse(text)?.origin === text, "is no origin: https://app.example.com");

const text: z.ZodType<string> = z.string().min(1);

function isBound<T>(method: keyof T & string): z.ZodType<T> {
  return z.custom<T>(
    (value) => typeof value === "object" && value !== null && method in value,
    "is not bound",
  );
}

const variables = z
  .object({
    DB: isBound<D1Database>("prepare"),
    LIMIT_ADDRESS: isBound<RateLimit>("limit").optional(),
    LIMIT_TENANT: isBound<RateLimit>("limit").optional(),
    CF_VERSION_METADATA: z.object({ id: z.string() }).optional(),
    ONBOARDING_COUNTRY: text.refine(isCountry, "is no country").default("FR"),
    ONBOARDING_RESERVED_NUMBERS: json(z.array(z.string().regex(/^\+[1-9]\d{6,14}$/))).default([]),
    ONBOARDING_KEYS: json(keys).default([]),
    AUTH_JWT_SECRET: z.string().min(32).optional(),
    AUTH_JWKS_URL: url.optional(),
    AUTH_ISSUER: text.optional(),
    AUTH_AUDIENCE: text.optional(),
    AUTH_TENANT_CLAIM: text.default("tenant_id"),
    CORS_ORIGINS: json(z.array(origin)).default([]),
  })
  .superRefine((given, context) => {
    const wrong = (path: string, message: string): void =>
      context.addIssue({ code: "custom", path: [path], message });
    const { AUTH_JWT_SECRET: secret, AUTH_JWKS_URL: jwks } = given;
    const tokens = secret !== undefined || jwks !== undefined;
    if (secret !== undefined && jwks !== undefined)
      wrong("AUTH_JWKS_URL", "is set beside AUTH_JWT_SECRET: one of them");
    if (tokens && given.AUTH_ISSUER === undefined) wrong("AUTH_ISSUER", "is missing");
    if (tokens && given.AUTH_AUDIENCE === undefined) wrong("AUTH_AUDIENCE", "is missing");
    if (!tokens && given.ONBOARDING_KEYS.length === 0)
      wrong("ONBOARDING_KEYS", "is missing, and so are AUTH_JWT_SECRET and AUTH_JWKS_URL");
  });

export function readEnvironment(env: unknown): Reading {
  const parsed = variables.safeParse(env);
  if (!parsed.success) {
    return {
      problems: parsed.error.issues.map(
        ({ path, message }) => `${path.map(String).join(".")}: ${message}`,
      ),
    };
  }
  const given = parsed.data;
  return {
    environment: {
      d1: given.DB,
      settings: {
        onboarding: {
          country: given.ONBOARDING_COUNTRY,
          reserved: given.ONBOARDING_RESERVED_NUMBERS,
        },
        keys: given.ONBOARDING_KEYS,
        token: tokenSettings(given),
        origins: given.CORS_ORIGINS,
      },
      limits: { address: given.LIMIT_ADDRESS ?? null, tenant: given.LIMIT_TENANT ?? null },
      release: given.CF_VERSION_METADATA?.id ?? null,
    },
  };
}

function tokenSettings(given: z.infer<typeof variables>): TokenSettings | null {
  const { AUTH_JWT_SECRET: secret, AUTH_JWKS_URL: jwks } = given;
  const { AUTH_ISSUER: issuer, AUTH_AUDIENCE: audience, AUTH_TENANT_CLAIM: tenantClaim } = given;
  if (issuer === undefined || audience === undefined) return null;
  if (secret !== undefined) return { proof: { secret }, issuer, audience, tenantClaim };
  if (jwks !== undefined) return { proof: { jwks }, issuer, audience, tenantClaim };
  return null;
}

function isCountry(code: string): boolean {
  try {
    parsePhone("0", code);
    return true;
  } catch {
    return false;
  }
}
