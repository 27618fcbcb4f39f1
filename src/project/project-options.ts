/**
 * What every verb takes. All of it is optional in a project with one database; a verb that writes wants `place`.
 * @module
 */

import type { Clock } from "../failure/clock.ts";
import * as kinds from "../options/kinds.ts";
import { optional, type Shape } from "../options/kinds.ts";
import type { Target } from "../report/report.ts";

export interface ProjectOptions {
  /** Where to look for the wrangler config, upward. Default: the current folder. */
  readonly cwd?: string;
  /** Path of the wrangler config; searched for without it. */
  readonly config?: string;
  /** Environment of the config; `""` means the top level. Default: `CLOUDFLARE_ENV`. */
  readonly env?: string;
  /** Binding or name of the database; needed only where the config has several. */
  readonly db?: string;
  /** Reading defaults to `local`. */
  readonly place?: "local" | "remote";
  /** Where local state is kept, relative to `cwd`. Default: `.wrangler/state` beside the config. */
  readonly persistTo?: string;
  /** Environment variables. Default: those of the process. */
  readonly variables?: Readonly<Record<string, string | undefined>>;
  /** What begins a suggested command: how d1ops was started. Default: `npx d1ops`. */
  readonly startedAs?: string;
  /** Ends waits early; what is under way is finished. */
  readonly signal?: AbortSignal;
  /** Told before each wait of a second or more: for a rate limit, a network that fails, somebody else's run. */
  readonly onWait?: (ms: number, reason: string) => void;
  /** How long an answer of Cloudflare may take, in milliseconds. Default: 45,000. */
  readonly answerTimeoutMs?: number;
  /** Time and chance, for tests. Default: the real ones. */
  readonly clock?: Clock;
}

/** Timers of node cannot wait longer than 24.8 days; whoever waits for a day has mistyped a unit. */
export const MS_AT_MOST = 86_400_000;

export const PROJECT: Shape<ProjectOptions> = {
  cwd: optional(kinds.path),
  config: optional(kinds.path),
  env: optional(kinds.text),
  db: optional(kinds.text),
  place: optional(kinds.oneOf(["local", "remote"])),
  persistTo: optional(kinds.path),
  variables: optional(kinds.variables),
  startedAs: optional(kinds.name),
  signal: optional(
    kinds.objectWith<AbortSignal>("an AbortSignal", ["addEventListener", "throwIfAborted"]),
  ),
  onWait: optional(kinds.callback<NonNullable<ProjectOptions["onWait"]>>()),
  answerTimeoutMs: optional(kinds.wholeNumber(1, MS_AT_MOST)),
  clock: optional(
    kinds.objectWith<Clock>("an object with the functions now, sleep and random", [
      "now",
      "sleep",
      "random",
    ]),
  ),
};

export const TARGET: Shape<Target> = {
  place: kinds.oneOf(["local", "remote"]),
  database: kinds.text,
  id: kinds.text,
  env: kinds.orNull(kinds.text),
  section: optional(kinds.orNull(kinds.text)),
};

/** What a verb that writes takes in addition. */
export interface WriteOptions extends ProjectOptions {
  /** Same report with `planned` steps; nothing is written. */
  readonly dryRun?: boolean;
  /** Confirms in advance. */
  readonly yes?: boolean;
  /** The database's name: confirms in advance also what destroys something. */
  readonly confirm?: string;
  /** Asks a person. Without it, what has to be confirmed and is not, is not done. */
  readonly ask?: (question: Question) => Promise<"yes" | "no" | "not-interactive">;
  /** How long to wait for somebody else's run, in seconds. Default: 60. */
  readonly lockTimeout?: number;
}

export const WRITE: Shape<WriteOptions> = {
  ...PROJECT,
  dryRun: optional(kinds.flag),
  yes: optional(kinds.flag),
  confirm: optional(kinds.text),
  ask: optional(kinds.callback<NonNullable<WriteOptions["ask"]>>()),
  lockTimeout: optional(kinds.number(0, MS_AT_MOST / 1000)),
};

export interface BookmarkOptions {
  /** Reads no bookmark: the run goes on also where Time Travel has none, and has no way back. */
  readonly withoutBookmark?: boolean;
}

export const BOOKMARK: Shape<BookmarkOptions> = { withoutBookmark: optional(kinds.flag) };

export interface Question {
  readonly text: string;
  /** What has to be typed for a yes; null where a yes is enough. */
  readonly type: string | null;
}
