/**
 * What a remote database would refuse, as things stand: asked, not tried.
 * @module
 */
import { atOf } from "../caller.ts";
import { whyRefusedWhole } from "../refusal.ts";
import { each, failedOf, type Going, OPEN, type TenantOutcome } from "./send-all.ts";
import type { Tenant } from "./tenants.ts";

/** Tenants of one question. */
const ASKED_AT_ONCE = 25;

/** Puts `planned` and `failed` in place of what is open. */
export async function wouldFail(
  tenants: readonly Tenant[],
  open: readonly number[],
  outcomes: TenantOutcome[],
  going: Going,
): Promise<void> {
  const starts = [...open.keys()].filter((i) => i % ASKED_AT_ONCE === 0);
  await each(starts, going, async (from) => {
    const asked = open.slice(from, from + ASKED_AT_ONCE).flatMap((place) => {
      const tenant = tenants[place];
      return tenant === undefined ? [] : [{ place, ...claimsOf(tenant, going) }];
    });
    const reasons = await whyRefusedWhole(going.ports.d1, asked);
    for (const [i, { place }] of asked.entries()) {
      const reason = reasons[i] ?? null;
      outcomes[place] = reason === null ? { ...OPEN, state: "planned" } : failedOf(reason, null);
    }
  });
}

function claimsOf(
  { input }: Tenant,
  { ports }: Going,
): Parameters<typeof whyRefusedWhole>[1][number] {
  const { tenant, user, key, start, business } = input;
  return {
    ...atOf({ tenant, user }, { key }, ports),
    phone: business.phone ?? null,
    email: business.email ?? start.email ?? null,
  };
}
