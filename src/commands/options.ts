/**
 * What every verb takes. All of it is optional in a project with one database; a verb that writes wants `place`.
 * @module
 */

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
}

/** What a verb that writes takes in addition. */
export interface WriteOptions extends ProjectOptions {
  /** Same report with `planned` steps; nothing is written. */
  readonly dryRun?: boolean;
}
