/** @module Opens the databases of a project, and finds where they are. d1ops closes them when the verb ends. */
import { databaseName, remoteId } from "../config/database-settings.ts";
import { localDatabasePath } from "../config/local-file.ts";
import type { DatabaseSettings, ProjectSettings } from "../config/wrangler-settings.ts";
import type { Durable } from "../database/connection.ts";
import { type LocalOptions, openLocal } from "../database/local.ts";
import type { Database } from "../database/port.ts";
import type { Target } from "../report/report.ts";
import type { AnyProject, Project } from "./project.ts";

/** Opens the chosen database. `read` cannot write, and does not create a local file. `durable` concerns a local database. */
export async function openDatabase(
  project: Project,
  mode: LocalOptions["mode"],
  durable?: Durable,
): Promise<Database> {
  return openOne(project, project.settings.database, mode, durable);
}

/** Opens any of the project's databases. */
export async function openOne(
  project: AnyProject,
  database: DatabaseSettings,
  mode: LocalOptions["mode"],
  durable?: Durable,
): Promise<Database> {
  const { settings } = project;
  const open = project.byPlace({
    local: async () =>
      openLocal(localPath(settings, database), localTarget(settings, database), { mode, durable }),
    remote: async () => {
      // A local command does not load Cloudflare's API.
      const { openRemoteDatabase } = await import("./connect-remote.ts");
      return openRemoteDatabase(await project.connect(), settings, database, mode);
    },
  });
  return project.closing(await open());
}

/** Finds the credentials before several databases are opened: if they are missing, that is an error of the command, not of each database. */
export async function requireCredentials({ place, connect }: AnyProject): Promise<void> {
  if (place === "remote") await connect();
}

/** The absolute path of the local state file, or of the file in its place. It may not exist. */
export function localPath(
  { statePath }: ProjectSettings,
  { localId, file }: DatabaseSettings,
): string {
  return file ?? localDatabasePath(statePath, localId);
}

export function localTarget({ env, section }: ProjectSettings, database: DatabaseSettings): Target {
  return { place: "local", database: databaseName(database), id: database.localId, env, section };
}

/** The target of a report about all databases of the project: null if there are several. */
export function targetOfAll({ settings, place }: AnyProject): Target | null {
  const [only, ...others] = settings.databases;
  return only === undefined || others.length > 0 ? null : targetOf(settings, only, place);
}

/** The target of a report about a database that is not open. */
export function targetOf(
  settings: ProjectSettings,
  database: DatabaseSettings,
  place: Target["place"] = "local",
): Target {
  const local = localTarget(settings, database);
  return place === "remote" ? { ...local, place, id: remoteId(database) ?? "" } : local;
}
