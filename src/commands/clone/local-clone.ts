/** @module Puts a prepared clone in the place of a local database, in one transaction. */
import { restoreInto } from "../../database/restore-into.ts";
import { watchFile, writtenMeanwhile } from "../../database/watch-file.ts";
import { localPath } from "../../project/open-database.ts";
import type { Project } from "../../project/project.ts";
import { planRestore } from "../../snapshots/restore/restore-plan.ts";
import { explainPresent } from "../snapshot/present-damage.ts";
import type { Prepared } from "./build-clone.ts";
import type { CloneTarget } from "./clone-target.ts";
import type { CloneOptions } from "./options.ts";

/** `project` is at the database that is replaced. */
export function openLocalClone(
  { settings }: Project<CloneOptions>,
  { copy, manifest }: Prepared,
): CloneTarget {
  const live = localPath(settings, settings.database);
  return {
    plan: async (now) => planRestore(now, manifest),
    explain: (error) => explainPresent(error, live),
    watch: () => watchFile(live),
    busy: (waitedMs) => writtenMeanwhile(live, waitedMs),
    async apply(requireUnchanged) {
      await restoreInto(live, copy.path, { requireUnchanged });
      return { stop: null, remote: null, bookmark: null };
    },
    close: () => {},
  };
}
