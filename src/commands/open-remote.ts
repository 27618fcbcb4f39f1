/**
 * Opens a project's remote database for scripts, with the same `D1Database` interface as the binding of a Worker.
 *
 * ```ts
 * import { openRemote } from "d1ops";
 * const { d1 } = await openRemote({ cwd: "apps/shop", env: "staging" });
 * const { results } = await d1.prepare("SELECT * FROM users WHERE id = ?").bind(7).all();
 * ```
 * @module
 */
import type { Settings } from "../config/wrangler-settings.ts";
import type { ClientDatabase } from "../database/client.ts";
import * as kinds from "../options/kinds.ts";
import { optionsOf } from "../options/check-options.ts";
import { PROJECT, type ProjectOptions } from "../project/project-options.ts";
import { completeError } from "../project/command-line.ts";
import { findSettings, resolveTyped, variablesOf } from "../project/settings.ts";
import { connectRemote, openRemoteDatabase } from "../project/connect-remote.ts";

export type OpenRemoteOptions = Omit<ProjectOptions, "place" | "persistTo"> & {
  /** `read` rejects a statement that writes before it is sent. Default: `write`. */
  readonly mode?: "read" | "write";
};

const { place: _place, persistTo: _persistTo, ...REMOTE } = PROJECT;

const readOptions = optionsOf<OpenRemoteOptions>("openRemote", {
  ...REMOTE,
  mode: kinds.optional(kinds.oneOf(["read", "write"])),
});

/**
 * Opens the database of the wrangler config, with the credentials that wrangler would use. Returns integers beyond 2^53 as BigInt.
 * @throws OpsError of the config, CREDENTIALS_MISSING, ACCOUNT_AMBIGUOUS, and those of the API
 */
export async function openRemote(given: OpenRemoteOptions = {}): Promise<ClientDatabase> {
  const { mode = "write", ...rest } = readOptions(given);
  const options = { ...rest, place: "remote" as const };
  let settings: Settings | null = null;
  try {
    const variables = variablesOf(options);
    settings = await findSettings(options, variables);
    const project = await connectRemote({ settings, variables, options });
    return await openRemoteDatabase(project, settings, settings.database, mode);
  } catch (error) {
    throw completeError(error, await resolveTyped({ verb: "doctor", options }, settings));
  }
}
