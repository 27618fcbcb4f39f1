/**
 * Onboards the tenants of a valid file: finds those that are done, confirms, and sends the rest.
 * @module
 */
import { setImmediate } from "node:timers/promises";
import type { Database } from "../../database/port.ts";
import { checkTenants } from "../../onboarding/file/check-tenants.ts";
import type { Tenant } from "../../onboarding/file/read-tenants.ts";
import { type OpenTenants, sendOpen } from "../../onboarding/file/send-open.ts";
import { NOT_RUN, priorOutcomes, type RunContext } from "../../onboarding/file/send-tenants.ts";
import type { Ran } from "../../onboarding/file/tenants-report.ts";
import { requireConfirmation } from "../../project/confirm.ts";
import type { Project } from "../../project/project.ts";
import { command, offer } from "../../report/command.ts";
import { count } from "../../report/wording.ts";
import { portsOver } from "./options.ts";
import type { OnboardRunOptions } from "./run-options.ts";

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
    return { outcomes, ending: stopping() ? "interrupted" : null, onlyChecked: true };
  }
  await confirm(project, database, { tenants, open });
  return sendOpen({ tenants, open, outcomes }, context, options);
}

async function confirm(
  project: Project<OnboardRunOptions>,
  { target }: Database,
  { tenants, open }: Pick<OpenTenants, "tenants" | "open">,
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
