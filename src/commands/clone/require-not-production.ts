/** @module Production is never replaced by a clone. A config does not say which database is production, so d1ops takes the careful view. */
import { remoteId } from "../../config/database-settings.ts";
import type { DatabaseSettings, ProjectSettings } from "../../config/wrangler-settings.ts";
import { placeText } from "../../options/place.ts";
import type { Project } from "../../project/project.ts";
import { findProjectSettings } from "../../project/settings.ts";
import { hasCode, OpsError } from "../../report/error.ts";
import type { Target } from "../../report/report.ts";
import type { CloneOptions } from "./options.ts";

/**
 * `there`: the project at a remote database. Production is the top level of the config, every environment with a name such as `production`,
 * and each database of theirs, also if another environment has it, too. Makes calls only for databases without an id in the config.
 * @throws OpsError USAGE, and those of the config room
 */
export async function requireNotProduction(
  there: Project<CloneOptions>,
  { id, database }: Target,
): Promise<void> {
  const { env, knownEnvironments } = there.settings;
  if (env === null)
    throw refused(there, "it is the remote database of the top level of the config");
  if (isProduction(env)) throw refused(there, `the environment is named ${env}`);
  for (const name of ["", ...knownEnvironments.filter(isProduction)]) {
    for (const { settings, own } of await databasesOf(there, name)) {
      if ((await remoteIdOf(there, settings, own)) !== id) continue;
      const owner = name === "" ? "the top level of the config" : `the environment ${name}`;
      throw refused(there, `${owner} has the same database, ${database}`);
    }
  }
}

/** The id at Cloudflare, in lower case. Null if there is no such database. */
export async function remoteIdOf(
  project: Project<CloneOptions>,
  settings: ProjectSettings,
  database: DatabaseSettings,
): Promise<string | null> {
  const known = remoteId(database);
  if (known !== null) return known.toLowerCase();
  const { findRemote } = await import("../../project/connect-remote.ts");
  try {
    return (await findRemote(await project.connect(), settings, database)).id.toLowerCase();
  } catch (error) {
    if (hasCode(error, "REMOTE_DATABASE_UNKNOWN")) return null;
    throw error;
  }
}

/** `production`, `prod-eu`, `live2`. Not `preprod`, `non-prod` or `liverpool`. */
function isProduction(env: string): boolean {
  return /^(?:production|prod|live)(?![a-z])/i.test(env);
}

interface Owned {
  readonly settings: ProjectSettings;
  readonly own: DatabaseSettings;
}

async function databasesOf(there: Project<CloneOptions>, env: string): Promise<Owned[]> {
  const { db: _, ...options } = there.options;
  try {
    const settings = await findProjectSettings({ ...options, env }, there.variables);
    return settings.databases.map((own) => ({ settings, own }));
  } catch (error) {
    if (hasCode(error, "DATABASE_NONE")) return [];
    throw error;
  }
}

function refused({ settings, options }: Project<CloneOptions>, why: string): OpsError<"USAGE"> {
  const others = settings.knownEnvironments.filter((env) => !isProduction(env));
  const places = [
    "local",
    "file:PATH.sqlite",
    ...others.map((env) => placeText({ kind: "env", env })),
  ];
  const message = `TO is ${options.to}, which d1ops takes for production, because ${why}. A clone never replaces production.`;
  const hint = `Name another TO, such as ${places.join(", ")}.`;
  return new OpsError("USAGE", { argument: "TO" }, { message, hint });
}
