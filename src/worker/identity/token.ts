/** @module Tokens (JWT) of people who signed in elsewhere. The settings determine the algorithms, not the token. */
import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload } from "jose";
import type { TokenSettings } from "../worker-env.ts";
import { ProblemError } from "../problem-details.ts";

export interface Token {
  readonly user: string;
  /** Null: the token names no tenant. */
  readonly tenant: string | null;
  readonly scopes: readonly string[];
}

/** Null: the token is invalid. The response does not say why. */
export type TokenReader = (token: string) => Promise<Token | null>;

/** Faults of the token itself. Every other code is a fault of the issuer's keys. */
const INVALID_TOKEN_CODES: ReadonlySet<string> = new Set([
  errors.JWTClaimValidationFailed.code,
  errors.JWTExpired.code,
  errors.JWTInvalid.code,
  errors.JWSInvalid.code,
  errors.JWSSignatureVerificationFailed.code,
  errors.JOSEAlgNotAllowed.code,
  errors.JOSENotSupported.code,
  errors.JWKSNoMatchingKey.code,
  errors.JWKSMultipleMatchingKeys.code,
]);

/** Keeps the issuer's keys, and fetches them again if a token names an unknown key. */
export function tokenReader(settings: TokenSettings, now: () => Date): TokenReader {
  const { proof, issuer, audience, tenantClaim } = settings;
  const verify =
    "secret" in proof
      ? verifier(new TextEncoder().encode(proof.secret), ["HS256"])
      : verifier(createRemoteJWKSet(new URL(proof.jwks)), ["RS256", "PS256", "ES256", "EdDSA"]);
  const rules = { issuer, audience, requiredClaims: ["exp", "sub"], clockTolerance: 5 };

  return async (token) => {
    try {
      return tokenOf(await verify(token, { ...rules, currentDate: now() }), tenantClaim);
    } catch (error) {
      if (error instanceof errors.JOSEError && INVALID_TOKEN_CODES.has(error.code)) return null;
      const retryAfter = { "retry-after": "5" };
      throw new ProblemError("IDENTITY_UNAVAILABLE", "Try again in a moment.", retryAfter, {
        cause: error,
      });
    }
  };
}

type Rules = NonNullable<Parameters<typeof jwtVerify>[2]>;

function verifier(
  key: Uint8Array | ReturnType<typeof createRemoteJWKSet>,
  algorithms: string[],
): (token: string, rules: Rules) => Promise<JWTPayload> {
  return async (token, rules) => {
    const all = { ...rules, algorithms };
    const { payload } =
      key instanceof Uint8Array
        ? await jwtVerify(token, key, all)
        : await jwtVerify(token, key, all);
    return payload;
  };
}

/** A tenant claim that is not text invalidates the token. It does not count as a token without a tenant. */
function tokenOf(payload: JWTPayload, tenantClaim: string): Token | null {
  const { sub, scope }: Readonly<Record<string, unknown>> = payload;
  const tenant = Object.hasOwn(payload, tenantClaim) ? payload[tenantClaim] : null;
  if (typeof sub !== "string" || sub === "") return null;
  if (tenant !== null && (typeof tenant !== "string" || tenant === "")) return null;
  return { user: sub, tenant, scopes: typeof scope === "string" ? scope.split(" ") : [] };
}
