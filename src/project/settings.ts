/**
 * From options to what the wrangler config says. Nothing is created here, and nothing written.
 * @module
 */
import {
  type ProjectSettings,
  readProjectSettings,
  readSettings,
  type Settings,
  type SettingsRequest,
} from "../config/wrangler-settings.ts";
import { readVariables, type Variables } from "../config/variables.ts";
import { OpsError } from "../report/error.ts";
import type { ProjectOptions } from "./project-options.ts";

/** Reads the config, for the one database that is meant. @throws OpsError of the config room */
export async function findSettings(
  options: ProjectOptions,
  variables: Variables = variablesOf(options),
): Promise<Settings> {
  return readSettings(settingsRequest(options, variables));
}

/** The same for all databases, or the one that `db` names. */
export async function findProjectSettings(
  options: ProjectOptions,
  variables: Variables = variablesOf(options),
): Promise<ProjectSettings> {
  return readProjectSettings(settingsRequest(options, variables));
}

function settingsRequest(options: ProjectOptions, variables: Variables): SettingsRequest {
  return {
    cwd: cwdOf(options),
    variables,
    // As every `wrangler d1` command: what a build generated for the deployment has no migrations beside it.
    redirect: "ignore",
    ...(options.config !== undefined && { config: options.config }),
    ...(options.env !== undefined && { env: options.env }),
    ...(options.db !== undefined && { db: options.db }),
    ...(options.persistTo !== undefined && { persistTo: options.persistTo }),
  };
}

export function cwdOf({ cwd }: ProjectOptions): string {
  return cwd ?? process.cwd();
}

/** The environment as wrangler would have it here. */
export function variablesOf(options: ProjectOptions): Variables {
  return readVariables(cwdOf(options), options.variables ?? process.env, options.env);
}

/**
 * The environment to name in a suggested command: as typed, from `CLOUDFLARE_ENV`, or `""` for the top level of a config that has
 * environments. Undefined where a command needs none.
 */
export async function resolvedEnvironment(options: ProjectOptions): Promise<string | undefined> {
  if (options.env !== undefined) return options.env;
  try {
    return environmentOf(await findProjectSettings(options));
  } catch (error) {
    if (!(error instanceof OpsError)) throw error;
    return environmentVariable(options) || undefined;
  }
}

/** The same where the config was read. */
export function environmentOf({ env, environments }: ProjectSettings): string | undefined {
  return env ?? (environments.length > 0 ? "" : undefined);
}

/** What cannot be read may be `.env` itself. */
function environmentVariable(options: ProjectOptions): string | undefined {
  try {
    return variablesOf(options)["CLOUDFLARE_ENV"];
  } catch {
    return (options.variables ?? process.env)["CLOUDFLARE_ENV"];
  }
}
