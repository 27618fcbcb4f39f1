/**
 * Runs a plan with one batch per migration. A guard in each batch checks the ledger, so any number of runners may run at once.
 * After a rejected batch, d1ops reads the ledger again: another run was faster, or the migration failed.
 * @module
 */
import { laneAfter, ONE_AT_A_TIME, sendAhead, together, widened } from "./ahead.ts";
import {
  type ApplyRequest,
  type ApplyResult,
  type Failure,
  type MigrationOutcome,
  totalUsage,
  type Usage,
} from "./migration-run.ts";
import { attempt } from "./attempt.ts";
import type { LedgerState } from "./batch.ts";
import { compareWithLedger } from "./comparison.ts";
import type { Applied } from "./ledger.ts";
import type { Migration } from "./migration.ts";
import { type Plan, planMigrations, type Problem } from "./plan.ts";
import { command, offer } from "../report/command.ts";
import { OpsError } from "../report/error.ts";
import { count } from "../report/wording.ts";

export async function applyMigrations(request: ApplyRequest): Promise<ApplyResult> {
  let ledger = stateOf(request.ledger);
  const plan = replan(request, ledger.applied);
  const outcomes: MigrationOutcome[] = [];
  let usage = totalUsage([]);
  const record = (...ended: readonly MigrationOutcome[]): void => {
    outcomes.push(...ended);
    const done = ended.flatMap((outcome) => (outcome.status === "done" ? [outcome.usage] : []));
    usage = totalUsage([usage, ...done]);
  };
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
    const next = await announce(request, plan.steps, { at: outcomes.length, usage }, lane.most);
    const [migration] = next;
    if (migration === undefined) return end("interrupt");
    if (next.length > 1) {
      const sent = await sendAhead(request, next, ledger, lane.gapMs);
      record(...sent.done);
      ledger = sent.ledger;
      if (sent.done.length === sent.sent) {
        lane = widened(lane);
        continue;
      }
    }
    const first = plan.steps[outcomes.length] ?? migration;
    for (;;) {
      const { outcome, ledger: applied } = await attempt(request, first, ledger);
      ledger = stateOf(applied);
      if (outcome === "replan") {
        const { obstacles, steps } = replan(request, ledger.applied);
        const pending = new Set(plan.steps.slice(outcomes.length));
        const lost = steps.filter((step) => !pending.has(step));
        if (lost.length > 0) {
          for (const [at, { migration: passed }] of outcomes.entries()) {
            if (lost.includes(passed)) outcomes[at] = { status: "skipped", migration: passed };
          }
          record(failedBy(first, ledgerLost(lost)));
          return end("failure");
        }
        if (obstacles.length > 0) return end("obstacles", obstacles);
        continue;
      }
      record(outcome);
      if (outcome.status === "failed") return end(stopOf(outcome.failure));
      if (outcome.status === "done" && request.lease !== null) {
        lane = laneAfter(outcome.durationMs);
      }
      break;
    }
  }
  return end("no");
}

function failedBy(migration: Migration, error: OpsError): MigrationOutcome {
  return { status: "failed", migration, durationMs: 0, failure: { kind: "error", error } };
}

/** A later migration must not run on a database that no longer has the earlier ones. */
function ledgerLost(lost: readonly Migration[]): OpsError {
  const migrations = lost.map(({ name }) => name);
  const more =
    migrations.length === 1 ? "" : ` and ${count(migrations.length - 1, "more migration")}`;
  const message = `The ledger no longer has ${migrations[0]}${more}: the database was deleted, replaced or restored during the run. d1ops wrote nothing after that.`;
  const hint = `${offer("To see what is applied", command("migrate status"))}\nThen run the same command again.`;
  return new OpsError("LEDGER_LOST", { migrations }, { message, hint });
}

/** An interruption during an attempt is not a failure of the migration. */
function stopOf(failure: Failure): "failure" | "interrupt" {
  return failure.kind === "error" && failure.error.code === "INTERRUPTED" ? "interrupt" : "failure";
}

/** Returns the migrations to send together, after calling `before` for each. Empty if the run is to stop. */
async function announce(
  { before, table }: ApplyRequest,
  steps: readonly Migration[],
  { at, usage }: { readonly at: number; readonly usage: Usage },
  most: number,
): Promise<Migration[]> {
  const next: Migration[] = [];
  for (const migration of together(steps, at, most, table)) {
    const answer = await before(migration, at + next.length, steps.length, usage);
    if (answer === "stop") break;
    next.push(migration);
  }
  return next;
}

function replan({ folder, to, allow, notReady }: ApplyRequest, ledger: readonly Applied[]): Plan {
  const comparison = compareWithLedger(folder, ledger);
  return planMigrations({ comparison, to, allow, notReady }, folder);
}

/** If d1ops has recorded a row, both tables exist. Otherwise either may be missing. */
function stateOf(applied: readonly Applied[]): LedgerState {
  return { applied, created: applied.some(({ record }) => record !== null) };
}
