/**
 * Opens the databases of a project, and says where they are. A database that is opened here is closed when its verb ends.
 * @module
 */
import { remoteId } from "../config/database-settings.ts";
import { localDatabasePath } from "../config/local-file.ts";
import type { DatabaseSettings, ProjectSettings } from "../config/wrangler-settings.ts";
import { openLocal } from "../database/local.ts";
import type { Database } from "../database/port.ts";
import type { Target } from "../report/report.ts";
import type { AnyProject, Project } from "./project.ts";

/** The database that is meant. `read` cannot write, and does not create a local file. */
export async function openDatabase(project: Project, mode: "read" | "write"): Promise<Database> {
  return openOne(project, project.settings.database, mode);
}

/** Any of the project's databases. */
export async function openOne(
  project: AnyProject,
  database: DatabaseSettings,
  mode: "read" | "write",
): Promise<Database> {
  const { settings } = project;
  const open = project.byPlace({
    local: async () =>
      openLocal(localPath(settings, database), localTarget(settings, database), { mode }),
    remote: async () => {
      // A local command does not load Cloudflare's API.
      const { openRemoteDatabase } = await import("./connect-remote.ts");
      return openRemoteDatabase(await project.connect(), settings, database, mode);
    },
  });
  return project.closing(await open());
}

/** Absolute path of the local state file, which need not exist. */
export function localPath({ statePath }: ProjectSettings, { localId }: DatabaseSettings): string {
  return localDatabasePath(statePath, localId);
}

export function localTarget(settings: ProjectSettings, database: DatabaseSettings): Target {
  return {
    place: "local",
    database: database.name ?? database.binding,
    id: database.localId,
    env: settings.env,
    section: settings.section,
  };
}

/** What a report calls a database before it is open. */
export function targetOf(
  settings: ProjectSettings,
  database: DatabaseSettings,
  place: Target["place"] = "local",
): Target {
  const local = localTarget(settings, database);
  return place === "remote" ? { ...local, place, id: remoteId(database) ?? "" } : local;
}
