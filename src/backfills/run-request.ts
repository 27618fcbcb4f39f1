/** @module The input and the result of a run. */
import type { D1Database } from "../database/port.ts";
import type { OpsError } from "../report/error.ts";
import type { Backfill } from "./backfill.ts";
import type { BeginOptions, BackfillRunner } from "./begin.ts";
import type { Limit, PaceLimits, RunLimits } from "./window-pace.ts";
import type { Progress } from "./backfill-state.ts";

export interface RunRequest extends RunLimits, BeginOptions {
  readonly d1: D1Database;
  readonly backfill: Backfill;
  readonly runner: BackfillRunner;
  /** What earlier runs recorded. */
  readonly before?: Progress | undefined;
  readonly limits: PaceLimits;
  /** Pause between windows, in milliseconds. */
  readonly pauseMs: number;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Checked before each window: true if the run should stop. */
  readonly stopping: () => boolean;
  /** An error that the backfill's program threw outside of the run's calls, or left in a rejected promise; null: none. */
  readonly uncaught: () => OpsError | null;
  readonly onWindow: (progress: Progress, windowRows: number) => void;
  /** Lets node handle signals, because a local database never waits. */
  readonly breathe: () => Promise<void>;
}

export type Ending =
  | { readonly kind: "scanned" }
  | { readonly kind: "interrupted" }
  | { readonly kind: "limit"; readonly limit: Limit }
  /** By another command: paused, cancelled, removed, or taken over. */
  | { readonly kind: "stopped"; readonly how: string }
  | Failed
  | { readonly kind: "error"; readonly error: OpsError };

export interface Failed {
  readonly kind: "failed";
  readonly message: string;
}

export interface RunResult {
  readonly ending: Ending;
  readonly progress: Progress;
  /** Of this run, as the database counts them. */
  readonly rowsRead: number;
  readonly rowsWritten: number;
}
