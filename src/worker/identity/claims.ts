/**
 * Whom a caller speaks for. `x-tenant-id` and `x-user-id` are claims: they count as far as the credentials go.
 * @module
 */
import type { Caller } from "../../onboarding/ports.ts";
import { Refusal, type RefusalCode } from "../problem.ts";
import type { Identity } from "./identity.ts";

/** What a token for no tenant needs to speak for any. */
export const ANY_TENANT = "onboarding:any-tenant";

/** @throws Refusal CLAIM_MISSING, TENANT_NOT_ALLOWED, USER_NOT_ALLOWED */
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
      throw notAllowed("TENANT_NOT_ALLOWED", "The token is for no tenant.");
    }
    return { tenant: tenant ?? missing("x-tenant-id"), user: user ?? identity.user };
  }
  if (tenant !== null && tenant !== identity.tenant) {
    throw notAllowed("TENANT_NOT_ALLOWED", "The token is for another tenant than x-tenant-id.");
  }
  if (user !== null && user !== identity.user) {
    throw notAllowed("USER_NOT_ALLOWED", "The token is of another user than x-user-id.");
  }
  return { tenant: identity.tenant, user: identity.user };
}

function missing(header: string): never {
  throw new Refusal("CLAIM_MISSING", `The header ${header} is missing.`);
}

function notAllowed(code: RefusalCode, detail: string): Refusal {
  const challenge = 'Bearer realm="onboarding", error="insufficient_scope"';
  return new Refusal(code, detail, { "www-authenticate": challenge });
}
