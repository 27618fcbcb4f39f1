/**
 * What a project's wrangler config says about its databases, as `wrangler` understands it, without its second of start-up.
 * Held against wrangler's own reader by a contract test.
 * @module
 */
import { dirname, resolve } from "node:path";
import { checkMigrationsPattern, chooseDatabase, toSettings } from "./database.ts";
import type { DatabaseSettings } from "./database.ts";
import { refuseSameBinding } from "./entries.ts";
import { chooseEnvironment } from "./environment.ts";
import { findConfig, type Redirect } from "./find.ts";
import { parseConfig } from "./parse.ts";

export type { DatabaseSettings } from "./database.ts";

export interface Settings {
  /** Absolute: the file that was read, after a redirect. */
  readonly configPath: string;
  /** Absolute: the folder of `configPath`, which `migrationsDir` is relative to. */
  readonly projectPath: string;
  /** Absolute: the root of wrangler's local state, by default `.wrangler/state` beside the config a person wrote. */
  readonly statePath: string;
  readonly workerName: string | null;
  readonly accountId: string | null;
  /** Null is the top level. */
  readonly env: string | null;
  readonly environments: readonly string[];
  /** Of this environment. */
  readonly databases: readonly DatabaseSettings[];
  /** The chosen one. */
  readonly database: DatabaseSettings;
}

export interface SettingsRequest {
  readonly cwd: string;
  readonly config?: string;
  /** Goes before `CLOUDFLARE_ENV`; empty is the top level. */
  readonly env?: string;
  /** A database's name or binding. */
  readonly db?: string;
  /** Relative to `cwd`. */
  readonly persistTo?: string;
  readonly redirect?: Redirect;
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/**
 * Finds, reads and checks the config.
 * @throws OpsError CONFIG_NOT_FOUND, CONFIG_UNREADABLE, CONFIG_INVALID, ENVIRONMENT_UNKNOWN,
 * DATABASE_NONE, DATABASE_UNKNOWN, DATABASE_AMBIGUOUS
 */
export async function readSettings(request: SettingsRequest): Promise<Settings> {
  const { cwd, variables } = request;
  const found = await findConfig(cwd, request.config, request.redirect);
  const path = found.configPath;
  const wanted = request.env ?? variables["CLOUDFLARE_ENV"] ?? "";
  const environment = chooseEnvironment(await parseConfig(path), found, wanted);
  refuseSameBinding(environment.databases, path);
  const chosen = chooseDatabase(environment, path, request.db);
  checkMigrationsPattern(chosen, path);
  const besideState = found.userConfigPath === null ? cwd : dirname(found.userConfigPath);
  return {
    configPath: path,
    projectPath: dirname(path),
    statePath: request.persistTo
      ? resolve(cwd, request.persistTo)
      : resolve(besideState, ".wrangler/state"),
    workerName: environment.workerName,
    accountId: environment.accountId,
    env: environment.env,
    environments: environment.environments,
    databases: environment.databases.map(toSettings),
    database: toSettings(chosen),
  };
}
