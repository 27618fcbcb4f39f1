/** @module Some tables of the local database as the target of a restore. */
import { orphansAmong } from "../../database/examine-file.ts";
import { type Replacement, replaceTables } from "../../database/replace-tables.ts";
import { type Copy, copyLocal } from "../../database/temporary-copy.ts";
import { localPath } from "../../project/open-database.ts";
import type { Project } from "../../project/project.ts";
import { hasCode } from "../../report/error.ts";
import { chunkReader } from "../../snapshots/rows/read-chunk.ts";
import {
  changesDatabase,
  planRestore,
  type RestorePlan,
} from "../../snapshots/restore/restore-plan.ts";
import { type TablesOf, tablesOf } from "./chosen-tables.ts";
import { localDatabase } from "./local-target.ts";
import { rebuilt } from "./rebuilt-copy.ts";
import type { SnapshotRestoreOptions } from "./restore-options.ts";
import type { RestoreTarget } from "./restore-target.ts";
import type { OpenStore } from "./unlock-store.ts";

/** The plan rehearses the restore in a copy, so a dry run shows what SQLite would refuse. */
export function openLocalTables(
  project: Project<SnapshotRestoreOptions>,
  { store, codec }: OpenStore,
  names: readonly string[],
): RestoreTarget {
  const { settings } = project;
  const live = localPath(settings, settings.database);
  let rows: Copy | null = null;
  let replacement: Replacement | null = null;
  return {
    ...localDatabase(project),
    async plan(now, then, chosen) {
      const tables = tablesOf(project, names, now, chosen);
      const plan = planRestore(now, { ...then, database: tables.after });
      if (!changesDatabase(plan)) return plan;
      rows?.remove();
      const read = chunkReader(store, codec, chosen.snapshot.manifest);
      rows = await rebuilt(project, read, tables.wanted);
      const { content, created } = tables.chosen;
      replacement = { from: rows.path, created: [...created], ...content };
      const orphans = await rehearsed(live, replacement, tables);
      // Rows of a new file may refer to tables that the user did not choose.
      const isNewFile = settings.database.file !== undefined && tables.now.schema.length === 0;
      return { ...plan, orphans: isNewFile ? [] : orphans };
    },
    prepare: async () => ({
      async apply(requireUnchanged) {
        if (replacement === null) throw new Error("there is no plan");
        try {
          replaceTables(live, replacement, { requireUnchanged });
          return { stop: null, remote: null, bookmark: null };
        } catch (error) {
          if (!hasCode(error, "DATABASE_NOT_SYNCED")) throw error;
          return {
            stop: { error, files: new Set(), database: "restored" },
            remote: null,
            bookmark: null,
          };
        }
      },
    }),
    close: () => rows?.remove(),
  };
}

async function rehearsed(
  live: string,
  replacement: Replacement,
  { chosen }: TablesOf,
): Promise<RestorePlan["orphans"]> {
  const copy = await copyLocal(live);
  try {
    replaceTables(copy.path, replacement);
    return orphansAmong(copy.path, chosen.names);
  } finally {
    copy.remove();
  }
}
