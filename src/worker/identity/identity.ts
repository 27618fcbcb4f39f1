/**
 * Authentication: `Authorization: Bearer …` with a key or a token. The Worker knows only digests of keys. It accepts several keys at a
 * time, so that you can rotate them. `x-tenant-id` and `x-user-id` are claims: the credentials limit what they may name.
 * @module
 */
import { type Caller, sha256 } from "../../onboarding/ports.ts";
import type { Key, Settings } from "../worker-env.ts";
import { ProblemError, type WorkerProblemCode } from "../problem-details.ts";
import { type Token, tokenReader } from "./token.ts";

export type Identity =
  | { readonly kind: "key"; readonly id: string; readonly tenants: "*" | readonly string[] }
  | ({ readonly kind: "token" } & Token);

/** @throws ProblemError UNAUTHENTICATED, IDENTITY_UNAVAILABLE */
export type Authenticate = (headers: Headers) => Promise<Identity>;

export function createAuthenticator(settings: Settings, now: () => Date): Authenticate {
  const read = settings.token === null ? null : tokenReader(settings.token, now);
  return async (headers) => {
    const presented = bearerOf(headers);
    const key = await findKey(presented, settings.keys, now());
    if (key !== null) return { kind: "key", id: key.id, tenants: key.tenants };
    const token = read === null ? null : await read(presented);
    if (token !== null) return { kind: "token", ...token };
    throw unauthenticated("The credentials are unknown or expired.", ', error="invalid_token"');
  };
}

function bearerOf(headers: Headers): string {
  const header = headers.get("authorization");
  const [, presented] = /^Bearer +([\x21-\x7E]+) *$/i.exec(header ?? "") ?? [];
  if (presented === undefined)
    throw unauthenticated("Send Authorization: Bearer with a key or a token.");
  return presented;
}

function unauthenticated(detail: string, error = ""): ProblemError {
  const challenge = { "www-authenticate": `Bearer realm="onboarding"${error}` };
  return new ProblemError("UNAUTHENTICATED", detail, challenge);
}

/** The key that was presented. Null if it is unknown or expired. Compares every key, so that the duration reveals nothing. */
async function findKey(presented: string, keys: readonly Key[], now: Date): Promise<Key | null> {
  const digest = await sha256(presented);
  let found: Key | null = null;
  for (const key of keys) {
    if (areEqual(digest, key.sha256)) found = key;
  }
  const ended = found?.notAfter !== undefined && Date.parse(found.notAfter) <= now.getTime();
  return ended ? null : found;
}

function areEqual(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}

/** The scope that a token without a tenant needs to act for any tenant. */
const ANY_TENANT = "onboarding:any-tenant";

/** @throws ProblemError CLAIM_MISSING, TENANT_NOT_ALLOWED, USER_NOT_ALLOWED */
export function callerOf(identity: Identity, headers: Headers): Caller {
  const tenant = headers.get("x-tenant-id");
  const user = headers.get("x-user-id");
  if (identity.kind === "key") {
    const claimed = {
      tenant: tenant ?? missing("x-tenant-id"),
      user: user ?? missing("x-user-id"),
    };
    const { tenants } = identity;
    if (tenants !== "*" && !tenants.includes(claimed.tenant)) {
      throw notAllowed("TENANT_NOT_ALLOWED", "The key is for other tenants.");
    }
    return claimed;
  }
  if (identity.tenant === null) {
    if (!identity.scopes.includes(ANY_TENANT)) {
      throw notAllowed("TENANT_NOT_ALLOWED", "The token names no tenant.");
    }
    return { tenant: tenant ?? missing("x-tenant-id"), user: user ?? identity.user };
  }
  if (tenant !== null && tenant !== identity.tenant) {
    throw notAllowed("TENANT_NOT_ALLOWED", "The token is for a tenant other than x-tenant-id.");
  }
  if (user !== null && user !== identity.user) {
    throw notAllowed("USER_NOT_ALLOWED", "The token belongs to a user other than x-user-id.");
  }
  return { tenant: identity.tenant, user: identity.user };
}

function missing(header: string): never {
  throw new ProblemError("CLAIM_MISSING", `The header ${header} is missing.`);
}

function notAllowed(code: WorkerProblemCode, detail: string): ProblemError {
  const challenge = 'Bearer realm="onboarding", error="insufficient_scope"';
  return new ProblemError(code, detail, { "www-authenticate": challenge });
}
