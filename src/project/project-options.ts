/** @module The options of every verb. All are optional in a project with one database, except `place` for a verb that writes. */
import type { Variables } from "../config/variables.ts";
import type { Clock } from "../failure/clock.ts";
import * as kinds from "../options/kinds.ts";

export interface ProjectOptions {
  /** The folder in which the search for the wrangler config begins; it continues upward. Default: the current folder. */
  readonly cwd?: string;
  /** Path of the wrangler config. Default: d1ops searches for it. */
  readonly config?: string;
  /** Environment of the config; `""` means the top level. Default: `CLOUDFLARE_ENV`. */
  readonly env?: string;
  /** Binding or name of the database. Required only if the config has several. */
  readonly db?: string;
  /** Required for a verb that writes. Default for a verb that reads: `local`. */
  readonly place?: "local" | "remote";
  /** The folder of the local state, relative to `cwd`. Default: `.wrangler/state` beside the config. */
  readonly persistTo?: string;
  /** Environment variables. Default: those of the process. */
  readonly variables?: Variables;
  /** The beginning of suggested commands: how d1ops was started. Default: `npx d1ops`. */
  readonly startedAs?: string;
  /** Ends waits early. The verb finishes its current step. */
  readonly signal?: AbortSignal;
  /** Called before each wait of a second or more: for a rate limit, a failing network, or another run. */
  readonly onWait?: (ms: number, reason: string) => void;
  /** Time limit of an answer of Cloudflare, in milliseconds. Default: 45,000. */
  readonly answerTimeoutMs?: number;
  /** Time and random numbers, for tests. Default: the real ones. */
  readonly clock?: Clock;
}

/** A day. Timers of node cannot wait longer than 24.8 days, and a wait of a day is probably a mistyped unit. */
export const MS_AT_MOST = 86_400_000;

export const PROJECT: kinds.Shape<ProjectOptions> = {
  cwd: kinds.optional(kinds.path),
  config: kinds.optional(kinds.path),
  env: kinds.optional(kinds.text),
  db: kinds.optional(kinds.text),
  place: kinds.optional(kinds.oneOf(["local", "remote"])),
  persistTo: kinds.optional(kinds.path),
  variables: kinds.optional(kinds.variables),
  startedAs: kinds.optional(kinds.name),
  signal: kinds.optional(
    kinds.objectWith<AbortSignal>("an AbortSignal", ["addEventListener", "throwIfAborted"]),
  ),
  onWait: kinds.optional(kinds.listener<NonNullable<ProjectOptions["onWait"]>>()),
  answerTimeoutMs: kinds.optional(kinds.wholeNumber(1, MS_AT_MOST)),
  clock: kinds.optional(
    kinds.objectWith<Clock>("an object with the functions now, sleep and random", [
      "now",
      "sleep",
      "random",
    ]),
  ),
};

/** The additional options of a verb that writes. */
export interface WriteOptions extends ProjectOptions {
  /** Reports the steps as `planned`, and writes nothing. */
  readonly dryRun?: boolean;
  /** Confirms in advance. */
  readonly yes?: boolean;
  /** The database's name: confirms destructive changes in advance, too. */
  readonly confirm?: string;
  /** Prompts the user. Without it, a change that needs confirmation fails, unless it is confirmed in advance. */
  readonly ask?: (question: Question) => Promise<"yes" | "no" | "not-interactive">;
  /** How long to wait for another run, in seconds. Default: 60. */
  readonly lockTimeout?: number;
}

export const WRITE: kinds.Shape<WriteOptions> = {
  ...PROJECT,
  dryRun: kinds.optional(kinds.flag),
  yes: kinds.optional(kinds.flag),
  confirm: kinds.optional(kinds.text),
  ask: kinds.optional(kinds.callback<NonNullable<WriteOptions["ask"]>>()),
  lockTimeout: kinds.optional(kinds.number(0, MS_AT_MOST / 1000)),
};

export interface BookmarkOptions {
  /** Reads no bookmark. The run has no way back, and continues even if Time Travel fails. */
  readonly withoutBookmark?: boolean;
}

export const BOOKMARK: kinds.Shape<BookmarkOptions> = {
  withoutBookmark: kinds.optional(kinds.flag),
};

export interface Question {
  readonly text: string;
  /** The text that the user has to type to confirm. Null: a yes is enough. */
  readonly type: string | null;
}
