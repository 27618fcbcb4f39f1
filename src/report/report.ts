/**
 * The one value that comes out of every command. Reporters are pure functions of it.
 * The names of its keys are a promise to scripts; new keys may come, none goes.
 * @module
 */

/** Anything that JSON can say. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json };

/** Which database a command spoke to. `id` is the one that names the local state file, or the one that Cloudflare gave. */
export interface Target {
  readonly place: "local" | "remote";
  readonly database: string;
  readonly id: string;
  /** The environment that was meant; null is the top level of the config. */
  readonly env: string | null;
  /**
   * The section of the config that it resolved to; null is the top level. Differs from `env` only where a Pages config has no section for
   * `production` or `preview`.
   */
  readonly section?: string | null;
}

/** `ok`: nothing to do or all is well. `changed`: done. `problems`: it ran and the answer is no. */
export type Outcome = "ok" | "changed" | "problems" | "failed" | "partial";

/** 0 done · 1 the answer is no · 2 usage · 3 failed, nothing changed · 4 failed part-way · 5 not confirmed · 6 a service refused · 70 a bug · 130 interrupted. */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 70 | 130;

export interface Step {
  readonly name: string;
  readonly status: "planned" | "done" | "failed" | "skipped";
  /** Milliseconds; null where nothing ran. */
  readonly durationMs: number | null;
  /** As the engine counts them; null where it was not measured. */
  readonly rowsRead: number | null;
  /** Rows inserted, updated and deleted, by triggers and cascades too; null where it was not measured. */
  readonly rowsWritten: number | null;
  /** Why it has this status, where that is not plain: `applied by another run`. */
  readonly note?: string;
}

export interface Finding {
  readonly rule: string;
  readonly level: "error" | "warning" | "info";
  readonly message: string;
  /** What to type or write next. */
  readonly help?: string;
  /** Relative to the project (the folder of the wrangler config), forward slashes. */
  readonly file?: string;
  /** One-based. */
  readonly line?: number;
  readonly table?: string;
  /** Lines of source with a caret under the culprit, ready to print. */
  readonly excerpt?: string;
  readonly data?: { readonly [key: string]: Json };
}

/** `not-checked` never counts as `pass`. */
export interface Check {
  readonly id: string;
  readonly outcome: "pass" | "warn" | "fail" | "not-checked";
  readonly measured: string | null;
  readonly expected: string | null;
  readonly evidence: { readonly [key: string]: Json };
}

export interface Report {
  readonly format: 1;
  readonly command: string;
  /** Name and version: `d1ops 0.1.0`. */
  readonly tool: string;
  readonly target: Target | null;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly outcome: Outcome;
  readonly exitCode: ExitCode;
  readonly summary: string;
  readonly steps: readonly Step[];
  readonly findings: readonly Finding[];
  readonly checks: readonly Check[];
  readonly data: { readonly [key: string]: Json };
  readonly next: readonly string[];
}
