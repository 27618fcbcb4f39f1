/** @module Opens the database for onboarding, or a copy of it for a dry run. */
import { copyLocal, openCopy } from "../../database/temporary-copy.ts";
import type { Database } from "../../database/port.ts";
import type { OnboardOptions } from "./options.ts";
import { localPath, localTarget, openDatabase } from "../../project/open-database.ts";
import type { Project } from "../../project/project.ts";

/** Closing discards a copy. Closing a local database syncs it to the disk, before the verb returns its report. */
export async function openForOnboarding(project: Project<OnboardOptions>): Promise<Database> {
  const dry = project.options.dryRun === true;
  return project.byPlace({
    remote: async () => openDatabase(project, dry ? "read" : "write"),
    local: async () => openLocally(project, dry),
  })();
}

async function openLocally(project: Project, dry: boolean): Promise<Database> {
  if (!dry) return openDatabase(project, "write", "close");
  const { settings, closing } = project;
  const copy = await copyLocal(localPath(settings, settings.database));
  return closing(openCopy(copy, localTarget(settings, settings.database), "close"));
}
