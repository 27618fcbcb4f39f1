/** @module Reads the wrangler config that the options name. Creates and writes nothing. */
import { existsSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import {
  type ProjectSettings,
  readProjectSettings,
  readSettings,
  type Settings,
  type SettingsRequest,
} from "../config/wrangler-settings.ts";
import { readVariables, type Variables, variableSource } from "../config/variables.ts";
import { OpsError } from "../report/error.ts";
import type { TypedCommand } from "./command-line.ts";
import type { ProjectOptions } from "./project-options.ts";

/** Reads the config, and chooses the database. @throws OpsError of the config room */
export async function findSettings(
  options: ProjectOptions,
  variables: Variables = variablesOf(options),
): Promise<Settings> {
  return readSettings(settingsRequest(options, variables));
}

/** The same for all databases, or for the database that `db` names. */
export async function findProjectSettings(
  options: ProjectOptions,
  variables: Variables = variablesOf(options),
): Promise<ProjectSettings> {
  return readProjectSettings(settingsRequest(options, variables));
}

function settingsRequest(options: ProjectOptions, variables: Variables): SettingsRequest {
  const { config, env, db, persistTo } = options;
  // As in every `wrangler d1` command: a config that a build generated for the deployment has no migrations beside it.
  const redirect = "ignore";
  return { cwd: cwdOf(options), variables, redirect, config, env, db, persistTo };
}

export function cwdOf({ cwd }: ProjectOptions): string {
  return cwd ?? process.cwd();
}

/** The environment variables that wrangler would use here. */
export function variablesOf(options: ProjectOptions): Variables {
  return readVariables(cwdOf(options), processVariables(options), options.env);
}

/** Where a variable of {@link variablesOf} comes from: the environment or a file. */
export function sourceOfVariable(options: ProjectOptions, name: string): string {
  return variableSource(cwdOf(options), processVariables(options), options.env, name);
}

function processVariables({ variables }: ProjectOptions): Variables {
  return variables ?? process.env;
}

/**
 * The typed command with the environment that suggested commands name: as typed, from `CLOUDFLARE_ENV`, or `""` for the top level of a
 * config with environments. `settings` is null if the config has not been read.
 */
export async function resolveTyped(
  { verb, options }: TypedCommand,
  settings: ProjectSettings | null,
): Promise<TypedCommand> {
  const gitFolder = settings === null ? null : gitFolderOf(settings, options);
  if (options.env !== undefined) return { verb, options, gitFolder };
  const env = settings === null ? await findEnvironment(options) : environmentOf(settings);
  return { verb, options: { ...options, ...(env !== undefined && { env }) }, gitFolder };
}

/** In a linked work tree, `.git` is a file. */
function gitFolderOf({ projectPath }: ProjectSettings, options: ProjectOptions): string | null {
  for (let path = projectPath; !existsSync(join(path, ".git")); path = dirname(path)) {
    if (dirname(path) === path) return null;
  }
  return relative(cwdOf(options), projectPath);
}

async function findEnvironment(options: ProjectOptions): Promise<string | undefined> {
  try {
    return environmentOf(await findProjectSettings(options));
  } catch (error) {
    if (!(error instanceof OpsError)) throw error;
    return environmentVariable(options) || undefined;
  }
}

function environmentOf({ env, environments }: ProjectSettings): string | undefined {
  return env ?? (environments.length > 0 ? "" : undefined);
}

/** If `.env` itself cannot be read, the process's variable. */
function environmentVariable(options: ProjectOptions): string | undefined {
  try {
    return variablesOf(options)["CLOUDFLARE_ENV"];
  } catch {
    return processVariables(options)["CLOUDFLARE_ENV"];
  }
}
