/** @module Finds wrangler's config by wrangler's rules. */
import { statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { OpsError } from "../report/error.ts";
import { invalidConfig } from "./invalid-config.ts";
import { parseConfig } from "./parse-config.ts";
import { offer, shellPath, typedCommand, valueFlag } from "../report/command.ts";

/** Each name is searched in all folders before the next: a wrangler.json at the root takes precedence over a wrangler.toml in this folder. */
const NAMES = ["wrangler.json", "wrangler.jsonc", "wrangler.toml"] as const;
const DEPLOY_CONFIG = join(".wrangler", "deploy", "config.json");

/**
 * Build tools write `.wrangler/deploy/config.json`, which points to a config that they generated.
 * `wrangler deploy` and `wrangler dev` follow it; every `wrangler d1` command ignores it.
 */
export type Redirect = "follow" | "ignore";

export interface FoundConfig {
  /** The absolute path of the file to read, after the redirect. */
  readonly configPath: string;
  /** The file that a person wrote. Local state is beside it. Null if there is only a redirect. */
  readonly userConfigPath: string | null;
  readonly redirected: boolean;
}

export async function findConfig(
  start: string,
  explicit?: string,
  redirect: Redirect = "follow",
): Promise<FoundConfig> {
  if (explicit !== undefined) return plain(existing(resolve(start, explicit)));
  const userConfigPath = findUserConfig(start);
  const deployPath = redirect === "follow" ? findUp(start, DEPLOY_CONFIG) : null;
  if (deployPath !== null) {
    const configPath = await readRedirect(deployPath);
    checkSameFolder(deployPath, userConfigPath);
    return { configPath, userConfigPath, redirected: configPath !== userConfigPath };
  }
  if (userConfigPath !== null) return plain(userConfigPath);
  const message = `No ${NAMES.join(", ")} in ${resolve(start)} or any folder above it.`;
  const hint = offer(
    "Change to the project's folder, or name the file",
    typedCommand("-c", "PATH"),
  );
  throw new OpsError("CONFIG_NOT_FOUND", { searchedFrom: resolve(start) }, { message, hint });
}

function existing(path: string): string {
  if (!isMissing(path)) return path;
  const beside = NAMES.map((name) => join(dirname(path), name)).find(isFile);
  const reason = "it does not exist (ENOENT)";
  const message = `${path} does not exist.`;
  const hint =
    beside === undefined
      ? "Check the path after --config."
      : offer("To use the config in that folder", typedCommand(...valueFlag("--config", beside)));
  throw new OpsError("CONFIG_UNREADABLE", { path, reason }, { message, hint });
}

function plain(configPath: string): FoundConfig {
  return { configPath, userConfigPath: configPath, redirected: false };
}

function findUserConfig(start: string): string | null {
  for (const name of NAMES) {
    const found = findUp(start, name);
    if (found !== null) return found;
  }
  return null;
}

function findUp(start: string, name: string): string | null {
  for (let folder = resolve(start); ; folder = dirname(folder)) {
    const path = join(folder, name);
    if (isFile(path)) return path;
    if (folder === dirname(folder)) return null;
  }
}

/** False if the file system reports an error: reading the file then reports it. */
function isMissing(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) === undefined;
  } catch {
    return false;
  }
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

async function readRedirect(deployPath: string): Promise<string> {
  const unusable = (problem: string): OpsError<"CONFIG_INVALID"> =>
    invalidConfig(
      deployPath,
      problem,
      offer("Build the project again, or remove the redirect", `rm ${shellPath(deployPath)}`),
    );
  const content = await parseConfig(deployPath);
  const target =
    typeof content === "object" && content !== null && "configPath" in content
      ? content.configPath
      : undefined;
  if (typeof target !== "string" || target === "") {
    throw unusable('this redirect has no "configPath".');
  }
  const configPath = resolve(dirname(deployPath), target);
  if (!isMissing(configPath)) return configPath;
  throw unusable(`this redirect points to ${configPath}, which does not exist.`);
}

function checkSameFolder(deployPath: string, userConfigPath: string | null): void {
  if (userConfigPath === null) return;
  if (join(dirname(userConfigPath), DEPLOY_CONFIG) === deployPath) return;
  const problem = `this redirect is not in the folder of ${userConfigPath}, so it is not clear which config to use.`;
  const hint = `Remove the redirect (rm ${shellPath(deployPath)}), or run d1ops from the folder of the config that you want.`;
  throw invalidConfig(deployPath, problem, hint);
}
