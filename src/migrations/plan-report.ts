/** @module The report of a plan. */
import { type Body, step } from "../report/report-body.ts";
import { command } from "../report/command.ts";
import type { Finding } from "../report/report.ts";
import { count } from "../report/wording.ts";
import { destructionFindings } from "./destruction.ts";
import { acceptanceFinding, acceptedFindings, problemFinding, ranOutOfOrder } from "./findings.ts";
import { type Allowance, isAllowed, type Plan } from "./plan.ts";

/** The report of a plan that is not executed. `warnings` are findings that do not stop a run. */
export function planBody(
  plan: Plan,
  allow: ReadonlySet<Allowance>,
  warnings: readonly Finding[],
): Body {
  const stopped = plan.obstacles.length > 0;
  const pending = plan.steps.length;
  return {
    outcome: stopped ? "problems" : "ok",
    summary: stopped
      ? `${pending} pending, stopped by ${count(plan.obstacles.length, "problem")}`
      : pending === 0
        ? "Nothing to apply"
        : `${count(pending, "migration")} to apply`,
    steps: plan.steps.map(({ name, statements }) =>
      step(name, "planned", count(statements.length, "statement")),
    ),
    findings: [
      ...problemFindings(plan, allow),
      ...acceptedFindings(plan),
      ...destructionFindings(plan.steps),
      ...warnings,
    ],
    data: { pending: plan.steps.map(({ name }) => name) },
    next: stopped || pending === 0 ? [] : [command("migrate apply")],
  };
}

/** If nothing is pending, a problem is only a warning. `ran` are the names of the migrations that this run has applied. */
export function problemFindings(
  plan: Plan,
  allow: ReadonlySet<Allowance>,
  ran: readonly string[] = [],
): Finding[] {
  return plan.problems.map((problem) => {
    const late = problem.kind === "out-of-order";
    if (late && ran.includes(problem.migration.name)) return ranOutOfOrder(problem);
    const allowed = isAllowed(problem, allow);
    if (allowed && !late) return acceptanceFinding(problem);
    return problemFinding(problem, allowed || plan.obstacles.length === 0 ? "warning" : "error");
  });
}
