/**
 * What a remote database would refuse, as things stand: asked, not tried.
 * @module
 */
import { baseValues } from "../base-values.ts";
import { rejectionReasons } from "../rejection-reason.ts";
import {
  forEachConcurrently,
  failedOutcome,
  type RunContext,
  NOT_RUN,
  type TenantOutcome,
} from "./send-tenants.ts";
import type { Tenant } from "./read-tenants.ts";

/** Tenants of one question. */
const ASKED_AT_ONCE = 25;

/** Puts `planned` and `failed` in place of what is open. */
export async function checkTenants(
  tenants: readonly Tenant[],
  open: readonly number[],
  outcomes: TenantOutcome[],
  context: RunContext,
): Promise<void> {
  const starts = [...open.keys()].filter((i) => i % ASKED_AT_ONCE === 0);
  await forEachConcurrently(starts, context, async (from) => {
    const asked = open.slice(from, from + ASKED_AT_ONCE).flatMap((place) => {
      const tenant = tenants[place];
      return tenant === undefined ? [] : [{ place, ...claimsOf(tenant, context) }];
    });
    const reasons = await rejectionReasons(context.ports.d1, asked);
    for (const [i, { place }] of asked.entries()) {
      const reason = reasons[i] ?? null;
      outcomes[place] =
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
