/**
 * Runs a plan with one batch per migration. A guard in each batch checks the ledger, so any number of runners may run at once.
 * After a rejected batch, d1ops reads the ledger again: another run was faster, or the migration failed.
 * @module
 */
import { laneAfter, ONE_AT_A_TIME, sendAhead, together, widened } from "./ahead.ts";
import type { ApplyRequest } from "./apply-request.ts";
import { attempt } from "./attempt.ts";
import type { LedgerState } from "./batch.ts";
import { compareWithLedger } from "./comparison.ts";
import type { Applied } from "./ledger.ts";
import type { Migration } from "./migration.ts";
import type { ApplyResult, Failure, MigrationOutcome } from "./outcome.ts";
import { type Plan, planMigrations, type Problem } from "./plan.ts";
import { totalUsage } from "./usage.ts";

/** Applies the pending migrations. */
export async function applyMigrations(request: ApplyRequest): Promise<ApplyResult> {
  let ledger = stateOf(request.ledger);
  const plan = replan(request, ledger.applied);
  const outcomes: MigrationOutcome[] = [];
  const end = (
    stopped: ApplyResult["stopped"],
    obstacles: readonly Problem[] = [],
  ): ApplyResult => {
    const seen = new Set(outcomes.map(({ migration }) => migration));
    const rest = plan.steps.filter((migration) => !seen.has(migration));
    return {
      outcomes: [
        ...outcomes,
        ...rest.map((migration) => ({ status: "skipped" as const, migration })),
      ],
      stopped,
      obstacles,
      plan,
    };
  };
  if (plan.obstacles.length > 0) return end("obstacles", plan.obstacles);

  let lane = ONE_AT_A_TIME;
  while (outcomes.length < plan.steps.length) {
    const wanted = await announce(request, plan.steps, outcomes, lane.most);
    const [migration] = wanted;
    if (migration === undefined) return end("interrupt");
    if (wanted.length > 1) {
      const sent = await sendAhead(request, wanted, ledger, lane.gapMs);
      outcomes.push(...sent.done);
      ledger = sent.ledger;
      if (sent.done.length === sent.sent) {
        lane = widened(lane);
        continue;
      }
    }
    const next = plan.steps[outcomes.length] ?? migration;
    for (;;) {
      const made = await attempt(request, next, ledger);
      ledger = stateOf(made.ledger);
      if (made.outcome === "replan") {
        const { obstacles } = replan(request, ledger.applied);
        if (obstacles.length > 0) return end("obstacles", obstacles);
        continue;
      }
      outcomes.push(made.outcome);
      if (made.outcome.status === "failed") return end(stopOf(made.outcome.failure));
      if (made.outcome.status === "done" && request.lease !== null) {
        lane = laneAfter(made.outcome.durationMs);
      }
      break;
    }
  }
  return end("no");
}

/** An interruption during an attempt is not a failure of the migration. */
function stopOf(failure: Failure): "failure" | "interrupt" {
  return failure.kind === "error" && failure.error.code === "INTERRUPTED" ? "interrupt" : "failure";
}

/** Returns the migrations to send together, after calling `before` for each. Empty if the run is to stop. */
async function announce(
  { before, table }: ApplyRequest,
  steps: readonly Migration[],
  outcomes: readonly MigrationOutcome[],
  most: number,
): Promise<Migration[]> {
  const at = outcomes.length;
  const done = outcomes.flatMap((outcome) => (outcome.status === "done" ? [outcome.usage] : []));
  const usage = totalUsage(done);
  const wanted: Migration[] = [];
  for (const migration of together(steps, at, most, table)) {
    const next = await before(migration, at + wanted.length, steps.length, usage);
    if (next === "stop") break;
    wanted.push(migration);
  }
  return wanted;
}

function replan({ folder, to, allow, notReady }: ApplyRequest, ledger: readonly Applied[]): Plan {
  const comparison = compareWithLedger(folder, ledger);
  return planMigrations({ comparison, to, allow, notReady }, folder);
}

/** If d1ops has recorded a row, both tables exist. Otherwise either may be missing. */
function stateOf(applied: readonly Applied[]): LedgerState {
  return { applied, created: applied.some(({ record }) => record !== null) };
}
