/**
 * Who presents a credential: `Authorization: Bearer …`, a key or a token.
 * @module
 */
import type { Settings } from "../environment.ts";
import { Refusal } from "../problem.ts";
import { keyOf } from "./keys.ts";
import { type Token, tokenReader } from "./token.ts";

export type Identity =
  | { readonly kind: "key"; readonly id: string; readonly tenants: "*" | readonly string[] }
  | ({ readonly kind: "token" } & Token);

/** @throws Refusal UNAUTHENTICATED, IDENTITY_UNAVAILABLE */
export type Identify = (headers: Headers) => Promise<Identity>;

export function identifier(settings: Settings, now: () => Date): Identify {
  const read = settings.token === null ? null : tokenReader(settings.token, now);
  return async (headers) => {
    const presented = bearerOf(headers);
    const key = await keyOf(presented, settings.keys, now());
    if (key !== null) return { kind: "key", id: key.id, tenants: key.tenants };
    const token = read === null ? null : await read(presented);
    if (token !== null) return { kind: "token", ...token };
    throw unauthenticated("The credentials are not known, or are over.", ', error="invalid_token"');
  };
}

function bearerOf(headers: Headers): string {
  const header = headers.get("authorization");
  const [, presented] = /^Bearer +([\x21-\x7E]+) *$/i.exec(header ?? "") ?? [];
  if (presented === undefined)
    throw unauthenticated("Send Authorization: Bearer and a key or token.");
  return presented;
}

function unauthenticated(detail: string, error = ""): Refusal {
  const challenge = { "www-authenticate": `Bearer realm="onboarding"${error}` };
  return new Refusal("UNAUTHENTICATED", detail, challenge);
}
