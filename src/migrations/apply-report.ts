/** @module The report of an apply. */
import type { Acceptance } from "./acceptance.ts";
import { failureFinding } from "./failure-finding.ts";
import { acceptedFindings, problemFinding } from "./findings.ts";
import type { FinalCheck, FinishedApply } from "./finish-apply.ts";
import type { ApplyResult, MigrationOutcome } from "./migration-run.ts";
import type { Allowance } from "./plan.ts";
import { command } from "../report/command.ts";
import type { Finding, Step } from "../report/report.ts";
import { type Body, step, tenths } from "../report/report-body.ts";
import { count } from "../report/wording.ts";
import { problemFindings } from "./plan-report.ts";

/** The report of a run that has ended. */
export function finishedBody(
  { result, final, left }: FinishedApply,
  allow: ReadonlySet<Allowance>,
): Body {
  const body = applyBody(result, allow);
  return withAcceptances(final === null ? body : withFinalCheck(body, final), left);
}

function applyBody(result: ApplyResult, allow: ReadonlySet<Allowance>): Body {
  const { outcomes, plan, stopped } = result;
  const done = outcomes.filter(({ status }) => status === "done").length;
  const others = outcomes.filter(({ status }) => status === "applied by another run").length;
  const rest = {
    steps: outcomes.map(stepOf),
    data: {
      applied: namesOf(outcomes, "done"),
      byOthers: namesOf(outcomes, "applied by another run"),
      pending: [...namesOf(outcomes, "failed"), ...namesOf(outcomes, "skipped")],
    },
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
    next:
      stopped === "obstacles" || failedRenamed(result) !== null ? [] : [command("migrate apply")],
  };
}

/** The former name of a renamed file that ran again and failed. If it is edited, it is no longer the file that is applied. */
function failedRenamed({ plan, outcomes }: ApplyResult): string | null {
  const failed = outcomes.find((one) => one.status === "failed");
  if (failed?.failure.kind !== "statement") return null;
  for (const problem of plan.problems) {
    if (problem.kind === "renamed" && problem.migration === failed.migration) return problem.from;
  }
  return null;
}

function stopReason({ stopped, outcomes, obstacles }: ApplyResult): string {
  if (stopped === "interrupt") return "Interrupted";
  if (stopped === "obstacles") return `Stopped by ${count(obstacles.length, "problem")}`;
  return `${outcomes.find(({ status }) => status === "failed")?.migration.name ?? "A migration"} failed`;
}

function summary(done: number, others: number): string {
  const own = done === 0 ? "Nothing to apply" : `${count(done, "migration")} applied`;
  return others === 0 ? own : `${own}, ${others} applied by another run`;
}

function stepOf(outcome: MigrationOutcome): Step {
  const { name } = outcome.migration;
  switch (outcome.status) {
    case "done":
    case "failed":
      return { ...step(name, outcome.status), durationMs: tenths(outcome.durationMs) };
    case "applied by another run":
      return step(name, "skipped", outcome.status);
    case "skipped":
      return step(name, "skipped");
  }
}

function namesOf(
  outcomes: readonly MigrationOutcome[],
  status: MigrationOutcome["status"],
): string[] {
  return outcomes
    .filter((outcome) => outcome.status === status)
    .map(({ migration }) => migration.name);
}

function findings(result: ApplyResult, allow: ReadonlySet<Allowance>): Finding[] {
  const { plan, obstacles, outcomes } = result;
  // Obstacles that are not in the plan arose during the run: another run changed the ledger.
  const late = obstacles.filter((problem) => !plan.problems.includes(problem));
  return [
    ...problemFindings(plan, allow, namesOf(outcomes, "done")),
    ...acceptedFindings(plan),
    ...late.map((problem) => problemFinding(problem, "error")),
    ...outcomes.flatMap((outcome): Finding[] => {
      if (outcome.status !== "failed") return [];
      const finding = failureFinding(outcome.migration, outcome.failure);
      const from = failedRenamed(result);
      if (from === null) return [finding];
      const help = `D1 rolled it back. Its text is that of ${from}, which is applied. Rename it back to ${from}, and run the same command again.`;
      return [{ ...finding, help }];
    }),
  ];
}

/** Adds the acceptances that were recorded without a migration. */
export function withAcceptances(body: Body, accepts: readonly Acceptance[]): Body {
  if (accepts.length === 0) return body;
  return {
    ...body,
    outcome: "changed",
    summary: `${body.summary}, ${count(accepts.length, "change")} accepted`,
    data: { ...body.data, accepted: accepts.map(({ name }) => name) },
  };
}

/** Adds the final check, and the rows that the ledger counted in each migration's transaction. */
function withFinalCheck(body: Body, final: FinalCheck): Body {
  const records = new Map(final.applied.map(({ name, record }) => [name, record]));
  const verify = final.findings.length > 0 ? [command("migrate verify")] : [];
  return {
    ...body,
    steps: (body.steps ?? []).map((one) =>
      one.status === "done"
        ? { ...one, rowsWritten: records.get(one.name)?.rowsWritten ?? null }
        : one,
    ),
    findings: [...(body.findings ?? []), ...final.findings],
    checks: final.checks,
    next: [...(body.next ?? []), ...verify],
  };
}
