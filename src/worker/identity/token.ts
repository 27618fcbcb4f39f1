/**
 * Tokens (JWT) of people who have signed in elsewhere. Which algorithms count is said here, never by the token.
 * @module
 */
import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload } from "jose";
import type { TokenSettings } from "../environment.ts";
import { Refusal } from "../problem.ts";

export interface Token {
  readonly user: string;
  /** Null: the token is for no tenant in particular. */
  readonly tenant: string | null;
  readonly scopes: readonly string[];
}

/** Null: it is not believed, and nobody is told why. */
export type TokenReader = (token: string) => Promise<Token | null>;

/** What is wrong with the token itself. All else is wrong with whoever has its keys. */
const DISBELIEVED: ReadonlySet<string> = new Set([
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

/** The issuer's keys are kept, and fetched again when a token names one that is not among them. */
export function tokenReader(settings: TokenSettings, now: () => Date): TokenReader {
  const { proof, issuer, audience, tenantClaim } = settings;
  const verify =
    "secret" in proof
      ? verifier(new TextEncoder().encode(proof.secret), ["HS256"])
      : verifier(createRemoteJWKSet(new URL(proof.jwks)), ["RS256", "PS256", "ES256", "EdDSA"]);
  const rules = { issuer, audience, requiredClaims: ["exp", "sub"], clockTolerance: 5 };

  return async (token) => {
    try {
      return claimsOf(await verify(token, { ...rules, currentDate: now() }), tenantClaim);
    } catch (error) {
      if (error instanceof errors.JOSEError && DISBELIEVED.has(error.code)) return null;
      const again = { "retry-after": "5" };
      throw new Refusal("IDENTITY_UNAVAILABLE", "Try again in a moment.", again, { cause: error });
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

/** A tenant that is no text is no tenant, and not the absence of one. */
function claimsOf(payload: JWTPayload, tenantClaim: string): Token | null {
  const { sub, scope }: Readonly<Record<string, unknown>> = payload;
  const tenant = Object.hasOwn(payload, tenantClaim) ? payload[tenantClaim] : null;
  if (typeof sub !== "string" || sub === "") return null;
  if (tenant !== null && (typeof tenant !== "string" || tenant === "")) return null;
  return { user: sub, tenant, scopes: typeof scope === "string" ? scope.split(" ") : [] };
}
