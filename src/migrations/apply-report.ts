/**
 * What a report says of an apply. Pure, but for the look at the database when all is done.
 * @module
 */
import type { ApplyResult, MigrationOutcome } from "./apply.ts";
import { acceptedFindings, failureFinding, problemFinding } from "./findings.ts";
import { closeRun, type CloseRequest } from "./close.ts";
import type { Applied } from "./ledger.ts";
import type { Allowance } from "./plan.ts";
import type { VerifyRequest } from "./verify.ts";
import { command } from "../report/command.ts";
import { OpsError } from "../report/error.ts";
import type { Check, Finding, Step } from "../report/report.ts";
import type { Body } from "../report/report-body.ts";
import { count } from "../report/wording.ts";
import { problemFindings } from "./plan-report.ts";
import { verification } from "./verify-report.ts";

/** What stands, what does not, and why. */
export function applyBody(result: ApplyResult, allow: ReadonlySet<Allowance>): Body {
  const { outcomes, plan, stopped } = result;
  const done = outcomes.filter(({ status }) => status === "done").length;
  const others = outcomes.filter(({ status }) => status === "applied by someone else").length;
  const rest = {
    steps: outcomes.map(step),
    data: applyData(outcomes),
    findings: findings(result, allow),
  };
  if (stopped === "no") {
    return { ...rest, outcome: done > 0 ? "changed" : "ok", summary: summary(done, others) };
  }
  const outcome =
    stopped === "obstacles" && done === 0 ? "problems" : done > 0 ? "partial" : "failed";
  return {
    ...rest,
    outcome,
    exitCode: stopped === "interrupt" ? 130 : done > 0 ? 4 : 3,
    summary: `${stopReason(result)}: ${done} of ${plan.steps.length} applied`,
    next: stopped === "obstacles" ? [] : [command("migrate apply")],
  };
}

function stopReason({ stopped, outcomes, obstacles }: ApplyResult): string {
  if (stopped === "interrupt") return "Interrupted";
  if (stopped === "obstacles")
    return obstacles.length === 1
      ? "Stopped by a problem"
      : `Stopped by ${obstacles.length} problems`;
  return `${outcomes.find(({ status }) => status === "failed")?.migration.name ?? "A migration"} failed`;
}

function summary(done: number, others: number): string {
  const own = done === 0 ? "Nothing to apply" : `${count(done, "migration")} applied`;
  return others === 0 ? own : `${own}, ${others} applied by someone else meanwhile`;
}

function step(outcome: MigrationOutcome): Step {
  const base = {
    name: outcome.migration.name,
    durationMs: null,
    rowsRead: null,
    rowsWritten: null,
  };
  switch (outcome.status) {
    case "done":
      return { ...base, status: "done", durationMs: rounded(outcome.durationMs) };
    case "failed":
      return { ...base, status: "failed", durationMs: rounded(outcome.durationMs) };
    case "applied by someone else":
      return { ...base, status: "skipped", note: "applied by someone else meanwhile" };
    case "skipped":
      return { ...base, status: "skipped" };
  }
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}

function applyData(outcomes: readonly MigrationOutcome[]): NonNullable<Body["data"]> {
  const named = (status: MigrationOutcome["status"]): string[] =>
    outcomes.filter((outcome) => outcome.status === status).map(({ migration }) => migration.name);
  return {
    applied: named("done"),
    byOthers: named("applied by someone else"),
    pending: [...named("failed"), ...named("skipped")],
  };
}

function findings(result: ApplyResult, allow: ReadonlySet<Allowance>): Finding[] {
  const { plan, obstacles, outcomes } = result;
  // Obstacles that the plan did not have came up during the run: somebody else changed the ledger.
  const late = obstacles.filter((problem) => !plan.problems.includes(problem));
  return [
    ...problemFindings(plan, allow),
    ...acceptedFindings(plan),
    ...late.map((problem) => problemFinding(problem, false)),
    ...outcomes.flatMap((outcome) =>
      outcome.status === "failed" ? [failureFinding(outcome.migration, outcome.failure)] : [],
    ),
  ];
}

/** What the database says of itself when all is done. */
export interface Aftermath {
  readonly applied: readonly Applied[];
  readonly findings: readonly Finding[];
  readonly checks: readonly Check[];
}

interface LookRequest
  extends CloseRequest, Pick<VerifyRequest, "d1" | "table" | "folder" | "openMemory"> {}

/** Ends the run, and looks at the ledger and the schema. What was applied stands, so a look that fails is no failure of the run. */
export async function lookAfterwards(request: LookRequest): Promise<Aftermath> {
  try {
    const stands = await closeRun(request);
    const { check, findings: found } = await verification({ ...request, ...stands }, "warning");
    return { applied: stands.applied, findings: found, checks: [check] };
  } catch (error) {
    if (!(error instanceof OpsError)) throw error;
    const { code, message, hint } = error;
    return {
      applied: [],
      findings: [{ rule: code, level: "warning", message: `Not verified: ${message}`, help: hint }],
      checks: [
        {
          id: "schema.matches",
          outcome: "not-checked",
          measured: null,
          expected: "0 differences",
          evidence: {},
        },
      ],
    };
  }
}

/** Rows are what our ledger counted in the same transaction. */
export function withAftermath(body: Body, aftermath: Aftermath): Body {
  const records = new Map(aftermath.applied.map(({ name, record }) => [name, record]));
  const verify = aftermath.findings.length > 0 ? [command("migrate verify")] : [];
  return {
    ...body,
    steps: (body.steps ?? []).map((one) =>
      one.status === "done"
        ? { ...one, rowsWritten: records.get(one.name)?.rowsWritten ?? null }
        : one,
    ),
    findings: [...(body.findings ?? []), ...aftermath.findings],
    checks: aftermath.checks,
    next: [...(body.next ?? []), ...verify],
  };
}
