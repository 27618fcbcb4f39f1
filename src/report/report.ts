/**
 * The result of every command. Reporters are pure functions of it.
 * Scripts can rely on its keys: a new version may add a key, and removes none.
 * @module
 */

/** Any value that JSON can represent. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json };

/** The database of a command. */
export interface Target {
  readonly place: "local" | "remote";
  readonly database: string;
  /** Local: the id that the name of the state file is derived from. Remote: Cloudflare's id of the database. */
  readonly id: string;
  /** The environment that the caller chose. Null is the top level of the config. */
  readonly env: string | null;
  /**
   * The section of the config that `env` resolved to. Null is the top level. It differs from `env` only if a Pages config has no section
   * for `production` or `preview`.
   */
  readonly section?: string | null;
}

/**
 * - `ok`: nothing to do, or a check passed.
 * - `changed`: the command changed something.
 * - `problems`: the command ran, and found problems.
 * - `failed`: it failed, and changed nothing.
 * - `partial`: it failed or was stopped part-way, and the report says what was done.
 */
export type Outcome = "ok" | "changed" | "problems" | "failed" | "partial";

/**
 * - 0: done
 * - 1: ran, and found problems
 * - 2: usage or configuration is wrong
 * - 3: failed, nothing changed
 * - 4: failed part-way
 * - 5: not confirmed
 * - 6: a service rejected the request or could not be reached
 * - 70: a bug in d1ops
 * - 130: interrupted
 */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 70 | 130;

/** One unit of work, such as a migration. */
export interface Step {
  readonly name: string;
  readonly status: "planned" | "done" | "failed" | "skipped";
  /** Milliseconds. Null if nothing ran. */
  readonly durationMs: number | null;
  /** As SQLite counts them. Null if not measured. */
  readonly rowsRead: number | null;
  /** Rows inserted, updated and deleted, also by triggers and cascades. Null if not measured. */
  readonly rowsWritten: number | null;
  /** The reason for the status: `applied by another run`. */
  readonly note?: string;
}

/** A problem or a remark. `docs/errors.md` of the package lists the rules. */
export interface Finding {
  readonly rule: string;
  readonly level: "error" | "warning" | "info";
  readonly message: string;
  /** What to type or change next. */
  readonly help?: string;
  /** Relative to the folder of the wrangler config, with forward slashes. */
  readonly file?: string;
  /** The first line is 1. */
  readonly line?: number;
  readonly table?: string;
  /** Lines of source with a caret under the error, ready to print. */
  readonly excerpt?: string;
  readonly data?: { readonly [key: string]: Json };
}

/** What a check looked at. */
export type Evidence = { readonly [key: string]: Json } & {
  /** What to type or change next. A text report shows it below a warning. */
  readonly help?: string;
};

/** A check and its measurement. `not-checked` never counts as `pass`. */
export interface Check {
  readonly id: string;
  readonly outcome: "pass" | "warn" | "fail" | "not-checked";
  readonly measured: string | null;
  readonly expected: string | null;
  readonly evidence: Evidence;
}

/** A setting of `d1ops.jsonc`, or its variable, that decided what the command did. */
export interface UsedSetting {
  /** Its path in the file: `snapshots.store`. */
  readonly name: string;
  /** As text: `config/**, data/**`. */
  readonly value: string;
  /** `d1ops.jsonc`, or the name of the variable. */
  readonly from: string;
}

/** The result of a command: `--json` prints this object. `docs/report.md` of the package describes `data` for each command. */
export interface Report {
  readonly format: 1;
  /** Without `d1ops`: `migrate apply`. */
  readonly command: string;
  /** Name and version: `d1ops 0.1.0`. */
  readonly tool: string;
  /** Null if the command works on no database, or on several. */
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
  /** Absent if the command used none. A flag takes precedence, so its setting is not used. */
  readonly settings?: readonly UsedSetting[];
  /** Commands to run next, ready to paste. */
  readonly next: readonly string[];
}
