/**
 * `onboard run FILE`: many tenants, each onboarded as a whole or not at all. Run again it goes on, and does nothing twice.
 * @module
 */
import { basename, extname, relative, resolve } from "node:path";
import { pause, realClock } from "../../failure/clock.ts";
import type { Settings } from "../../config/settings.ts";
import type { Database } from "../../database/port.ts";
import { command, offer } from "../../report/command.ts";
import { OpsError } from "../../report/error.ts";
import type { Report } from "../../report/report.ts";
import * as kinds from "../../options/kinds.ts";
import { optional } from "../../options/kinds.ts";
import { optionsOf } from "../../options/read.ts";
import type { OnProgress } from "../../report/progress.ts";
import { demandConfirmation } from "../../project/confirm.ts";
import { findWritable } from "../../project/demand.ts";
import { report, start } from "../../project/envelope.ts";
import {
  askStandings,
  each,
  failedOf,
  type Going,
  onboard,
  OPEN,
  type TenantOutcome,
} from "./all.ts";
import { demandTables, openForOnboarding } from "./database.ts";
import { linesOf } from "../../onboarding/file/lines.ts";
import { ONBOARD, type OnboardOptions, onboardingSettings, portsOver, usage } from "./options.ts";
import { invalidBody, type Ran, ranBody } from "./report.ts";
import { type InputFormat, readTenants, type Tenant } from "../../onboarding/file/tenants.ts";
import { wouldFail } from "./look.ts";
import { runVerb } from "../../project/run-verb.ts";
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
    kinds.having<AsyncIterable<Uint8Array | string>>("an async iterable", [Symbol.asyncIterator]),
  ),
  inputFormat: optional(kinds.oneOf(["jsonl", "csv"])),
  maxFailures: optional(kinds.whole(0, Number.MAX_SAFE_INTEGER)),
  atOnce: optional(kinds.whole(1, 100)),
  onProgress: optional(kinds.callback<NonNullable<OnboardRunOptions["onProgress"]>>()),
});

/**
 * Outcome `changed` (all that was open is onboarded), `ok` (all were already), `problems` (exit 2: the file is wrong, nothing
 * was tried; exit 1: a dry run found tenants that would fail), `partial` (exit 4: some failed, the others stand), `failed` (exit 3:
 * nothing was changed).
 */
export async function onboardRun(given: OnboardRunOptions): Promise<Report> {
  return runVerb("onboard run", readOptions(given), run);
}

async function run(options: OnboardRunOptions): Promise<Report> {
  const started = start();
  const settings = onboardingSettings(options);
  const format = formatOf(options);
  const project = await findWritable("onboard run", options);
  const path = resolve(options.cwd ?? process.cwd(), options.file);
  const lines =
    options.file === "-" ? linesOf("stdin", options.input ?? process.stdin) : linesOf(path);
  const { tenants, problems, count } = await readTenants(lines, format, settings);
  const file = shownFile(options.file, path, project.settings);
  if (problems.length > 0) {
    return report(
      "onboard run",
      null,
      started,
      invalidBody(file, tenants, problems, count, options),
    );
  }
  const database = await openForOnboarding(project, options);
  try {
    await demandTables(database);
    const ran = await carryOut(database, tenants, options);
    return report("onboard run", database.target, started, ranBody(file, tenants, ran, options));
  } finally {
    database.close();
  }
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

async function carryOut(
  database: Database,
  tenants: readonly Tenant[],
  options: OnboardRunOptions,
): Promise<Ran> {
  const clock = options.clock ?? realClock;
  const remote = options.place === "remote";
  const going: Going = {
    ports: portsOver(database.d1),
    width: options.atOnce ?? (remote ? 6 : 1),
    now: () => clock.now(),
    sleep: async (ms) => pause(clock, ms, options.signal),
    breathe: async () => new Promise((resume) => setImmediate(resume)),
    stopping: () => options.signal?.aborted === true,
  };
  const outcomes = await askStandings(tenants, going);
  const open = [...outcomes.keys()].filter((i) => outcomes[i] === OPEN);
  if (options.dryRun === true && remote) {
    await wouldFail(tenants, open, outcomes, going);
    return { outcomes, ending: endingOf(going) };
  }
  await confirmRun(database, tenants, open, options);
  return runAll(tenants, open, outcomes, going, options);
}

async function confirmRun(
  { target }: Database,
  tenants: readonly Tenant[],
  open: readonly number[],
  options: OnboardRunOptions,
): Promise<void> {
  if (target.place === "local" || open.length === 0) return;
  const intent = {
    action: `onboard ${open.length === 1 ? "1 tenant" : `${grouped(open.length)} tenants`}`,
    target,
    account: null,
    steps: open.map((i) => tenants[i]?.input.tenant ?? ""),
    destructive: [],
    look: offer("To see what would fail", command("onboard run", options.file, "--dry-run")),
  };
  await demandConfirmation("onboard run", intent, options);
}

const TELL_EVERY_MS = 50;

async function runAll(
  tenants: readonly Tenant[],
  open: readonly number[],
  outcomes: TenantOutcome[],
  going: Going,
  { maxFailures = Infinity, dryRun, onProgress = () => {} }: OnboardRunOptions,
): Promise<Ran> {
  let fault: OpsError | null = null;
  let failures = outcomes.filter(({ state }) => state === "failed").length;
  let done = outcomes.length - open.length;
  let told = going.now();
  const stopping = (): boolean => going.stopping() || fault !== null || failures > maxFailures;
  await each(open, { ...going, stopping }, async (i) => {
    const tenant = tenants[i];
    if (tenant === undefined) return;
    try {
      const outcome = await onboard(tenant, going);
      const tried = dryRun === true && outcome.state === "onboarded";
      outcomes[i] = tried ? { ...outcome, state: "planned" } : outcome;
      if (outcome.state === "failed") failures += 1;
    } catch (error) {
      if (!(error instanceof OpsError)) throw error;
      if (error.code === "INTERRUPTED") return;
      fault ??= error;
      outcomes[i] = failedOf(error, null);
    }
    done += 1;
    if (going.now() - told < TELL_EVERY_MS && done < tenants.length) return;
    told = going.now();
    const note = failures === 0 ? {} : { note: `${grouped(failures)} failed` };
    onProgress(done, tenants.length, "onboard run", { unit: "tenants", ...note });
  });
  if (fault !== null && !outcomes.some(({ state }) => state === "onboarded")) throw fault;
  const ending = fault ?? endingOf(going);
  return { outcomes, ending: ending ?? (failures > maxFailures ? "limit" : null) };
}

function endingOf({ stopping }: Going): "interrupted" | null {
  return stopping() ? "interrupted" : null;
}
