/**
 * `onboard run FILE`: onboards many tenants, each in one transaction. A second run skips the tenants that are done.
 * @module
 */
import { relative, resolve } from "node:path";
import type { Settings } from "../../config/wrangler-settings.ts";
import { invalidFileBody } from "../../onboarding/file/invalid-file-report.ts";
import { linesOf } from "../../onboarding/file/lines.ts";
import { type InputFormat, readTenants } from "../../onboarding/file/read-tenants.ts";
import type { OnboardingSettings } from "../../onboarding/ports.ts";
import { tenantsBody } from "../../onboarding/file/tenants-report.ts";
import { type Project, type ProjectBody, withWritingProject } from "../../project/project.ts";
import type { Report } from "../../report/report.ts";
import { requireTables, openForOnboarding } from "./database.ts";
import { onboardTenants } from "./onboard-tenants.ts";
import { onboardingSettings } from "./options.ts";
import { formatOf, type OnboardRunOptions, readRunOptions } from "./run-options.ts";

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
  const { options } = project;
  const path = resolve(project.cwd, options.file);
  const lines =
    options.file === "-" ? linesOf("stdin", options.input ?? process.stdin) : linesOf(path);
  const contents = await readTenants(lines, format, settings);
  const file = shownFile(options.file, path, project.settings);
  if (contents.problems.length > 0) return invalidFileBody(file, contents, options);
  const { tenants } = contents;
  const database = await openForOnboarding(project);
  await requireTables(database);
  return tenantsBody(file, tenants, await onboardTenants(project, database, tenants), options);
}

/** Relative to the project if the file is inside it. */
function shownFile(file: string, path: string, { projectPath }: Settings): string {
  if (file === "-") return "stdin";
  const inside = relative(projectPath, path).replaceAll("\\", "/");
  return inside.startsWith("../") ? file : inside;
}
