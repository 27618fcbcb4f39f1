/** @module Reads what `migrate plan` and `migrate apply` share: the plan and its warnings. */
import type { Backfill } from "../../backfills/backfill.ts";
import { requiredBackfill } from "../../backfills/find-backfill.ts";
import { openMemory } from "../../database/memory.ts";
import { openNameCheck } from "../../database/name-check.ts";
import type { D1Database } from "../../database/port.ts";
import { compareWithLedger } from "../../migrations/comparison.ts";
import { unreadableFindings } from "../../migrations/findings.ts";
import type { Applied } from "../../migrations/ledger.ts";
import type { Migration } from "../../migrations/migration.ts";
import { noStatementsFindings } from "../../migrations/no-statements.ts";
import {
  type Allowance,
  findMigration,
  type Plan,
  planMigrations,
  stepsOf,
} from "../../migrations/plan.ts";
import { readRequirements, type Requirements } from "../../migrations/requirements.ts";
import { textNameFindings } from "../../migrations/text-names.ts";
import { readBackfills } from "../../project/read-backfills.ts";
import { readMigrations } from "../../project/read-migrations.ts";
import type { Project } from "../../project/project.ts";
import { nearest } from "../../report/nearest.ts";
import type { Finding } from "../../report/report.ts";
import type { MigratePlanOptions } from "./plan-options.ts";

/** The options of a plan, resolved. */
export interface PlanScope {
  readonly folder: readonly Migration[];
  /** The last migration to apply; null for all. */
  readonly to: Migration | null;
  readonly allow: ReadonlySet<Allowance>;
}

/** @throws OpsError MIGRATION_UNKNOWN, and errors of the files room */
export async function readScope({
  settings,
  options,
}: Pick<Project<MigratePlanOptions>, "settings" | "options">): Promise<PlanScope> {
  const folder = await readMigrations(settings.projectPath, settings.database);
  const to = options.to === undefined ? null : findMigration(folder, options.to, nearest);
  return { folder, to, allow: new Set(options.allow) };
}

export interface PlanRead extends Requirements, PlanScope {
  readonly ledger: readonly Applied[];
  readonly plan: Plan;
  /** The warnings about the plan's steps. `applied`: names that this run has applied. They do not stop a run. */
  readonly warnings: (applied?: readonly string[]) => readonly Finding[];
  /** Applied files that are not text. */
  readonly unreadable: readonly Finding[];
}

/** Reads the ledger and plans. Writes nothing. */
export async function readPlan(
  project: Pick<Project, "settings" | "variables">,
  d1: D1Database,
  scope: PlanScope,
): Promise<PlanRead> {
  const { folder } = scope;
  const { ledger, ...requirements } = await readPlanRequirements(project, d1, scope);
  const comparison = compareWithLedger(folder, ledger);
  const steps = stepsOf({ ...scope, comparison }, folder);
  // This splits the steps into statements. A plan of files that are split takes half of the time.
  const names = await textNameFindings({ d1, folder, comparison, steps, openNameCheck });
  const plan = planMigrations({ ...scope, ...requirements, comparison }, folder);
  return {
    ...scope,
    ...requirements,
    ledger,
    plan,
    warnings: (applied = []) => [...noStatementsFindings(steps, new Set(applied)), ...names],
    unreadable: unreadableFindings(folder, comparison),
  };
}

/** Loads the project's backfills once, and only if a migration requires one. Migrations after `to` do not run, so they do not count. */
export async function readPlanRequirements(
  project: Pick<Project, "settings" | "variables">,
  d1: D1Database,
  { folder, to }: Pick<PlanScope, "folder" | "to">,
): Promise<Requirements & Pick<PlanRead, "ledger">> {
  let loading: Promise<readonly Backfill[]> | null = null;
  return readRequirements({
    d1,
    table: project.settings.database.migrationsTable,
    openMemory,
    folder: to === null ? folder : folder.slice(0, folder.indexOf(to) + 1),
    backfillsOf: async ({ name, requires }) => {
      const backfills = await (loading ??= readBackfills(project));
      return requires.map((backfill) => requiredBackfill(backfills, backfill, name));
    },
  });
}
