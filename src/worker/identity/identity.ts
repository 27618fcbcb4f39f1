/**
 * Authentication: `Authorization: Bearer …` with a key or a token.
 * @module
 */
import type { Settings } from "../worker-env.ts";
import { ProblemError } from "../problem-details.ts";
import { findKey } from "./keys.ts";
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
