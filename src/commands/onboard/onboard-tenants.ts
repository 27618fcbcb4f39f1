/**
 * Onboards the tenants of a valid file: finds those that are done, confirms, and sends the rest.
 * @module
 */
import { setImmediate } from "node:timers/promises";
import type { Database } from "../../database/port.ts";
import { checkTenants } from "../../onboarding/file/check-tenants.ts";
import type { Tenant } from "../../onboarding/file/read-tenants.ts";
import {
  failedOutcome,
  forEachConcurrently,
  NOT_RUN,
  priorOutcomes,
  type RunContext,
  sendTenant,
  type TenantOutcome,
} from "../../onboarding/file/send-tenants.ts";
import type { Ran } from "../../onboarding/file/tenants-report.ts";
import { requireConfirmation } from "../../project/confirm.ts";
import type { Project } from "../../project/project.ts";
import { command, offer } from "../../report/command.ts";
import { OpsError } from "../../report/error.ts";
import { count, grouped } from "../../report/wording.ts";
import { portsOver } from "./options.ts";
import type { OnboardRunOptions } from "./run-options.ts";

interface Plan {
  readonly tenants: readonly Tenant[];
  /** Indexes of the tenants to send. */
  readonly open: readonly number[];
  /** In the order of the tenants. A run replaces the outcomes of `open`. */
  readonly outcomes: TenantOutcome[];
}

export async function onboardTenants(
  project: Project<OnboardRunOptions>,
  database: Database,
  tenants: readonly Tenant[],
): Promise<Ran> {
  const { options, now, sleep, stopping } = project;
  const context: RunContext = {
    ports: portsOver(database.d1),
    concurrency: options.atOnce ?? project.byPlace({ local: 1, remote: 6 }),
    now,
    sleep,
    yieldToEventLoop: async () => setImmediate(),
    stopping,
  };
  const outcomes = await priorOutcomes(tenants, context);
  const open = [...outcomes.keys()].filter((i) => outcomes[i] === NOT_RUN);
  // d1ops does not copy a remote database, so a dry run only queries it.
  const dryRun = project.byPlace<"copy" | "query">({ local: "copy", remote: "query" });
  if (options.dryRun === true && dryRun === "query") {
    await checkTenants(tenants, open, outcomes, context);
    return { outcomes, ending: interruption(context), onlyChecked: true };
  }
  await confirm(project, database, { tenants, open });
  return sendAll({ tenants, open, outcomes }, context, options);
}

async function confirm(
  project: Project<OnboardRunOptions>,
  { target }: Database,
  { tenants, open }: Pick<Plan, "tenants" | "open">,
): Promise<void> {
  if (open.length === 0) return;
  await requireConfirmation(project, {
    action: `onboard ${count(open.length, "tenant")}`,
    target,
    account: null,
    steps: open.map((i) => tenants[i]?.input.tenant ?? ""),
    destructive: [],
    preview: offer(
      "To see what would fail",
      command("onboard run", project.options.file, "--dry-run"),
    ),
  });
}

const PROGRESS_INTERVAL_MS = 50;

async function sendAll(
  { tenants, open, outcomes }: Plan,
  context: RunContext,
  { maxFailures = Infinity, dryRun, onProgress = () => {} }: OnboardRunOptions,
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
  const ending = fault ?? interruption(context);
  return { outcomes, ending: ending ?? (failures > maxFailures ? "limit" : null) };
}

function interruption({ stopping }: RunContext): "interrupted" | null {
  return stopping() ? "interrupted" : null;
}
