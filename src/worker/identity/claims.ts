/**
 * The tenant and the user of a request. `x-tenant-id` and `x-user-id` are claims: the credentials limit what they may name.
 * @module
 */
import type { Caller } from "../../onboarding/ports.ts";
import { ProblemError, type WorkerProblemCode } from "../problem-details.ts";
import type { Identity } from "./identity.ts";

/** The scope that a token without a tenant needs to act for any tenant. */
export const ANY_TENANT = "onboarding:any-tenant";

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
