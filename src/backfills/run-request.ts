/**
 * What a run is asked, and what it answers.
 * @module
 */
import type { D1Database } from "../database/port.ts";
import type { OpsError } from "../report/error.ts";
import type { Backfill } from "./backfill.ts";
import type { Runner } from "./begin.ts";
import type { PaceLimits } from "./window-pace.ts";
import type { Progress } from "./backfill-state.ts";

export interface RunRequest {
  readonly d1: D1Database;
  readonly backfill: Backfill;
  readonly runner: Runner;
  /** Begin at the start, whatever was done. */
  readonly anew: boolean;
  /** Rows of the first window; later ones follow the time they take. */
  readonly windowRows: number;
  readonly limits: PaceLimits;
  /** Rest between windows, in milliseconds. */
  readonly pauseMs: number;
  /** Read just before, where there is Time Travel. */
  readonly bookmark?: string | null;
  /** Rows a second; null: what the database has, or as fast as it goes. */
  readonly rate: number | null;
  readonly maxRowsWritten: number | null;
  /** US dollars. */
  readonly budget: number | null;
  readonly maxQuarantined: number | null;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Asked before each window: somebody wants it to end. */
  readonly stopping: () => boolean;
  /** An error that the backfill's program threw outside of what the run called, or left in a rejected promise; null: none. */
  readonly stray: () => OpsError | null;
  readonly onWindow: (progress: Progress, windowRows: number) => void;
  /** Lets signals be heard: a local engine never waits. */
  readonly breathe: () => Promise<void>;
}

/** A limit that ends a run early. */
export type Limit = "max-rows-written" | "budget" | "max-quarantined";

export type Ending =
  | { readonly kind: "scanned" }
  | { readonly kind: "interrupted" }
  | { readonly kind: "limit"; readonly limit: Limit }
  /** From elsewhere: paused, cancelled, or taken over. */
  | { readonly kind: "stopped"; readonly how: string }
  | { readonly kind: "failed"; readonly message: string }
  | { readonly kind: "error"; readonly error: OpsError };

export interface RunResult {
  readonly ending: Ending;
  readonly progress: Progress;
  /** Of this run, as the database counted. */
  readonly rowsRead: number;
  readonly rowsWritten: number;
}
