/** @module Reads the settings. A variable takes precedence over the file. */
import { basename } from "node:path";
import { readSettingsFile } from "../config/settings-file.ts";
import { readSettingVariables, variableOf } from "../config/settings-variables.ts";
import type { Variables } from "../config/variables.ts";
import { FILE, KINDS, OTHER_VARIABLES, SETTINGS } from "../known-settings.ts";
import type { Found, OwnSettings } from "./own-settings.ts";

/** `path`: that of the file. Null: there is none. @throws OpsError CONFIG_UNREADABLE, CONFIG_INVALID, USAGE */
export async function readOwnSettings(
  path: string | null,
  variables: Variables,
): Promise<OwnSettings> {
  const all = new Map<string, Found<unknown>>();
  if (path !== null) {
    const file = await readSettingsFile(path, FILE);
    for (const name of KINDS.keys()) {
      const value = name.split(".").reduce(partOf, file);
      if (value !== undefined) all.set(name, { value, from: basename(path) });
    }
  }
  for (const [name, value] of readSettingVariables(KINDS, OTHER_VARIABLES, variables)) {
    all.set(name, { value, from: variableOf(name) });
  }
  return {
    find(name) {
      const found = all.get(name);
      const { kind } = SETTINGS[name];
      if (found === undefined) return null;
      const { value, from } = found;
      return kind.fits(value) ? { value, from } : null;
    },
  };
}

function partOf(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}
