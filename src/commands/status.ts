/**
 * `status`: shows every database of the project in one line each: applied and pending migrations, and problems. Only reads.
 * @module
 */
import { count } from "../report/wording.ts";
import { statSync } from "node:fs";
import { readProgress } from "../backfills/backfill-state.ts";
import { jobOf } from "../backfills/job-report.ts";
import { type BackfillOverview, backfillOverview } from "../backfills/overview.ts";
import type { DatabaseSettings, ProjectSettings } from "../config/wrangler-settings.ts";
import type { D1Database } from "../database/port.ts";
import { isMarkOfDeadProcess } from "../files/process.ts";
import { statusFindings } from "../migrations/findings.ts";
import { planProblems } from "../migrations/plan.ts";
import type { Comparison } from "../migrations/comparison.ts";
import { command } from "../report/command.ts";
import { OpsError } from "../report/error.ts";
import { errorFinding, step } from "../report/report-body.ts";
import type { Finding, Json, Report, Step } from "../report/report.ts";
import { optionsOf } from "../options/check-options.ts";
import { atDatabase } from "../project/command-line.ts";
import { listBackfills } from "../project/read-backfills.ts";
import { readComparison } from "../project/read-comparison.ts";
import { localStateFindings } from "../project/local-state.ts";
import { PROJECT, type ProjectOptions } from "../project/project-options.ts";
import { localPath, targetOf } from "../project/open-database.ts";
import { type AnyProject, type ProjectBody, withDatabases } from "../project/project.ts";

interface Line {
  readonly step: Step;
  readonly findings: readonly Finding[];
  readonly data: { readonly [key: string]: Json };
  readonly pending: number;
}

const readOptions = optionsOf<ProjectOptions>("status", PROJECT);

/** Returns outcome `problems` (exit 1) if a database has a problem. Pending migrations are not a problem. */
export async function status(given: ProjectOptions = {}): Promise<Report> {
  return withDatabases("status", readOptions(given), examineAll);
}

async function examineAll(project: AnyProject): Promise<ProjectBody> {
  const { settings, place } = project;
  const { databases } = settings;
  // Missing credentials are an error of the command, not of each database.
  await project.byPlace<() => Promise<unknown>>({
    local: async () => null,
    remote: project.connect,
  })();
  const lines: Line[] = [];
  for (const database of databases) {
    const line = await databaseLine(project, database);
    lines.push({ ...line, findings: line.findings.map((one) => ofDatabase(one, database)) });
  }
  const findings = lines.flatMap((line) => line.findings);
  const pending = lines.filter((line) => line.pending > 0);
  const problems = findings.filter(({ level }) => level === "error").length;
  const [only] = databases;
  return {
    target: databases.length === 1 && only !== undefined ? targetOf(settings, only, place) : null,
    outcome: problems > 0 ? "problems" : "ok",
    summary: summary(databases.length, pending.length, problems),
    steps: lines.map((line) => line.step),
    findings,
    data: {
      config: settings.configPath,
      env: settings.env,
      section: settings.section,
      databases: lines.map((line) => line.data),
    },
    next: pending.map((line) => atDatabase(command("migrate status"), line.step.name)),
  };
}

/** Adds `--db` to the commands that the finding suggests. */
function ofDatabase(finding: Finding, { binding }: DatabaseSettings): Finding {
  if (finding.help === undefined) return finding;
  return { ...finding, help: atDatabase(finding.help, binding) };
}

async function databaseLine(project: AnyProject, database: DatabaseSettings): Promise<Line> {
  const { settings, place } = project;
  const target = targetOf(settings, database, place);
  const base = {
    database: target.database,
    binding: database.binding,
    id: target.id,
    ...project.byPlace<() => Partial<LocalFile>>({
      local: () => fileOf(settings, database),
      remote: () => ({}),
    })(),
  };
  try {
    const { d1, folder, comparison } = await readComparison(project, database);
    const problems = planProblems(comparison, folder);
    const applied = comparison.applied.length;
    const pending = comparison.pending.length;
    const backfills = await overviewOf(d1, settings, database, comparison);
    return {
      step: step(
        database.binding,
        pending > 0 ? "planned" : "done",
        `${countsNote(applied, pending, base.exists !== false)}${backfills.note}`,
      ),
      findings: [
        ...localStateFindings(project, database),
        ...statusFindings(folder, comparison, problems),
        ...backfills.findings,
      ],
      data: { ...base, applied, pending, problems: problems.length, ...backfills.data },
      pending,
    };
  } catch (error) {
    if (!(error instanceof OpsError)) throw error;
    const { code } = error;
    const message = `${target.database}: ${error.message}`;
    return {
      step: step(database.binding, "failed", code),
      findings: [errorFinding(error, "error", { message })],
      data: { ...base, error: code },
      pending: 0,
    };
  }
}

/** Makes one request, or none if there are no backfills. A new database does not wait for backfills. */
async function overviewOf(
  d1: D1Database,
  settings: ProjectSettings,
  database: DatabaseSettings,
  { applied, pending }: Comparison,
): Promise<BackfillOverview> {
  const files = listBackfills(settings, database);
  const found = files.length === 0 ? [] : await readProgress(d1);
  const progress = new Map(found.map((one) => [one.name, one]));
  const jobs = files.map(({ name }) => jobOf(name, progress.get(name), isMarkOfDeadProcess));
  return backfillOverview(jobs, applied.length === 0 ? [] : pending);
}

interface LocalFile {
  readonly path: string;
  readonly exists: boolean;
  readonly bytes: number;
}

function fileOf(settings: ProjectSettings, database: DatabaseSettings): LocalFile {
  const path = localPath(settings, database);
  const file = statSync(path, { throwIfNoEntry: false });
  return { path, exists: file !== undefined, bytes: file?.size ?? 0 };
}

function countsNote(applied: number, pending: number, exists: boolean): string {
  return `${applied} applied, ${pending} pending${exists ? "" : ", no database file yet"}`;
}

function summary(databases: number, pending: number, problems: number): string {
  const due = pending === 0 ? "nothing pending" : `${pending} with pending migrations`;
  return [
    count(databases, "database"),
    due,
    ...(problems === 0 ? [] : [count(problems, "problem")]),
  ].join(", ");
}
