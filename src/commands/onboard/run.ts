/** @module `onboard run FILE`: onboards many tenants, each in one transaction. A second run skips the tenants that are done. */
import type { Database } from "../../database/port.ts";
import { invalidFileBody } from "../../onboarding/file/invalid-file-report.ts";
import { type InputFormat, readTenants, type Tenant } from "../../onboarding/file/read-tenants.ts";
import type { OnboardingSettings } from "../../onboarding/ports.ts";
import {
  checkTenants,
  findOpen,
  type OpenTenants,
  sendOpen,
} from "../../onboarding/file/run-tenants.ts";
import type { RunContext } from "../../onboarding/file/send-tenants.ts";
import { type Ran, tenantsBody } from "../../onboarding/file/tenants-report.ts";
import { requireConfirmation } from "../../project/confirm.ts";
import { type Project, type ProjectBody, withWritingProject } from "../../project/project.ts";
import { command } from "../../onboarding/file/onboarding-verbs.ts";
import { offer } from "../../report/command.ts";
import type { Report } from "../../report/report.ts";
import { count } from "../../report/wording.ts";
import { openForOnboarding } from "./database.ts";
import { requireTables } from "../../onboarding/file/required-tables.ts";
import { onboardingSettings, portsOver } from "./options.ts";
import { formatOf, inputOf, type OnboardRunOptions, readRunOptions } from "./run-options.ts";

export type { OnboardRunOptions } from "./run-options.ts";

/**
 * Outcomes:
 * - `changed`: every open tenant is onboarded.
 * - `ok`: all tenants were onboarded before.
 * - `problems`: the file is invalid and nothing was tried (exit 2), or a dry run found tenants that would fail (exit 1).
 * - `partial`: some tenants failed, the others are onboarded (exit 4).
 * - `failed`: nothing was changed (exit 3).
 */
export async function onboardRun(given: OnboardRunOptions): Promise<Report> {
  const options = readRunOptions(given);
  const settings = onboardingSettings(options);
  const format = formatOf(options);
  const run = async (project: Project<OnboardRunOptions>): Promise<ProjectBody> =>
    onboardFile(project, format, settings);
  return withWritingProject("onboard run", options, run);
}

async function onboardFile(
  project: Project<OnboardRunOptions>,
  format: InputFormat,
  settings: Required<OnboardingSettings>,
): Promise<ProjectBody> {
  const { options, cwd } = project;
  const { name: file, lines } = inputOf(options, cwd, project.settings.projectPath);
  const contents = await readTenants(lines, format, settings);
  if (contents.problems.length > 0) return invalidFileBody(file, contents, options);
  const { tenants } = contents;
  const database = await openForOnboarding(project);
  await requireTables(database, portsOver);
  return tenantsBody(file, tenants, await sendTenants(project, database, tenants), options);
}

/** Finds the tenants that are done, confirms, and sends the rest. */
async function sendTenants(
  project: Project<OnboardRunOptions>,
  database: Database,
  tenants: readonly Tenant[],
): Promise<Ran> {
  const { options, now, sleep, breathe, stopping } = project;
  const context: RunContext = {
    ports: portsOver(database.d1),
    concurrency: options.atOnce ?? project.byPlace({ local: 1, remote: 6 }),
    now,
    sleep,
    breathe,
    stopping,
  };
  const found = await findOpen(tenants, context);
  // d1ops does not copy a remote database, so a dry run only queries it.
  const dryRun = project.byPlace({ local: sendOpen, remote: checkTenants });
  if (options.dryRun === true) return dryRun(found, context, options);
  await confirm(project, database, found);
  return sendOpen(found, context, options);
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
    steps: open.map((i) => tenants[i]?.input.tenant ?? ""),
    preview: offer(
      "To see what would fail",
      command("onboard run", project.options.file, "--dry-run"),
    ),
  });
}
