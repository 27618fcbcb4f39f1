/**
 * What a report says of the migrations of a database: applied, pending, and what does not fit.
 * @module
 */
import type { Body } from "../report/report-body.ts";
import { command } from "../report/command.ts";
import type { Check, Step } from "../report/report.ts";
import { step } from "../report/step.ts";
import { count } from "../report/wording.ts";
import {
  acceptedFindings,
  pastDirectives,
  problemFinding,
  unreadableFindings,
} from "./findings.ts";
import type { Migration } from "./migration.ts";
import type { Problem } from "./plan.ts";
import type { Standing } from "./standing.ts";

/** `pendingFails`: pending migrations are a failed check. */
export function statusBody(
  folder: readonly Migration[],
  standing: Standing,
  problems: readonly Problem[],
  pendingFails: boolean,
): Body {
  const pendingCounts = pendingFails && standing.pending.length > 0;
  return {
    outcome: problems.length > 0 || pendingCounts ? "problems" : "ok",
    summary: summary(standing, problems.length),
    steps: steps(standing),
    findings: [
      ...problems.map((problem) => problemFinding(problem, false)),
      ...acceptedFindings(standing),
      ...unreadableFindings(folder, standing),
      ...pastDirectives(folder, standing),
    ],
    checks: pendingFails ? [pendingCheck(standing.pending.length)] : [],
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
    ...pending.map(({ name }) => step(name, "planned")),
  ];
}

function summary({ applied, pending, unverified }: Standing, problems: number): string {
  const parts = [
    `${applied.length} applied${unverified.length > 0 ? ` (${unverified.length} unverified)` : ""}`,
    pending.length === 0 ? "nothing pending" : `${pending.length} pending`,
    ...(problems > 0 ? [count(problems, "problem")] : []),
  ];
  return parts.join(", ");
}
