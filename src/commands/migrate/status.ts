/**
 * `migrate status`: which migrations are applied, which are pending, and what does not fit.
 * @module
 */
import * as kinds from "../../options/kinds.ts";
import { optional } from "../../options/kinds.ts";
import { optionsOf } from "../../options/read.ts";
import { readLedger } from "../../migrations/ledger.ts";
import {
  acceptedFindings,
  pastDirectives,
  problemFinding,
  unreadableFindings,
} from "../../migrations/findings.ts";
import { planMigrations } from "../../migrations/plan.ts";
import { compareWithLedger, type Standing } from "../../migrations/standing.ts";
import { command } from "../../report/command.ts";
import type { Check, Report, Step } from "../../report/report.ts";
import { readFolder } from "../../project/folder.ts";
import { localStateFindings } from "../../project/local-state.ts";
import { PROJECT, type ProjectOptions } from "../../project/options.ts";
import { openDatabase } from "../../project/open.ts";
import { withProject } from "../../project/project.ts";

export interface MigrateStatusOptions extends ProjectOptions {
  /** Exit code 1 when migrations are pending, as `git diff --exit-code`. */
  readonly exitCode?: boolean;
}

const readOptions = optionsOf<MigrateStatusOptions>("migrateStatus", {
  ...PROJECT,
  exitCode: optional(kinds.flag),
});

/** Reads only. Outcome `problems` (exit 1) where a migration is changed, renamed, missing or late. */
export async function migrateStatus(given: MigrateStatusOptions = {}): Promise<Report> {
  return withProject("migrate status", readOptions(given), {}, async (project) => {
    const { settings, options } = project;
    const folder = await readFolder(settings.projectPath, settings.database);
    const { d1 } = await openDatabase(project, "read");
    const applied = await readLedger(d1, settings.database.migrationsTable);
    const standing = compareWithLedger(folder, applied);
    const { problems } = planMigrations({ standing, to: null, allow: new Set() }, folder);
    const pendingCounts = options.exitCode === true && standing.pending.length > 0;
    return {
      outcome: problems.length > 0 || pendingCounts ? "problems" : "ok",
      summary: summary(standing, problems.length),
      steps: steps(standing),
      findings: [
        ...localStateFindings(project, settings.database),
        ...problems.map((problem) => problemFinding(problem, false)),
        ...acceptedFindings(standing),
        ...unreadableFindings(folder, standing),
        ...pastDirectives(folder, standing),
      ],
      checks: options.exitCode === true ? [pendingCheck(standing.pending.length)] : [],
      data: {
        applied: standing.applied.map(({ name }) => name),
        pending: standing.pending.map(({ name }) => name),
        unknown: [
          ...standing.missing.map(({ name }) => name),
          ...standing.renamed.map(({ from }) => from),
        ],
        accepted: standing.accepted.map(({ name }) => name),
        changed: standing.changed.map(({ migration }) => migration.name),
        outOfOrder: standing.outOfOrder.map(({ name }) => name),
        renamed: standing.renamed.map(({ from, to }) => ({ from, to: to.name })),
        unverified: [...standing.unverified],
      },
      next:
        standing.pending.length > 0 && problems.length === 0
          ? [command("migrate plan"), command("migrate apply")]
          : [],
    };
  });
}

/** Only where pending migrations count: it says why the exit code is 1. */
function pendingCheck(pending: number): Check {
  return {
    id: "migrations.applied",
    outcome: pending === 0 ? "pass" : "fail",
    measured: `${pending} pending`,
    expected: "0 pending",
    evidence: {},
  };
}

function steps({ applied, pending }: Standing): Step[] {
  return [
    ...applied.map(({ name, appliedAt, record }) => ({
      name,
      status: "done" as const,
      durationMs: record?.durationMs ?? null,
      rowsRead: null,
      rowsWritten: record?.rowsWritten ?? null,
      note: record === null ? `${appliedAt}, unverified` : appliedAt,
    })),
    ...pending.map(({ name }) => plannedStep(name)),
  ];
}

export function plannedStep(name: string): Step {
  return { name, status: "planned", durationMs: null, rowsRead: null, rowsWritten: null };
}

function summary({ applied, pending, unverified }: Standing, problems: number): string {
  const parts = [
    `${applied.length} applied${unverified.length > 0 ? ` (${unverified.length} unverified)` : ""}`,
    pending.length === 0 ? "nothing pending" : `${pending.length} pending`,
    ...(problems > 0 ? [`${problems} ${problems === 1 ? "problem" : "problems"}`] : []),
  ];
  return parts.join(", ");
}
