/** @module The report of a database's migrations: applied, pending, and problems. */
import { type Body, step } from "../report/report-body.ts";
import { command } from "../report/command.ts";
import type { Check, Step } from "../report/report.ts";
import { count } from "../report/wording.ts";
import { statusFindings } from "./findings.ts";
import type { Migration } from "./migration.ts";
import type { Problem } from "./plan.ts";
import type { Comparison } from "./comparison.ts";

/** Builds the report. `pendingFails`: pending migrations fail a check. */
export function statusBody(
  folder: readonly Migration[],
  comparison: Comparison,
  problems: readonly Problem[],
  pendingFails: boolean,
): Body {
  const pendingCounts = pendingFails && comparison.pending.length > 0;
  return {
    outcome: problems.length > 0 || pendingCounts ? "problems" : "ok",
    summary: summary(comparison, problems.length),
    steps: steps(comparison),
    findings: statusFindings(folder, comparison, problems),
    checks: pendingFails ? [pendingCheck(comparison.pending.length)] : [],
    data: {
      applied: comparison.applied.map(({ name }) => name),
      pending: comparison.pending.map(({ name }) => name),
      unknown: [
        ...comparison.missing.map(({ name }) => name),
        ...comparison.renamed.map(({ from }) => from),
      ],
      accepted: comparison.accepted.map(({ name }) => name),
      changed: comparison.changed.map(({ migration }) => migration.name),
      outOfOrder: comparison.outOfOrder.map(({ name }) => name),
      renamed: comparison.renamed.map(({ from, to }) => ({ from, to: to.name })),
      unverified: [...comparison.unverified],
    },
    next:
      comparison.pending.length > 0 && problems.length === 0
        ? [command("migrate plan"), command("migrate apply")]
        : [],
  };
}

/** The check that explains exit code 1 if pending migrations fail. */
function pendingCheck(pending: number): Check {
  return {
    id: "migrations.applied",
    outcome: pending === 0 ? "pass" : "fail",
    measured: `${pending} pending`,
    expected: "0 pending",
    evidence: {},
  };
}

function steps({ applied, pending }: Comparison): Step[] {
  return [
    ...applied.map(({ name, appliedAt, record }) => ({
      ...step(name, "done", record === null ? `${appliedAt}, unverified` : appliedAt),
      durationMs: record?.durationMs ?? null,
      rowsWritten: record?.rowsWritten ?? null,
    })),
    ...pending.map(({ name }) => step(name, "planned")),
  ];
}

function summary({ applied, pending, unverified }: Comparison, problems: number): string {
  const parts = [
    `${applied.length} applied${unverified.length > 0 ? ` (${unverified.length} unverified)` : ""}`,
    pending.length === 0 ? "nothing pending" : `${pending.length} pending`,
    ...(problems > 0 ? [count(problems, "problem")] : []),
  ];
  return parts.join(", ");
}
