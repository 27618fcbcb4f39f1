/**
 * The databases in a project's wrangler config, read as `wrangler` reads them, without the second that wrangler takes to start.
 * A contract test compares the result with wrangler's own reader.
 * @module
 */
import { dirname, resolve } from "node:path";
import {
  checkMigrations,
  chooseDatabase,
  type DatabaseSettings,
  toSettings,
} from "./database-settings.ts";
import { refuseSameBinding } from "./entries.ts";
import { chooseEnvironment, type Environment } from "./environment.ts";
import { findConfig, type Redirect } from "./find-config.ts";
import { parseConfig } from "./parse-config.ts";
import type { Variables } from "./variables.ts";

export type { DatabaseSettings } from "./database-settings.ts";

export interface ProjectSettings extends Omit<
  Environment,
  "databases" | "topLevelDatabases" | "environmentsWithDatabases"
> {
  /** The absolute path of the config, after a redirect. */
  readonly configPath: string;
  /** The absolute path of the folder of `configPath`. `migrationsDir` is relative to it. */
  readonly projectPath: string;
  /** The absolute path of wrangler's local state, by default `.wrangler/state` beside the config that a person wrote. */
  readonly statePath: string;
  /** The databases of this environment. */
  readonly databases: readonly DatabaseSettings[];
}

export interface Settings extends ProjectSettings {
  readonly database: DatabaseSettings;
}

export interface SettingsRequest {
  readonly cwd: string;
  readonly config?: string | undefined;
  /** Takes precedence over `CLOUDFLARE_ENV`. Empty is the top level. */
  readonly env?: string | undefined;
  /** The name or binding of a database. */
  readonly db?: string | undefined;
  /** Relative to `cwd`. */
  readonly persistTo?: string | undefined;
  readonly redirect?: Redirect;
  readonly variables: Variables;
}

/**
 * Finds, reads and checks the config, and chooses a database.
 * @throws OpsError CONFIG_NOT_FOUND, CONFIG_UNREADABLE, CONFIG_INVALID, ENVIRONMENT_UNKNOWN,
 * DATABASE_NONE, DATABASE_UNKNOWN, DATABASE_AMBIGUOUS
 */
export async function readSettings(request: SettingsRequest): Promise<Settings> {
  const read = await readConfig(request);
  const chosen = chooseDatabase(read.environment, read.path, request.db);
  checkMigrations(chosen, read.path);
  return { ...projectSettings(request, read), database: toSettings(chosen) };
}

/** The same for all databases, so that none is ambiguous. @throws as {@link readSettings}, except DATABASE_AMBIGUOUS */
export async function readProjectSettings(request: SettingsRequest): Promise<ProjectSettings> {
  const read = await readConfig(request);
  const { databases } = read.environment;
  const chosen =
    request.db === undefined && databases.length > 1
      ? databases
      : [chooseDatabase(read.environment, read.path, request.db)];
  for (const entry of chosen) checkMigrations(entry, read.path);
  return { ...projectSettings(request, read), databases: chosen.map(toSettings) };
}

interface ReadConfig {
  readonly path: string;
  readonly userConfigPath: string | null;
  readonly environment: Environment;
}

async function readConfig(request: SettingsRequest): Promise<ReadConfig> {
  const found = await findConfig(request.cwd, request.config, request.redirect);
  const { configPath: path, userConfigPath } = found;
  const wanted =
    request.env === undefined
      ? { name: request.variables["CLOUDFLARE_ENV"] ?? "", from: "CLOUDFLARE_ENV" as const }
      : { name: request.env, from: "--env" as const };
  const environment = chooseEnvironment(await parseConfig(path), found, wanted);
  refuseSameBinding(environment.databases, path);
  return { path, userConfigPath, environment };
}

function projectSettings(
  { cwd, persistTo }: SettingsRequest,
  { path, userConfigPath, environment }: ReadConfig,
): ProjectSettings {
  const { workerName, accountId, env, section, environments, knownEnvironments } = environment;
  const stateParent = userConfigPath === null ? cwd : dirname(userConfigPath);
  return {
    configPath: path,
    projectPath: dirname(path),
    statePath: persistTo ? resolve(cwd, persistTo) : resolve(stateParent, ".wrangler/state"),
    workerName,
    accountId,
    env,
    section,
    environments,
    knownEnvironments,
    databases: environment.databases.map(toSettings),
  };
}
