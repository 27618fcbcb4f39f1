/**
 * What a project's wrangler config says about its databases, as `wrangler` understands it, without its second of start-up.
 * Held against wrangler's own reader by a contract test.
 * @module
 */
import { dirname, resolve } from "node:path";
import { checkMigrationsPattern, chooseDatabase, toSettings } from "./database-settings.ts";
import type { DatabaseSettings } from "./database-settings.ts";
import { refuseSameBinding } from "./entries.ts";
import { chooseEnvironment, type Environment } from "./environment.ts";
import { findConfig, type Redirect } from "./find-config.ts";
import { parseConfig } from "./parse-config.ts";

export type { DatabaseSettings } from "./database-settings.ts";

/** A project with all of its databases. */
export interface ProjectSettings {
  /** Absolute: the file that was read, after a redirect. */
  readonly configPath: string;
  /** Absolute: the folder of `configPath`, which `migrationsDir` is relative to. */
  readonly projectPath: string;
  /** Absolute: the root of wrangler's local state, by default `.wrangler/state` beside the config a person wrote. */
  readonly statePath: string;
  readonly workerName: string | null;
  readonly accountId: string | null;
  /** The environment that is meant; null is the top level. */
  readonly env: string | null;
  /** The section of the config that counts; null is the top level. Differs from `env` only for Pages. */
  readonly section: string | null;
  /** The sections that the config has. */
  readonly environments: readonly string[];
  /** What `--env` takes: for Pages also `production` and `preview` without a section. */
  readonly knownEnvironments: readonly string[];
  /** Of this environment. */
  readonly databases: readonly DatabaseSettings[];
}

/** A project, and the database that is meant. */
export interface Settings extends ProjectSettings {
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
 * Finds, reads and checks the config, and chooses the database that is meant.
 * @throws OpsError CONFIG_NOT_FOUND, CONFIG_UNREADABLE, CONFIG_INVALID, ENVIRONMENT_UNKNOWN,
 * DATABASE_NONE, DATABASE_UNKNOWN, DATABASE_AMBIGUOUS
 */
export async function readSettings(request: SettingsRequest): Promise<Settings> {
  const read = await readConfig(request);
  const chosen = chooseDatabase(read.environment, read.path, request.db);
  checkMigrationsPattern(chosen, read.path);
  return { ...projectSettings(request, read), database: toSettings(chosen) };
}

/**
 * The same where every database is meant: none is ambiguous.
 * @throws OpsError as {@link readSettings}, but for DATABASE_AMBIGUOUS
 */
export async function readProjectSettings(request: SettingsRequest): Promise<ProjectSettings> {
  const read = await readConfig(request);
  const { databases } = read.environment;
  const meant =
    request.db === undefined && databases.length > 1
      ? databases
      : [chooseDatabase(read.environment, read.path, request.db)];
  for (const entry of meant) checkMigrationsPattern(entry, read.path);
  return { ...projectSettings(request, read), databases: meant.map(toSettings) };
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
  const besideState = userConfigPath === null ? cwd : dirname(userConfigPath);
  return {
    configPath: path,
    projectPath: dirname(path),
    statePath: persistTo ? resolve(cwd, persistTo) : resolve(besideState, ".wrangler/state"),
    workerName: environment.workerName,
    accountId: environment.accountId,
    env: environment.env,
    section: environment.section,
    environments: environment.environments,
    knownEnvironments: environment.knownEnvironments,
    databases: environment.databases.map(toSettings),
  };
}
