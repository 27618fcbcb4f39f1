/** @module `status`: shows every database of the project in one line each: applied and pending migrations, and problems. Only reads. */
import type { DatabaseSettings } from "../config/wrangler-settings.ts";
import { statusFindings } from "../migrations/findings.ts";
import { planProblems } from "../migrations/plan.ts";
import { optionsOf } from "../options/check-options.ts";
import { atDatabase, findingAtDatabase } from "../project/command-line.ts";
import { localFileOf, localStateFindings } from "../project/local-state.ts";
import { requireCredentials, targetOf, targetOfAll } from "../project/open-database.ts";
import { PROJECT, type ProjectOptions } from "../project/project-options.ts";
import { type AnyProject, type ProjectBody, withDatabases } from "../project/project.ts";
import { readOverview } from "../project/backfill-jobs.ts";
import { readComparison } from "../project/read-migrations.ts";
import { provenSnapshots, type ProvenSnapshots } from "./proven-snapshots.ts";
import { command } from "../report/command.ts";
import { OpsError } from "../report/error.ts";
import { errorFinding, step } from "../report/report-body.ts";
import type { Finding, Json, Report, Step } from "../report/report.ts";
import { count } from "../report/wording.ts";

interface Line {
  readonly step: Step;
  readonly findings: readonly Finding[];
  readonly data: { readonly [key: string]: Json };
}

const readOptions = optionsOf<ProjectOptions>("status", PROJECT);

/** Returns outcome `problems` (exit 1) if a database has a problem. Pending migrations are not a problem. */
export async function status(given: ProjectOptions = {}): Promise<Report> {
  return withDatabases("status", readOptions(given), examineAll);
}

async function examineAll(project: AnyProject): Promise<ProjectBody> {
  const { configPath, databases, env, section } = project.settings;
  await requireCredentials(project);
  const lines: Line[] = [];
  const snapshots = await provenSnapshots(project, "disk");
  for (const database of databases) {
    lines.push(await databaseLine(project, database, snapshots));
  }
  const steps = lines.map((line) => line.step);
  const findings = lines.flatMap((line) => line.findings);
  const pending = steps.filter((one) => one.status === "planned");
  const problems = findings.filter(({ level }) => level === "error").length;
  return {
    target: targetOfAll(project),
    outcome: problems > 0 ? "problems" : "ok",
    summary: [
      count(databases.length, "database"),
      pending.length === 0 ? "nothing pending" : `${pending.length} with pending migrations`,
      ...(problems === 0 ? [] : [count(problems, "problem")]),
    ].join(", "),
    steps,
    findings,
    data: { config: configPath, env, section, databases: lines.map(({ data }) => data) },
    next: pending.map(({ name }) => atDatabase(command("migrate status"), name)),
  };
}

async function databaseLine(
  project: AnyProject,
  database: DatabaseSettings,
  snapshots: ProvenSnapshots | null,
): Promise<Line> {
  const { settings, place } = project;
  const { binding } = database;
  const target = targetOf(settings, database, place);
  const file = localFileOf(project, database);
  const proven = await provenLine(project, database, snapshots);
  const base = { database: target.database, binding, id: target.id, ...file, ...proven.data };
  try {
    const { d1, folder, comparison } = await readComparison(project, database);
    const problems = planProblems(comparison, folder);
    const [applied, pending] = [comparison.applied.length, comparison.pending.length];
    const backfills = await readOverview(settings, database, d1, comparison);
    const missing = file?.exists === false ? ", no database file yet" : "";
    const note = `${applied} applied, ${pending} pending${missing}${backfills.note}${proven.note}`;
    const findings = [
      ...localStateFindings(project, database),
      ...statusFindings(folder, comparison, problems),
      ...backfills.findings,
    ];
    return {
      step: step(binding, pending > 0 ? "planned" : "done", note),
      findings: findings.map((finding) => findingAtDatabase(finding, binding)),
      data: { ...base, applied, pending, problems: problems.length, ...backfills.data },
    };
  } catch (error) {
    if (!(error instanceof OpsError)) throw error;
    const message = `${target.database}: ${error.message}`;
    return {
      step: step(binding, "failed", error.code),
      findings: [findingAtDatabase(errorFinding(error, "error", { message }), binding)],
      data: { ...base, error: error.code },
    };
  }
}

/** A project without snapshots has no remark about them. */
async function provenLine(
  { startedAt }: AnyProject,
  database: DatabaseSettings,
  snapshots: ProvenSnapshots | null,
): Promise<Pick<Line, "data"> & { readonly note: string }> {
  if (snapshots === null) return { note: "", data: { lastProven: null } };
  const { find, words } = snapshots;
  const found = await find(database);
  const note = `, ${words.lastProvenNote(found, startedAt)}`;
  return { note, data: { lastProven: words.lastProvenData(found) } };
}
