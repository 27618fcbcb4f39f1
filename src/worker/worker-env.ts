/** @module Reads the bindings, variables and secrets of the Worker. A problem names the setting, and never repeats its value. */
import { isSupportedCountry } from "libphonenumber-js";
import { z } from "zod";
import type { D1Database } from "../database/port.ts";
import type { OnboardingSettings } from "../onboarding/ports.ts";

/** A key of a program. */
export interface Key {
  /** Its name in the log. */
  readonly id: string;
  /** The digest of the key in UTF-8, in hexadecimal. */
  readonly sha256: string;
  readonly tenants: "*" | readonly string[];
  /** ISO 8601. The key is invalid from then on. */
  readonly notAfter?: string | undefined;
}

export interface TokenSettings {
  readonly proof: { readonly secret: string } | { readonly jwks: string };
  readonly issuer: string;
  readonly audience: string;
  /** The claim that names the tenant of a token. */
  readonly tenantClaim: string;
}

export interface Settings {
  readonly onboarding: OnboardingSettings;
  readonly keys: readonly Key[];
  readonly token: TokenSettings | null;
  /** Origins of other pages that may call the Worker: `https://app.example.com`. */
  readonly origins: readonly string[];
}

/** Cloudflare's rate limit binding. `success` is false above the limit. */
export interface RateLimit {
  limit(options: { key: string }): Promise<{ success: boolean }>;
}

/** Null: no binding, so no limit. */
export interface Limits {
  readonly address: RateLimit | null;
  readonly tenant: RateLimit | null;
}

export interface WorkerEnv {
  readonly d1: D1Database;
  readonly settings: Settings;
  readonly limits: Limits;
  /** The id of the deployed version. Null without the version metadata binding. */
  readonly release: string | null;
}

/** `problems` name the settings, without their values. */
export type EnvResult = WorkerEnv | { readonly problems: readonly string[] };

/** A list in JSON. A variable contains the list itself, a secret and `.dev.vars` contain text. */
function json<T>(schema: z.ZodType<T>): z.ZodType<T> {
  return z.preprocess((value, context) => {
    if (typeof value !== "string") return value;
    try {
      const parsed: unknown = JSON.parse(value);
      return parsed;
    } catch {
      context.addIssue({ code: "custom", message: "is not JSON" });
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
  .refine((all) => areDifferent(all.map(({ id }) => id)), "two keys have the same id")
  .refine((all) => areDifferent(all.map(({ sha256 }) => sha256)), "two entries are the same key");

const url: z.ZodType<string> = z
  .url()
  .refine((text) => /^https:|^http:\/\/(127\.0\.0\.1|localhost)[:/]/.test(text), "must be https");

const origin: z.ZodType<string> = z
  .string()
  .refine(
    (text) => URL.parse(text)?.origin === text,
    "is not an origin, such as https://app.example.com",
  );

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
    ONBOARDING_COUNTRY: text.refine(isSupportedCountry, "is not a country").default("FR"),
    ONBOARDING_RESERVED_NUMBERS: json(z.array(z.string().regex(/^\+[1-9]\d{6,14}$/))).default([]),
    ONBOARDING_KEYS: json(keys).default([]),
    AUTH_JWT_SECRET: z.string().min(32).optional(),
    AUTH_JWKS_URL: url.optional(),
    AUTH_ISSUER: text.optional(),
    AUTH_AUDIENCE: text.optional(),
    AUTH_TENANT_CLAIM: text.default("tenant_id"),
    CORS_ORIGINS: json(z.array(origin)).default([]),
  })
  .superRefine((vars, context) => {
    const addProblem = (path: string, message: string): void =>
      context.addIssue({ code: "custom", path: [path], message });
    const { AUTH_JWT_SECRET: secret, AUTH_JWKS_URL: jwks } = vars;
    const tokens = secret !== undefined || jwks !== undefined;
    if (secret !== undefined && jwks !== undefined)
      addProblem("AUTH_JWKS_URL", "is set together with AUTH_JWT_SECRET; set one of them");
    if (tokens && vars.AUTH_ISSUER === undefined) addProblem("AUTH_ISSUER", "is missing");
    if (tokens && vars.AUTH_AUDIENCE === undefined) addProblem("AUTH_AUDIENCE", "is missing");
    if (!tokens && vars.ONBOARDING_KEYS.length === 0)
      addProblem("ONBOARDING_KEYS", "is missing, and so are AUTH_JWT_SECRET and AUTH_JWKS_URL");
  });

export function readWorkerEnv(env: unknown): EnvResult {
  const parsed = variables.safeParse(env);
  if (!parsed.success) {
    return {
      problems: parsed.error.issues.map(
        ({ path, message }) => `${path.map(String).join(".")}: ${message}`,
      ),
    };
  }
  const vars = parsed.data;
  return {
    d1: vars.DB,
    settings: {
      onboarding: {
        country: vars.ONBOARDING_COUNTRY,
        reserved: vars.ONBOARDING_RESERVED_NUMBERS,
      },
      keys: vars.ONBOARDING_KEYS,
      token: tokenSettings(vars),
      origins: vars.CORS_ORIGINS,
    },
    limits: { address: vars.LIMIT_ADDRESS ?? null, tenant: vars.LIMIT_TENANT ?? null },
    release: vars.CF_VERSION_METADATA?.id ?? null,
  };
}

function tokenSettings(vars: z.infer<typeof variables>): TokenSettings | null {
  const { AUTH_JWT_SECRET: secret, AUTH_JWKS_URL: jwks } = vars;
  const { AUTH_ISSUER: issuer, AUTH_AUDIENCE: audience, AUTH_TENANT_CLAIM: tenantClaim } = vars;
  if (issuer === undefined || audience === undefined) return null;
  if (secret !== undefined) return { proof: { secret }, issuer, audience, tenantClaim };
  if (jwks !== undefined) return { proof: { jwks }, issuer, audience, tenantClaim };
  return null;
}
