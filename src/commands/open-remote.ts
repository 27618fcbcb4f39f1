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
import type { Database } from "../database/port.ts";
import type { ProjectOptions } from "./options.ts";
import { findProject, openDatabase } from "./project.ts";

/**
 * Opens the database that the wrangler config names, with the credentials that wrangler would use. Integers beyond 2^53 come as BigInt.
 * @throws OpsError of the config, CREDENTIALS_MISSING, ACCOUNT_AMBIGUOUS, and those of the API
 */
export async function openRemote(
  options: Omit<ProjectOptions, "place" | "persistTo"> & { readonly mode?: "read" | "write" } = {},
): Promise<Database> {
  const remote = { ...options, place: "remote" as const };
  return openDatabase(await findProject(remote), options.mode ?? "write", remote);
}
