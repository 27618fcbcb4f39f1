/**
 * The outcome of a run: of each migration, and in total.
 * @module
 */
import type { OpsError } from "../report/error.ts";
import type { Acceptance } from "./acceptance.ts";
import type { Migration } from "./migration.ts";
import type { Offending } from "./offending.ts";
import type { Plan, Problem } from "./plan.ts";
import type { Usage } from "./usage.ts";

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
