/**
 * Sends the tenants of a file that are not done yet, several at once.
 * @module
 */
import { OpsError } from "../../report/error.ts";
import type { OnProgress } from "../../report/progress.ts";
import { grouped } from "../../report/wording.ts";
import type { Tenant } from "./read-tenants.ts";
import {
  failedOutcome,
  forEachConcurrently,
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

interface SendLimits {
  /** Stops after more failed tenants than this. Default: never. */
  readonly maxFailures?: number;
  /** The database is a copy: an onboarded tenant is `planned`. */
  readonly dryRun?: boolean;
  readonly onProgress?: OnProgress;
}

const PROGRESS_INTERVAL_MS = 50;

/** Sends the tenants that are not done yet. A fault that is no tenant's ends the run. @throws OpsError if it onboarded none before */
export async function sendOpen(
  { tenants, open, outcomes }: OpenTenants,
  context: RunContext,
  { maxFailures = Infinity, dryRun, onProgress = () => {} }: SendLimits,
): Promise<Ran> {
  let fault: OpsError | null = null;
  let failures = outcomes.filter(({ state }) => state === "failed").length;
  let done = outcomes.length - open.length;
  let reportedAt = context.now();
  const stopping = (): boolean => context.stopping() || fault !== null || failures > maxFailures;
  await forEachConcurrently(open, { ...context, stopping }, async (i) => {
    const tenant = tenants[i];
    if (tenant === undefined) return;
    try {
      const outcome = await sendTenant(tenant, context);
      const planned = dryRun === true && outcome.state === "onboarded";
      outcomes[i] = planned ? { ...outcome, state: "planned" } : outcome;
      if (outcome.state === "failed") failures += 1;
    } catch (error) {
      if (!(error instanceof OpsError)) throw error;
      if (error.code === "INTERRUPTED") return;
      fault ??= error;
      outcomes[i] = failedOutcome(error, null);
    }
    done += 1;
    if (context.now() - reportedAt < PROGRESS_INTERVAL_MS && done < tenants.length) return;
    reportedAt = context.now();
    const note = failures === 0 ? {} : { note: `${grouped(failures)} failed` };
    onProgress(done, tenants.length, "onboard run", { unit: "tenants", ...note });
  });
  if (fault !== null && !outcomes.some(({ state }) => state === "onboarded")) throw fault;
  const ending = fault ?? (context.stopping() ? "interrupted" : null);
  return { outcomes, ending: ending ?? (failures > maxFailures ? "limit" : null) };
}
