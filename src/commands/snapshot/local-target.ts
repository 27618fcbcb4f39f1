/** @module The local database as the target of a restore. */
import { restoreInto } from "../../database/restore-into.ts";
import { watchFile, writtenMeanwhile } from "../../database/watch-file.ts";
import { localPath, localTarget } from "../../project/open-database.ts";
import type { Project } from "../../project/project.ts";
import { hasCode, OpsError } from "../../report/error.ts";
import { planRestore } from "../../snapshots/restore/restore-plan.ts";
import { stageFiles } from "./file-sources.ts";
import { explainPresent } from "./present-damage.ts";
import { rebuilt } from "./rebuilt-copy.ts";
import type { SnapshotRestoreOptions } from "./restore-options.ts";
import type { RestoreTarget, Stop } from "./restore-target.ts";

/** A file that the user named and that is no database is another file, not a damaged database to move away. */
function isMistyped({ settings }: Project<SnapshotRestoreOptions>, error: unknown): boolean {
  return settings.database.file !== undefined && hasCode(error, "DATABASE_NOT_SQLITE");
}

/** What a restore of the whole database and one of some tables have in common. */
export function localDatabase(
  project: Project<SnapshotRestoreOptions>,
): Omit<RestoreTarget, "plan" | "prepare" | "close"> {
  const { settings } = project;
  const live = localPath(settings, settings.database);
  return {
    target: localTarget(settings, settings.database),
    presentStore: null,
    // Only Time Travel takes runs away.
    lostRuns: async () => null,
    putBackRuns: async () => {},
    explain: (error) => (isMistyped(project, error) ? error : explainPresent(error, live)),
    watch: () => watchFile(live),
    busy: (waitedMs) => writtenMeanwhile(live, waitedMs),
  };
}

export function openLocalTarget(project: Project<SnapshotRestoreOptions>): RestoreTarget {
  const { settings } = project;
  const live = localPath(settings, settings.database);
  let discard = (): void => {};
  return {
    ...localDatabase(project),
    plan: async (now, then) => planRestore(now, then),
    async prepare(reading, { snapshot, ...files }) {
      const restored = await stageFiles(project, reading, files);
      const database = snapshot?.manifest.database ?? null;
      const copy = database === null ? null : await rebuilt(project, reading.chunks, database);
      discard = () => copy?.remove();
      return {
        async apply(requireUnchanged) {
          const done = new Set<string>();
          let isReplaced = false;
          try {
            if (copy !== null) await restoreInto(live, copy.path, { requireUnchanged });
            isReplaced = copy !== null;
            await restored((path) => done.add(path));
            return { stop: null, remote: null, bookmark: null };
          } catch (error) {
            const isChanged = isReplaced || done.size > 0 || hasCode(error, "DATABASE_NOT_SYNCED");
            if (!isChanged || !(error instanceof OpsError)) throw error;
            const stop: Stop = { error, files: done, database: "restored" };
            return { stop, remote: null, bookmark: null };
          }
        },
      };
    },
    close: () => discard(),
  };
}
