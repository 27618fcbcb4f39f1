/**
 * A dry run of a remote database: queries which tenants it would reject, and sends none.
 * @module
 */
import { baseValues } from "../session.ts";
import { rejectionReasons } from "../rejection-reason.ts";
import {
  forEachConcurrently,
  failedOutcome,
  type RunContext,
  NOT_RUN,
  type TenantOutcome,
} from "./send-tenants.ts";
import type { Tenant } from "./read-tenants.ts";

/** Tenants per request. */
const CHUNK = 25;

/** Sets the outcomes at the indexes `open` to `planned` or `failed`. */
export async function checkTenants(
  tenants: readonly Tenant[],
  open: readonly number[],
  outcomes: TenantOutcome[],
  context: RunContext,
): Promise<void> {
  const starts = [...open.keys()].filter((i) => i % CHUNK === 0);
  await forEachConcurrently(starts, context, async (from) => {
    const claims = open.slice(from, from + CHUNK).flatMap((index) => {
      const tenant = tenants[index];
      return tenant === undefined ? [] : [{ index, ...claimsOf(tenant, context) }];
    });
    const reasons = await rejectionReasons(context.ports.d1, claims);
    for (const [i, { index }] of claims.entries()) {
      const reason = reasons[i] ?? null;
      outcomes[index] =
        reason === null ? { ...NOT_RUN, state: "planned" } : failedOutcome(reason, null);
    }
  });
}

function claimsOf(
  { input }: Tenant,
  { ports }: RunContext,
): Parameters<typeof rejectionReasons>[1][number] {
  const { tenant, user, key, start, business } = input;
  return {
    ...baseValues({ tenant, user }, { key }, ports),
    phone: business.phone ?? null,
    email: business.email ?? start.email ?? null,
  };
}
