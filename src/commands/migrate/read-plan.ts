/**
 * Reads what a plan is made of: the ledger, what pending migrations require, and the warnings that come with it.
 * @module
 */
import { openNameCheck } from "../../database/name-check.ts";
import type { D1Database } from "../../database/port.ts";
import { unreadableFindings } from "../../migrations/findings.ts";
import type { Applied } from "../../migrations/ledger.ts";
import type { Migration } from "../../migrations/migration.ts";
import { noStatementsFindings } from "../../migrations/no-statements.ts";
import { type Allowance, findMigration, type Plan, planMigrations } from "../../migrations/plan.ts";
import { compareWithLedger } from "../../migrations/standing.ts";
import { textNameFindings } from "../../migrations/text-names.ts";
import type { Project } from "../../project/project.ts";
import { nearest } from "../../report/nearest.ts";
import type { Finding } from "../../report/report.ts";
import { readStanding, type Requirements } from "./gate.ts";
import type { MigratePlanOptions } from "./plan-options.ts";

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
