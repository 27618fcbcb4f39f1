/** @module Runs the tenants of a file that are not done yet: sends several at once, or checks whether a database would reject them. */
import { OpsError } from "../../report/error.ts";
import type { OnProgress } from "../../report/progress.ts";
import { grouped } from "../../report/wording.ts";
import { type Claims, rejectionReasons } from "../rejection-reason.ts";
import { baseValues } from "../session.ts";
import type { Tenant } from "./read-tenants.ts";
import {
  failedOutcome,
  forEachConcurrently,
  NOT_RUN,
  priorOutcomes,
  type RunContext,
  sendTenant,
  type TenantOutcome,
} from "./send-tenants.ts";
import type { Ran } from "./tenants-report.ts";

export interface OpenTenants {
  readonly tenants: readonly Tenant[];
  /** Indexes of the tenants to send. */
  readonly open: readonly number[];
  /** In the order of the tenants. A run replaces the outcomes of `open`. */
  readonly outcomes: TenantOutcome[];
}

/** The tenants that no earlier run has onboarded or rejected. */
export async function findOpen(
  tenants: readonly Tenant[],
  context: RunContext,
): Promise<OpenTenants> {
  const outcomes = await priorOutcomes(tenants, context);
  const open = [...outcomes.keys()].filter((i) => outcomes[i] === NOT_RUN);
  return { tenants, open, outcomes };
}

interface SendLimits {
  /** Stops after more failed tenants than this. Default: never. */
  readonly maxFailures?: number;
  /** The database is a copy: an onboarded tenant is `planned`. */
  readonly dryRun?: boolean;
  readonly onProgress?: OnProgress;
}

const PROGRESS_INTERVAL_MS = 50;

/** An error that no tenant caused ends the run. @throws OpsError that error, if no tenant was onboarded before it */
export async function sendOpen(
  { tenants, open, outcomes }: OpenTenants,
  context: RunContext,
  { maxFailures = Infinity, dryRun, onProgress = () => {} }: SendLimits,
): Promise<Ran> {
  let fault: OpsError | null = null;
  let failed = outcomes.filter(({ state }) => state === "failed").length;
  let done = outcomes.length - open.length;
  let reportedAt = context.now();
  const stopping = (): boolean => context.stopping() || fault !== null || failed > maxFailures;
  await forEachConcurrently(open, { ...context, stopping }, async (i) => {
    const tenant = tenants[i];
    if (tenant === undefined) return;
    try {
      const outcome = await sendTenant(tenant, context);
      const planned = dryRun === true && outcome.state === "onboarded";
      outcomes[i] = planned ? { ...outcome, state: "planned" } : outcome;
      if (outcome.state === "failed") failed += 1;
    } catch (error) {
      if (!(error instanceof OpsError)) throw error;
      if (error.code === "INTERRUPTED") return;
      fault ??= error;
      outcomes[i] = failedOutcome(error, null);
    }
    done += 1;
    if (context.now() - reportedAt < PROGRESS_INTERVAL_MS && done < tenants.length) return;
    reportedAt = context.now();
    const note = failed === 0 ? {} : { note: `${grouped(failed)} failed` };
    onProgress(done, tenants.length, "onboard run", { unit: "tenants", ...note });
  });
  if (fault !== null && !outcomes.some(({ state }) => state === "onboarded")) throw fault;
  const ending = fault ?? (context.stopping() ? "interrupted" : null);
  return { outcomes, ending: ending ?? (failed > maxFailures ? "limit" : null) };
}

/** Tenants per request. */
const CHUNK = 25;

/** A dry run of a remote database: queries which tenants it would reject, and sends none. Their outcomes become `planned` or `failed`. */
export async function checkTenants(
  { tenants, open, outcomes }: OpenTenants,
  context: RunContext,
): Promise<Ran> {
  const starts = [...open.keys()].filter((i) => i % CHUNK === 0);
  await forEachConcurrently(starts, context, async (from) => {
    const claims = open.slice(from, from + CHUNK).flatMap((index) => {
      const tenant = tenants[index];
      return tenant === undefined ? [] : [{ index, ...tenantClaims(tenant, context) }];
    });
    const reasons = await rejectionReasons(context.ports.d1, claims);
    for (const [i, { index }] of claims.entries()) {
      const reason = reasons[i] ?? null;
      outcomes[index] =
        reason === null ? { ...NOT_RUN, state: "planned" } : failedOutcome(reason, null);
    }
  });
  return { outcomes, ending: context.stopping() ? "interrupted" : null, onlyChecked: true };
}

function tenantClaims({ input }: Tenant, { ports }: RunContext): Claims {
  const { tenant, user, key, start, business } = input;
  return {
    ...baseValues({ tenant, user }, { key }, ports),
    phone: business.phone ?? null,
    email: business.email ?? start.email ?? null,
  };
}
