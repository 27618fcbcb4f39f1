/**
 * What a run of migrations needs.
 * @module
 */
import type { D1PreparedStatement } from "../database/port.ts";
import type { Lease } from "../lease/lease.ts";
import type { BatchContext } from "./batch.ts";
import type { Applied } from "./ledger.ts";
import type { Migration } from "./migration.ts";
import type { Allowance, PlanRequest } from "./plan.ts";
import type { Usage } from "./usage.ts";

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
