/** @module The settings of `d1ops.jsonc`, which is beside the wrangler config, and of the variables that override it. */
import { join } from "node:path";
import { isMissing } from "../config/settings-file.ts";
import type { Variables } from "../config/variables.ts";
import type { UsedSetting } from "../report/report.ts";
import type { SettingName, SettingValues } from "../known-settings.ts";

export const SETTINGS_FILE = "d1ops.jsonc";

export interface Found<V> {
  readonly value: V;
  /** `d1ops.jsonc`, or the name of the variable. */
  readonly from: string;
}

export interface OwnSettings {
  /** Null if it is not set. */
  readonly find: <K extends SettingName>(name: K) => Found<SettingValues[K]> | null;
}

/** Null if it is not set. */
export type ReadSetting = <K extends SettingName>(name: K) => SettingValues[K] | null;

/** Adds each setting that is read to `used`. */
export function recording({ find }: OwnSettings, used: Map<string, UsedSetting>): ReadSetting {
  return (name) => {
    const found = find(name);
    if (found === null) return null;
    const { value, from } = found;
    used.set(name, { name, value: textOf(value), from });
    return value;
  };
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.join(", ");
  return typeof value === "string" ? value : JSON.stringify(value);
}

const NONE: OwnSettings = { find: () => null };

/** Checks all settings, also those that the command does not use. @throws OpsError CONFIG_UNREADABLE, CONFIG_INVALID, USAGE */
export async function findOwnSettings(
  projectPath: string,
  variables: Variables,
): Promise<OwnSettings> {
  const path = join(projectPath, SETTINGS_FILE);
  const hasFile = !isMissing(path);
  const hasVariable = Object.keys(variables).some((name) => name.startsWith("D1OPS_"));
  // Most commands need no settings, and do not wait for their kinds and for a parser.
  if (!hasFile && !hasVariable) return NONE;
  const { readOwnSettings } = await import("./read-own-settings.ts");
  return readOwnSettings(hasFile ? path : null, variables);
}
