/** @module A run of migrations: what it needs, what it has written, and its outcome. */
import type { D1PreparedStatement, D1Result } from "../database/port.ts";
import type { Lease } from "../lease/lease.ts";
import type { BatchContext, MigrationBatch } from "./batch.ts";
import type { Applied } from "./ledger.ts";
import type { Migration } from "./migration.ts";
import type { Allowance, Plan, PlanRequest, Problem } from "./plan.ts";
import type { OpsError } from "../report/error.ts";
import type { Acceptance } from "./acceptance.ts";
import type { Offending } from "./offending.ts";
import { addCosts, type Cost, costOfAll, NO_COST } from "../report/billing.ts";

export interface ApplyRequest extends BatchContext {
  readonly folder: readonly Migration[];
  readonly to: Migration | null;
  readonly allow: ReadonlySet<Allowance>;
  /** The ledger as it was last read. A guard in each batch detects later changes. */
  readonly ledger: readonly Applied[];
  /** Null if the database itself separates two runners. */
  readonly lease: Lease | null;
  readonly sleep: (ms: number) => Promise<void>;
  /** See {@link PlanRequest}. */
  readonly notReady: PlanRequest["notReady"];
  /** Called before each migration that requires a backfill; null if none does. */
  readonly gate: Gate | null;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  /** Called before each migration. It may report progress, and returns whether to continue. */
  readonly before: (
    migration: Migration,
    done: number,
    total: number,
    usage: Usage,
  ) => Promise<"continue" | "stop">;
}

/**
 * Prevents a migration from running before the backfills that it requires are reconciled. Returns statements for the start
 * of its batch, which fail once a backfill is no longer reconciled.
 * @throws OpsError if the migration may not run, and errors of the database
 */
export type Gate = (migration: Migration) => Promise<readonly D1PreparedStatement[]>;

export type MigrationOutcome =
  | {
      readonly status: "done";
      readonly migration: Migration;
      readonly durationMs: number;
      readonly usage: Usage;
    }
  | { readonly status: "applied by another run"; readonly migration: Migration }
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
      /** 0-based index among the migration's own statements; null if unknown. */
      readonly index: number | null;
      /** The offset of the error in the statement, in UTF-16 units. */
      readonly place?: number | null;
      /** The rows that cause the failure, if d1ops could count them. */
      readonly offending?: Offending | null;
    }
  | { readonly kind: "record"; readonly message: string }
  | { readonly kind: "error"; readonly error: OpsError };

export interface ApplyResult {
  readonly outcomes: readonly MigrationOutcome[];
  /** What stopped the run early: nothing, problems of the plan, a failure (see `outcomes`), or the user. */
  readonly stopped: "no" | "obstacles" | "failure" | "interrupt";
  readonly obstacles: readonly Problem[];
  /** The plan before the first write. */
  readonly plan: Plan;
}

/** How the run ended, as the table of runs records it. */
export function endingOf({ stopped }: ApplyResult): string {
  return { no: "done", obstacles: "stopped", failure: "failed", interrupt: "interrupted" }[stopped];
}

/** Returns false if the plan was stopped: such a run has written nothing. */
export function wasStarted({ stopped, outcomes }: ApplyResult): boolean {
  return stopped !== "obstacles" || outcomes.some(({ status }) => status !== "skipped");
}

export function appliedNames({ outcomes }: ApplyResult): string[] {
  return outcomes.flatMap(({ status, migration }) => (status === "done" ? [migration.name] : []));
}

/** The error that prevented the first write, such as a lock or a full disk. The run has changed nothing then. */
export function startupError(result: ApplyResult): OpsError | null {
  if (appliedNames(result).length > 0) return null;
  const failed = result.outcomes.find((outcome) => outcome.status === "failed");
  return failed?.failure.kind === "error" ? failed.failure.error : null;
}

/** The acceptances still to record: a run records them with its migrations, unless another run has applied all of those. */
export function acceptancesLeft(
  result: ApplyResult,
  accepts: readonly Acceptance[],
): readonly Acceptance[] {
  return result.stopped !== "no" || appliedNames(result).length > 0 ? [] : accepts;
}

export interface Usage {
  /** Rows changed by the migrations' own statements, as the ledger counts them. */
  readonly rows: number;
  /** Rows that D1 bills for the whole batches, index entries included. A local database costs nothing. */
  readonly billed: Cost;
}

export function usageOf(
  { first }: MigrationBatch,
  migration: Migration,
  answers: readonly D1Result<unknown>[],
): Usage {
  const own = answers.slice(first, first + migration.statements.length);
  return {
    rows: own.reduce((sum, { meta }) => sum + meta.changes, 0),
    billed: costOfAll(answers),
  };
}

/** The sum. A lost answer contributes only the rows in the ledger: what it cost is unknown. */
export function totalUsage(all: readonly Usage[]): Usage {
  return {
    rows: all.reduce((sum, { rows }) => sum + rows, 0),
    billed: all.map(({ billed }) => billed).reduce(addCosts, NO_COST),
  };
}
