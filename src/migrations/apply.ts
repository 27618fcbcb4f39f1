/**
 * Runs a plan: one batch a migration, each with a guard on the ledger, so that any number of runners may try at once.
 * After a refused batch the ledger is read again and tells whose fault it was: somebody else was faster, or the migration failed.
 * @module
 */
import type { D1Database, D1PreparedStatement } from "../database/port.ts";
import type { Lease } from "../lease/lease.ts";
import type { OpsError } from "../report/error.ts";
import { laneAfter, ONE_AT_A_TIME, sendAhead, together, widened } from "./ahead.ts";
import type { Acceptance } from "./acceptance.ts";
import { attempt } from "./attempt.ts";
import type { Author, LedgerState } from "./batch.ts";
import type { Applied } from "./ledger.ts";
import type { Migration } from "./migration.ts";
import type { Offending } from "./offending.ts";
import {
  type Allowance,
  type Plan,
  planMigrations,
  type PlanRequest,
  type Problem,
} from "./plan.ts";
import { type Spent, spentSoFar } from "./spent.ts";
import { compareWithLedger } from "./standing.ts";

export interface ApplyRequest {
  readonly d1: D1Database;
  readonly table: string;
  readonly folder: readonly Migration[];
  readonly to: Migration | null;
  readonly allow: ReadonlySet<Allowance>;
  readonly author: Author;
  /** Recorded in the same batch as a migration. */
  readonly accepts?: readonly Acceptance[];
  /** The ledger as it was read last; a guard notices where it has changed since. */
  readonly ledger: readonly Applied[];
  /** Null where the database itself keeps two runners apart. */
  readonly lease: Lease | null;
  readonly sleep: (ms: number) => Promise<void>;
  /** See the plan's request. */
  readonly unready: PlanRequest["unready"];
  /** Asked before each migration that requires something; null where none does. */
  readonly gate: Gate | null;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
  /** Called before each migration; answers whether to go on. Here a terminal shows progress and Ctrl-C is heard. */
  readonly before: (
    migration: Migration,
    done: number,
    total: number,
    spent: Spent,
  ) => Promise<"go on" | "stop">;
}

/**
 * Keeps a migration from running before the backfills that it requires are reconciled: answers statements for its batch, before its own,
 * which fail where that holds no more.
 * @throws OpsError where it may not run, and those of the database
 */
export type Gate = (migration: Migration) => Promise<readonly D1PreparedStatement[]>;

export type MigrationOutcome =
  | {
      readonly status: "done";
      readonly migration: Migration;
      readonly durationMs: number;
      readonly spent: Spent;
    }
  | { readonly status: "applied by someone else"; readonly migration: Migration }
  | {
      readonly status: "failed";
      readonly migration: Migration;
      readonly durationMs: number;
      readonly failure: Failure;
    }
  | { readonly status: "skipped"; readonly migration: Migration };

export type Failure =
  | {
      readonly kind: "statement";
      readonly message: string;
      /** 0-based among the migration's own. */
      readonly index: number | null;
      /** Where in the statement what SQLite complains of stands, in UTF-16 units. */
      readonly place?: number | null;
      /** The rows that cause it, where they could be counted. */
      readonly offending?: Offending | null;
    }
  | { readonly kind: "record"; readonly message: string }
  | { readonly kind: "error"; readonly error: OpsError };

export interface ApplyResult {
  readonly outcomes: readonly MigrationOutcome[];
  /** What stopped the run before its end: nothing, the plan's problems, a failure (see outcomes), or the user. */
  readonly stopped: "no" | "obstacles" | "failure" | "interrupt";
  readonly obstacles: readonly Problem[];
  /** The ledger as it was read last before the first write. */
  readonly plan: Plan;
}

/** Applies what is pending. */
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
      if (made.outcome === "again") {
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

/** An interruption in the middle of an attempt is no failure of the migration. */
function stopOf(failure: Failure): "failure" | "interrupt" {
  return failure.kind === "error" && failure.error.code === "INTERRUPTED" ? "interrupt" : "failure";
}

/** Those to be sent together, after `before` was asked about each: none where it wants the run to stop. */
async function announce(
  { before, table }: ApplyRequest,
  steps: readonly Migration[],
  outcomes: readonly MigrationOutcome[],
  most: number,
): Promise<Migration[]> {
  const at = outcomes.length;
  const spent = spentSoFar(outcomes);
  const wanted: Migration[] = [];
  for (const migration of together(steps, at, most, table)) {
    const next = await before(migration, at + wanted.length, steps.length, spent);
    if (next === "stop") break;
    wanted.push(migration);
  }
  return wanted;
}

function replan({ folder, to, allow, unready }: ApplyRequest, ledger: readonly Applied[]): Plan {
  const standing = compareWithLedger(folder, ledger);
  return planMigrations({ standing, to, allow, unready }, folder);
}

/** Our table stands beside rows that we wrote; where there are none it may be missing, and wrangler's too. */
function stateOf(applied: readonly Applied[]): LedgerState {
  return { applied, created: applied.some(({ record }) => record !== null) };
}
