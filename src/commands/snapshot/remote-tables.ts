/** @module Some tables of the remote database as the target of a restore. */
import { dirname, join } from "node:path";
import { orphansAmong } from "../../database/examine-file.ts";
import { openMemory } from "../../database/memory.ts";
import { emptyCopy, openCopy } from "../../database/temporary-copy.ts";
import { folderStore } from "../../files/folder-store.ts";
import { interruptibleDatabase } from "../../project/interruptible.ts";
import { openDatabase } from "../../project/open-database.ts";
import type { Project } from "../../project/project.ts";
import type { SnapshotDatabase } from "../../snapshots/store/manifest.ts";
import { intoFile } from "../../snapshots/restore/choose-tables.ts";
import { planRemote } from "../../snapshots/restore/plan-remote-restore.ts";
import { chunkReader } from "../../snapshots/rows/read-chunk.ts";
import { changesDatabase } from "../../snapshots/restore/restore-plan.ts";
import type { PlanRequest } from "../../snapshots/restore/wanted.ts";
import { writeDatabase } from "../../snapshots/restore/write-database.ts";
import { type TablesOf, tablesOf } from "./chosen-tables.ts";
import { prepareRemote } from "./prepare-remote.ts";
import { rebuilt } from "./rebuilt-copy.ts";
import type { SnapshotRestoreOptions } from "./restore-options.ts";
import type { RestoreTarget } from "./restore-target.ts";
import type { OpenStore } from "./unlock-store.ts";
import { openWanted, type WantedCopy } from "./wanted-copy.ts";
import { KEPT, writtenRemotely } from "./write-remote.ts";

/**
 * Time Travel would bring back all tables, so this writes in batches. The plan rehearses them in a copy of the present: D1 may refuse one
 * because of a foreign key, and then nothing must have been written.
 */
export async function openRemoteTables(
  project: Project<SnapshotRestoreOptions>,
  { store, codec }: OpenStore,
  names: readonly string[],
): Promise<RestoreTarget> {
  const opened = await openDatabase(project, project.options.dryRun === true ? "read" : "write");
  const { target } = opened;
  const d1 = interruptibleDatabase(opened.d1, project);
  const scratch = emptyCopy();
  const presentStore = folderStore(join(dirname(scratch.path), "present"));
  let planned: Planned | null = null;
  return {
    target,
    presentStore,
    async plan(now, then, chosen) {
      const tables = tablesOf(project, names, now, chosen);
      const read = chunkReader(store, codec, chosen.snapshot.manifest);
      planned?.wanted.close();
      planned = null;
      const wanted = await openWanted(project, read, tables.wanted);
      planned = { tables, wanted };
      const { names: only } = tables.chosen;
      const request = { codec, keeps: KEPT, only, wanted, openMemory };
      const found = await planRemote(
        now,
        { ...then, database: tables.after },
        {
          ...request,
          d1,
          wanted: async () => wanted,
          travels: async () => false,
          elsewhere: intoFile(chosen.short, names),
        },
      );
      if (!changesDatabase(found)) return found;
      const copy = await rebuilt(project, chunkReader(presentStore, codec, now), tables.now);
      const present = openCopy(copy, target, "close");
      try {
        await rehearse(request, {
          d1: interruptibleDatabase(present.d1, project),
          now: tables.now,
        });
        return { ...found, orphans: orphansAmong(copy.path, only), needsTransactions: true };
      } finally {
        present.close();
      }
    },
    // Only Time Travel takes runs away.
    lostRuns: async () => null,
    putBackRuns: async () => {},
    explain: (error) => error,
    // Compares the bookmarks.
    watch: () => null,
    busy: (waitedMs) => writtenRemotely(target, waitedMs),
    async prepare(reading, changes) {
      if (planned === null) throw new Error("there is no plan");
      const { tables, wanted } = planned;
      const remote = {
        database: { ...opened, d1 },
        wanted: async () => wanted,
        only: tables.chosen.names,
        travel: async () => false,
      };
      return prepareRemote(project, remote, reading, changes);
    },
    close() {
      planned?.wanted.close();
      scratch.remove();
    },
  };
}

interface Planned {
  readonly tables: TablesOf;
  readonly wanted: WantedCopy;
}

type Rehearsal = Pick<PlanRequest, "codec" | "keeps" | "only" | "wanted" | "openMemory">;

interface Rehearsed extends Pick<PlanRequest, "d1"> {
  readonly now: SnapshotDatabase;
}

async function rehearse(request: Rehearsal, { d1, now }: Rehearsed): Promise<void> {
  await writeDatabase({
    ...request,
    d1,
    present: now,
    send: async (_, statements) => void (await d1.batch([...statements])),
    onRows: () => {},
  });
}
