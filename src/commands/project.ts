/**
 * From options to what a verb works on: settings, target, database. Nothing is created here, and nothing written.
 * @module
 */
import { localDatabasePath } from "../config/local-file.ts";
import {
  type DatabaseSettings,
  type ProjectSettings,
  readProjectSettings,
  readSettings,
  type Settings,
  type SettingsRequest,
} from "../config/settings.ts";
import { readVariables } from "../config/variables.ts";
import { openLocal } from "../database/local.ts";
import type { Database } from "../database/port.ts";
import { OpsError } from "../report/error.ts";
import type { Target } from "../report/report.ts";
import type { ProjectOptions } from "./options.ts";

export interface Project {
  readonly settings: Settings;
  readonly target: Target;
  /** Absolute path of the local state file, which need not exist. */
  readonly path: string;
}

/** Reads the config and finds the local file. @throws OpsError of the config room, PLACE_UNSUPPORTED */
export async function findProject(options: ProjectOptions): Promise<Project> {
  const settings = await findSettings(options);
  return {
    settings,
    target: targetOf(settings, settings.database),
    path: localDatabasePath(settings.statePath, settings.database.localId),
  };
}

/** Reads the config alone. @throws OpsError of the config room, PLACE_UNSUPPORTED */
export async function findSettings(options: ProjectOptions): Promise<Settings> {
  return readSettings(settingsRequest(options));
}

/** The same for all databases, or the one that `db` names. */
export async function findProjectSettings(options: ProjectOptions): Promise<ProjectSettings> {
  return readProjectSettings(settingsRequest(options));
}

function settingsRequest(options: ProjectOptions): SettingsRequest {
  if (options.place === "remote") throw remoteUnsupported();
  const cwd = options.cwd ?? process.cwd();
  return {
    cwd,
    variables: readVariables(cwd, options.variables ?? process.env),
    // As every `wrangler d1` command: what a build generated for the deployment has no migrations beside it.
    redirect: "ignore",
    ...(options.config !== undefined && { config: options.config }),
    ...(options.env !== undefined && { env: options.env }),
    ...(options.db !== undefined && { db: options.db }),
    ...(options.persistTo !== undefined && { persistTo: options.persistTo }),
  };
}

/** Writing never guesses: it wants a place, and an environment where the config has some. */
export function demandPlace(command: string, options: ProjectOptions): void {
  if (options.place !== undefined) return;
  throw new OpsError(
    "PLACE_MISSING",
    { command },
    {
      message: `\`d1ops ${command}\` writes, and was not told where.`,
      hint: `d1ops ${command} --local    the database that wrangler dev uses\nd1ops ${command} --remote   the one at Cloudflare (not in this version yet)`,
    },
  );
}

/** @throws OpsError ENVIRONMENT_MISSING */
export function demandEnvironment(
  command: string,
  options: ProjectOptions,
  settings: Settings,
): void {
  if (settings.environments.length === 0 || settings.env !== null || options.env !== undefined)
    return;
  throw new OpsError(
    "ENVIRONMENT_MISSING",
    { known: [...settings.environments] },
    {
      message: `\`d1ops ${command}\` writes, the config has environments (${settings.environments.join(", ")}), and none was named.`,
      hint: `Add --env ${settings.environments[0] ?? "NAME"}, or --env "" for the top level of the config.`,
    },
  );
}

/** Opens the project's database; `read` cannot write, and does not create the file. */
export function openDatabase(project: Project, mode: "read" | "write"): Database {
  return openLocal(project.path, project.target, { mode });
}

export function targetOf(settings: ProjectSettings, database: DatabaseSettings): Target {
  return {
    place: "local",
    database: database.name ?? database.binding,
    id: database.localId,
    env: settings.env,
  };
}

function remoteUnsupported(): OpsError {
  return new OpsError(
    "PLACE_UNSUPPORTED",
    { place: "remote" },
    {
      message: "This version works on the local database; --remote is not there yet.",
      hint: "Use --local here, and `wrangler d1 migrations apply NAME --remote` for the database at Cloudflare: both keep the same ledger.",
    },
  );
}
