/**
 * A project's remote database, for scripts: the same `D1Database` that a Worker's binding is.
 *
 * ```ts
 * import { openRemote } from "d1ops";
 * const { d1 } = await openRemote({ cwd: "apps/shop", env: "staging" });
 * const { results } = await d1.prepare("SELECT * FROM users WHERE id = ?").bind(7).all();
 * ```
 * @module
 */
import type { ClientDatabase } from "../database/client.ts";
import * as kinds from "../options/kinds.ts";
import { optional } from "../options/kinds.ts";
import { optionsOf } from "../options/check-options.ts";
import { PROJECT, type ProjectOptions } from "../project/project-options.ts";
import { completeError } from "../project/complete-commands.ts";
import { findSettings, resolvedEnvironment, variablesOf } from "../project/settings.ts";
import { connectRemote, openRemoteDatabase } from "../project/connect-remote.ts";

export type OpenRemoteOptions = Omit<ProjectOptions, "place" | "persistTo"> & {
  /** `read` refuses what writes before it is sent. Default: `write`. */
  readonly mode?: "read" | "write";
};

const { place: _place, persistTo: _persistTo, ...REMOTE } = PROJECT;

const readOptions = optionsOf<OpenRemoteOptions>("openRemote", {
  ...REMOTE,
  mode: optional(kinds.oneOf(["read", "write"])),
});

/**
 * Opens the database that the wrangler config names, with the credentials that wrangler would use. Integers beyond 2^53 come as BigInt.
 * @throws OpsError of the config, CREDENTIALS_MISSING, ACCOUNT_AMBIGUOUS, and those of the API
 */
export async function openRemote(given: OpenRemoteOptions = {}): Promise<ClientDatabase> {
  const options = readOptions(given);
  const remote = { ...options, place: "remote" as const };
  try {
    const variables = variablesOf(remote);
    const settings = await findSettings(remote, variables);
    const project = await connectRemote(settings, variables, remote);
    return await openRemoteDatabase(project, settings, settings.database, options.mode ?? "write");
  } catch (error) {
    const env = await resolvedEnvironment(remote);
    const typed = { ...remote, ...(env !== undefined && { env }) };
    throw completeError(error, { verb: "doctor", options: typed });
  }
}
