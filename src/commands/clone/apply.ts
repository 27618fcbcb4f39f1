/** @module Puts a prepared clone in the place of the database, after a snapshot of the present. */
import { restoreInto } from "../../database/restore-into.ts";
import { watchFile, writtenMeanwhile } from "../../database/watch-file.ts";
import { requireUninterrupted } from "../../project/interruption.ts";
import { localPath } from "../../project/open-database.ts";
import { isEmptyFile, localFileOf } from "../../project/local-state.ts";
import { applyWithBackup, type Backup } from "../snapshot/take-backup.ts";
import type { Applied } from "../snapshot/restore-target.ts";
import type { CloneContext } from "./find-clone.ts";
import type { OpenCatalog } from "./open-catalog.ts";

/** Null: there was nothing to keep, or the user wanted no way back. @throws OpsError DATABASE_BUSY, DATABASE_FULL; then nothing was changed */
export async function applyClone(
  { project, prepared, source }: CloneContext,
  stored: OpenCatalog | null,
): Promise<Backup | null> {
  const { settings, options } = project;
  const live = localPath(settings, settings.database);
  const apply = async (requireUnchanged?: () => void): Promise<Applied> => {
    await restoreInto(live, prepared.copy.path, { requireUnchanged });
    return { stop: null, remote: null };
  };
  requireUninterrupted(project);
  const file = localFileOf(project, settings.database);
  const hasPresent = file !== null && file.exists && !isEmptyFile(file);
  if (stored === null || options.withoutBackup === true || !hasPresent) {
    await apply();
    return null;
  }
  const { opened, catalog } = stored;
  const about = { label: `before the clone of ${options.from}`, wayBackFrom: source.wayBackFrom };
  const request = {
    catalog,
    hasDatabase: true,
    files: { files: [], globs: [] },
    about,
    watch: () => watchFile(live),
    busy: (waitedMs: number) => writtenMeanwhile(live, waitedMs),
  };
  const { backup } = await applyWithBackup(project, opened, request, apply);
  return backup;
}
