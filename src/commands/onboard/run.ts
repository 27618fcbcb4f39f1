/**
 * `onboard run FILE`: many tenants, each onboarded as a whole or not at all. Run again it goes on, and does nothing twice.
 * @module
 */
import { count as counted } from "../../report/wording.ts";
import { basename, extname, relative, resolve } from "node:path";
import type { Settings } from "../../config/wrangler-settings.ts";
import type { Database } from "../../database/port.ts";
import { command, offer } from "../../report/command.ts";
import { OpsError } from "../../report/error.ts";
import type { Report } from "../../report/report.ts";
import * as kinds from "../../options/kinds.ts";
import { optional } from "../../options/kinds.ts";
import { optionsOf } from "../../options/check-options.ts";
import type { OnProgress } from "../../report/progress.ts";
import { requireConfirmation } from "../../project/confirm.ts";
import {
  priorOutcomes,
  forEachConcurrently,
  failedOutcome,
  type RunContext,
  sendTenant,
  NOT_RUN,
  type TenantOutcome,
} from "../../onboarding/file/send-tenants.ts";
import { demandTables, openForOnboarding } from "./database.ts";
import { linesOf } from "../../onboarding/file/lines.ts";
import { ONBOARD, type OnboardOptions, onboardingSettings, portsOver, usage } from "./options.ts";
import { invalidFileBody } from "../../onboarding/file/invalid-file-report.ts";
import { type Ran, tenantsBody } from "../../onboarding/file/tenants-report.ts";
import { type InputFormat, readTenants, type Tenant } from "../../onboarding/file/read-tenants.ts";
import { checkTenants } from "../../onboarding/file/check-tenants.ts";
import { type Project, type ProjectBody, withProject } from "../../project/project.ts";
import { grouped } from "../../report/grouped.ts";

export interface OnboardRunOptions extends OnboardOptions {
  /** Path, relative to `cwd`; `-`: `input` is read. */
  readonly file: string;
  /** What is read for the file `-`. Default: the standard input. */
  readonly input?: AsyncIterable<Uint8Array | string>;
  /** Default: as the ending of the file says. */
  readonly inputFormat?: InputFormat;
  /** Ends when more tenants than these have failed. Default: never. */
  readonly maxFailures?: number;
  /** How many tenants are sent at once. Default: 6 remotely; locally one after the other. */
  readonly atOnce?: number;
  /** Told now and then: so many so far, in all, and what to say. */
  readonly onProgress?: OnProgress;
}

const readOptions = optionsOf<OnboardRunOptions>("onboardRun", {
  ...ONBOARD,
  file: kinds.path,
  input: optional(
    kinds.objectWith<AsyncIterable<Uint8Array | string>>("an async iterable", [
      Symbol.asyncIterator,
    ]),
  ),
  inputFormat: optional(kinds.oneOf(["jsonl", "csv"])),
  maxFailures: optional(kinds.wholeNumber(0, Number.MAX_SAFE_INTEGER)),
  atOnce: optional(kinds.wholeNumber(1, 100)),
  onProgress: optional(kinds.callback<NonNullable<OnboardRunOptions["onProgress"]>>()),
});

/**
 * Outcome `changed` (all that was open is onboarded), `ok` (all were already), `problems` (exit 2: the file is wrong, nothing
 * was tried; exit 1: a dry run found tenants that would fail), `partial` (exit 4: some failed, the others stand), `failed` (exit 3:
 * nothing was changed).
 */
export async function onboardRun(given: OnboardRunOptions): Promise<Report> {
  const options = readOptions(given);
  onboardingSettings(options);
  formatOf(options);
  return withProject("onboard run", options, { place: true }, run);
}

async function run(project: Project<OnboardRunOptions>): Promise<ProjectBody> {
  const { options } = project;
  const path = resolve(project.cwd, options.file);
  const lines =
    options.file === "-" ? linesOf("stdin", options.input ?? process.stdin) : linesOf(path);
  const contents = await readTenants(lines, formatOf(options), onboardingSettings(options));
  const file = shownFile(options.file, path, project.settings);
  if (contents.problems.length > 0) return invalidFileBody(file, contents, options);
  const { tenants } = contents;
  const database = await openForOnboarding(project);
  await demandTables(database);
  return tenantsBody(file, tenants, await executePlan(project, database, tenants), options);
}

