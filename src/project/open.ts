/**
 * From options to what a verb works on: settings, target, database. Nothing is created here, and nothing written.
 * @module
 */
import { remoteId } from "../config/database.ts";
import { localDatabasePath } from "../config/local-file.ts";
import {
  type DatabaseSettings,
  type ProjectSettings,
  readProjectSettings,
  readSettings,
  type Settings,
  type SettingsRequest,
} from "../config/settings.ts";
import { readVariables, type Variables } from "../config/variables.ts";
import { openLocal } from "../database/local.ts";
import type { Database } from "../database/port.ts";
import { OpsError } from "../report/error.ts";
import type { Target } from "../report/report.ts";
import type { ProjectOptions } from "./options.ts";
import { connectRemote, openRemoteDatabase } from "./remote.ts";

export interface Project {
  readonly settings: Settings;
}

/** Reads the config. @throws OpsError of the config room */
export async function findProject(options: ProjectOptions): Promise<Project> {
  return { settings: await findSettings(options) };
}

/** Reads the config alone. @throws OpsError of the config room */
export async function findSettings(options: ProjectOptions): Promise<Settings> {
  return readSettings(settingsRequest(options));
}

/** The same for all databases, or the one that `db` names. */
export async function findProjectSettings(options: ProjectOptions): Promise<ProjectSettings> {
  return readProjectSettings(settingsRequest(options));
}

function settingsRequest(options: ProjectOptions): SettingsRequest {
  const cwd = options.cwd ?? process.cwd();
  return {
    cwd,
    variables: variablesOf(options),
    // As every `wrangler d1` command: what a build generated for the deployment has no migrations beside it.
    redirect: "ignore",
    ...(options.config !== undefined && { config: options.config }),
    ...(options.env !== undefined && { env: options.env }),
    ...(options.db !== undefined && { db: options.db }),
    ...(options.persistTo !== undefined && { persistTo: options.persistTo }),
  };
}

/** The environment as wrangler would have it here. */
export function variablesOf({ cwd, variables, env }: ProjectOptions): Variables {
  return readVariables(cwd ?? process.cwd(), variables ?? process.env, env);
}

/**
 * The environment to name in a suggested command: as typed, from `CLOUDFLARE_ENV`, or `""` for the top level of a config that has
 * environments. Undefined where a command needs none.
 */
export async function resolvedEnvironment(options: ProjectOptions): Promise<string | undefined> {
  if (options.env !== undefined) return options.env;
  try {
    const { env, environments } = await findProjectSettings(options);
    return env ?? (environments.length > 0 ? "" : undefined);
  } catch (error) {
    if (!(error instanceof OpsError)) throw error;
    return environmentVariable(options) || undefined;
  }
}

/** What cannot be read may be `.env` itself. */
function environmentVariable(options: ProjectOptions): string | undefined {
  try {
    return variablesOf(options)["CLOUDFLARE_ENV"];
  } catch {
    return (options.variables ?? process.env)["CLOUDFLARE_ENV"];
  }
}

/** Opens the project's database; `read` cannot write, and does not create a local file. */
export async function openDatabase(
  { settings }: Project,
  mode: "read" | "write",
  options: ProjectOptions,
): Promise<Database> {
  const open = await opener(settings, mode, options);
  return open(settings.database);
}

/** Opens any of the project's databases: they share one way to Cloudflare. */
export async function opener(
  settings: ProjectSettings,
  mode: "read" | "write",
  options: ProjectOptions,
): Promise<(database: DatabaseSettings) => Promise<Database>> {
  if (options.place !== "remote") {
    return async (database) =>
      openLocal(localPath(settings, database), localTarget(settings, database), { mode });
  }
  const remote = await connectRemote(settings, variablesOf(options), options);
  return (database) => openRemoteDatabase(remote, settings, database, mode);
}

/** Absolute path of the local state file, which need not exist. */
export function localPath({ statePath }: ProjectSettings, { localId }: DatabaseSettings): string {
  return localDatabasePath(statePath, localId);
}

export function localTarget(settings: ProjectSettings, database: DatabaseSettings): Target {
  return {
    place: "local",
    database: database.name ?? database.binding,
    id: database.localId,
    env: settings.env,
    section: settings.section,
  };
}

/** What a report calls a database before it is open. */
export function targetOf(
  settings: ProjectSettings,
  database: DatabaseSettings,
  { place }: ProjectOptions,
): Target {
  const local = localTarget(settings, database);
  return place === "remote" ? { ...local, place, id: remoteId(database) ?? "" } : local;
}
