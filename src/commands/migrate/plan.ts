/**
 * `migrate plan`: what an apply would do, and what would stop it. Reads only.
 * @module
 */
import { openNameCheck } from "../../database/name-check.ts";
import type { D1Database } from "../../database/port.ts";
import { nearest } from "../../report/nearest.ts";
import { destructionFindings } from "../../migrations/destruction.ts";
import { acceptedFindings, problemFinding, unreadableFindings } from "../../migrations/findings.ts";
import type { Applied } from "../../migrations/ledger.ts";
import type { Migration } from "../../migrations/migration.ts";
import { noStatementsFindings } from "../../migrations/no-statements.ts";
import {
  type Allowance,
  findMigration,
  isAllowed,
  type Plan,
  planMigrations,
} from "../../migrations/plan.ts";
import { compareWithLedger } from "../../migrations/standing.ts";
import { textNameFindings } from "../../migrations/text-names.ts";
import { command } from "../../report/command.ts";
import type { Finding, Report } from "../../report/report.ts";
import { optionsOf } from "../../options/read.ts";
import type { Body } from "../../report/body.ts";
import { readFolder } from "../../project/folder.ts";
import { readStanding, type Requirements } from "./gate.ts";
import { localStateFindings, withFindings } from "../../project/local-state.ts";
import { plannedStep } from "./status.ts";
import { PLAN, type MigratePlanOptions } from "./plan-options.ts";
import { openDatabase } from "../../project/open.ts";
import { type Project, withProject } from "../../project/project.ts";

const readOptions = optionsOf<MigratePlanOptions>("migratePlan", PLAN);

export type { MigratePlanOptions } from "./plan-options.ts";

/** Outcome `problems` (exit 1) where something stops the run. */
export async function migratePlan(given: MigratePlanOptions = {}): Promise<Report> {
  return withProject("migrate plan", readOptions(given), {}, async (project) => {
    const { settings, options } = project;
    const folder = await readFolder(settings.projectPath, settings.database);
    const to = lastOf(folder, options.to);
    const { d1 } = await openDatabase(project, "read");
    const { plan, allow, warnings, unreadable } = await readPlan(project, d1, folder, to);
    const body = planBody(plan, allow, [...unreadable, ...warnings]);
    return withFindings(body, localStateFindings(project, settings.database));
  });
}

/** @throws OpsError MIGRATION_UNKNOWN */
export function lastOf(folder: readonly Migration[], to: string | undefined): Migration | null {
  return to === undefined ? null : findMigration(folder, to, nearest);
}

/** The plan, what it was made of, and the warnings that come with it. Reads only. */
export async function readPlan(
  project: Project<MigratePlanOptions>,
  d1: D1Database,
  folder: readonly Migration[],
  to: Migration | null,
): Promise<PlanRead> {
  const requirements = await readStanding(project, d1, folder, to);
  const { ledger, unready } = requirements;
  const allow = new Set(project.options.allow);
  const standing = compareWithLedger(folder, ledger);
  const plan = planMigrations({ standing, to, allow, unready }, folder);
  const { steps } = plan;
  return {
    ...requirements,
    allow,
    plan,
    warnings: [
      ...noStatementsFindings(steps),
      ...(await textNameFindings({ d1, folder, standing, steps, openNameCheck })),
    ],
    unreadable: unreadableFindings(folder, standing),
  };
}

interface PlanRead extends Requirements {
  readonly ledger: readonly Applied[];
  readonly allow: ReadonlySet<Allowance>;
  readonly plan: Plan;
  /** Of the steps: they stop nothing. */
  readonly warnings: readonly Finding[];
  /** Applied files that are not text. */
  readonly unreadable: readonly Finding[];
}

/** What a report says of a plan that is not carried out. `warnings` are findings that stop nothing. */
export function planBody(
  plan: Plan,
  allow: ReadonlySet<Allowance>,
  warnings: readonly Finding[],
): Body {
  const stopped = plan.obstacles.length > 0;
  const count = plan.steps.length;
  return {
    outcome: stopped ? "problems" : "ok",
    summary: stopped
      ? `${count} pending, stopped by ${plan.obstacles.length === 1 ? "a problem" : `${plan.obstacles.length} problems`}`
      : count === 0
        ? "Nothing to apply"
        : `${count} ${count === 1 ? "migration" : "migrations"} to apply`,
    steps: plan.steps.map(({ name, statements }) => ({
      ...plannedStep(name),
      note: `${statements.length} ${statements.length === 1 ? "statement" : "statements"}`,
    })),
    findings: [
      ...problemFindings(plan, allow),
      ...acceptedFindings(plan),
      ...destructionFindings(plan.steps),
      ...warnings,
    ],
    data: { pending: plan.steps.map(({ name }) => name) },
    next: stopped || count === 0 ? [] : [command("migrate apply")],
  };
}

/** With nothing to run, a problem is told but stops nobody. */
export function problemFindings(plan: Plan, allow: ReadonlySet<Allowance>): Finding[] {
  return plan.problems.map((problem) =>
    problemFinding(
      problem,
      isAllowed(problem, allow) || plan.obstacles.length === 0,
      isAllowed(problem, allow) && problem.kind !== "out-of-order",
    ),
  );
}