const FORMATS: Readonly<Record<string, InputFormat>> = {
  ".jsonl": "jsonl",
  ".ndjson": "jsonl",
  ".csv": "csv",
};

/** @throws OpsError USAGE */
function formatOf({ file, inputFormat }: OnboardRunOptions): InputFormat {
  const format = inputFormat ?? FORMATS[extname(file).toLowerCase()];
  if (format !== undefined) return format;
  const what = file === "-" ? "the standard input" : basename(file);
  throw usage(
    "--input-format",
    `it has to be said what ${what} is`,
    "--input-format jsonl, or csv",
  );
}

/** Relative to the project, where it is in it. */
function shownFile(file: string, path: string, { projectPath }: Settings): string {
  if (file === "-") return "stdin";
  const inside = relative(projectPath, path).replaceAll("\\", "/");
  return inside.startsWith("../") ? file : inside;
}

async function executePlan(
  project: Project<OnboardRunOptions>,
  database: Database,
  tenants: readonly Tenant[],
): Promise<Ran> {
  const { options, clock, sleep, stopping } = project;
  const context: RunContext = {
    ports: portsOver(database.d1),
    concurrency: options.atOnce ?? project.byPlace({ local: 1, remote: 6 }),
    now: () => clock.now(),
    sleep,
    yieldToEventLoop: async () => new Promise((resume) => setImmediate(resume)),
    stopping,
  };
  const outcomes = await priorOutcomes(tenants, context);
  const open = [...outcomes.keys()].filter((i) => outcomes[i] === NOT_RUN);
  // There is no copy of a remote database: it is asked.
  if (options.dryRun === true && project.byPlace({ local: false, remote: true })) {
    await checkTenants(tenants, open, outcomes, context);
    return { outcomes, ending: endingOf(context), onlyChecked: true };
  }
  await confirmRun(project, database, tenants, open);
  return runAll(tenants, open, outcomes, context, options);
}

async function confirmRun(
  project: Project<OnboardRunOptions>,
  { target }: Database,
  tenants: readonly Tenant[],
  open: readonly number[],
): Promise<void> {
  if (open.length === 0) return;
  await requireConfirmation(project, {
    action: `onboard ${counted(open.length, "tenant")}`,
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

const TELL_EVERY_MS = 50;

async function runAll(
  tenants: readonly Tenant[],
  open: readonly number[],
  outcomes: TenantOutcome[],
  context: RunContext,
  { maxFailures = Infinity, dryRun, onProgress = () => {} }: OnboardRunOptions,
): Promise<Ran> {
  let fault: OpsError | null = null;
  let failures = outcomes.filter(({ state }) => state === "failed").length;
  let done = outcomes.length - open.length;
  let told = context.now();
  const stopping = (): boolean => context.stopping() || fault !== null || failures > maxFailures;
  await forEachConcurrently(open, { ...context, stopping }, async (i) => {
    const tenant = tenants[i];
    if (tenant === undefined) return;
    try {
      const outcome = await sendTenant(tenant, context);
      const tried = dryRun === true && outcome.state === "onboarded";
      outcomes[i] = tried ? { ...outcome, state: "planned" } : outcome;
      if (outcome.state === "failed") failures += 1;
    } catch (error) {
      if (!(error instanceof OpsError)) throw error;
      if (error.code === "INTERRUPTED") return;
      fault ??= error;
      outcomes[i] = failedOutcome(error, null);
    }
    done += 1;
    if (context.now() - told < TELL_EVERY_MS && done < tenants.length) return;
    told = context.now();
    const note = failures === 0 ? {} : { note: `${grouped(failures)} failed` };
    onProgress(done, tenants.length, "onboard run", { unit: "tenants", ...note });
  });
  if (fault !== null && !outcomes.some(({ state }) => state === "onboarded")) throw fault;
  const ending = fault ?? endingOf(context);
  return { outcomes, ending: ending ?? (failures > maxFailures ? "limit" : null) };
}

function endingOf({ stopping }: RunContext): "interrupted" | null {
  return stopping() ? "interrupted" : null;
}
