/** @module The remote database as the target of a restore. */
import { openMemory } from "../../database/memory.ts";
import { interruptibleDatabase } from "../../project/interruptible.ts";
import { putBackRuns } from "../../lease/carry-over.ts";
import { openDatabase } from "../../project/open-database.ts";
import type { Project } from "../../project/project.ts";
import { command, offer } from "../../report/command.ts";
import type { Snapshot } from "../../snapshots/store/manifests.ts";
import { planRemote } from "../../snapshots/restore/plan-remote-restore.ts";
import { chunkReader } from "../../snapshots/rows/read-chunk.ts";
import { prepareRemote } from "./prepare-remote.ts";
import type { SnapshotRestoreOptions } from "./restore-options.ts";
import type { RestoreTarget } from "./restore-target.ts";
import type { OpenStore } from "./unlock-store.ts";
import { findLostRuns } from "./lost-runs.ts";
import { momentInReach, travelBack } from "./travel-back.ts";
import { openWanted, type WantedCopy } from "./wanted-copy.ts";
import { KEPT, writtenRemotely } from "./write-remote.ts";

export async function openRemoteTarget(
  project: Project<SnapshotRestoreOptions>,
  from: OpenStore,
): Promise<RestoreTarget> {
  const { store, codec } = from;
  const mode = project.options.dryRun === true ? "read" : "write";
  const opened = await openDatabase(project, mode);
  const d1 = interruptibleDatabase(opened.d1, project);
  let copy: { readonly id: string; readonly content: WantedCopy } | null = null;
  const wanted = async ({ id, manifest }: Snapshot): Promise<WantedCopy> => {
    if (copy?.id === id) return copy.content;
    const { database } = manifest;
    if (database === null) throw new Error("the snapshot has no database");
    copy?.content.close();
    copy = null;
    const content = await openWanted(project, chunkReader(store, codec, manifest), database);
    copy = { id, content };
    return content;
  };
  return {
    target: opened.target,
    presentStore: null,
    plan: async (now, then, { snapshot, short }) =>
      planRemote(now, then, {
        d1,
        codec,
        keeps: KEPT,
        only: null,
        openMemory,
        wanted: async () => wanted(snapshot),
        elsewhere: offer(
          "To restore the snapshot into a file, which accepts it",
          command("snapshot restore", short, "--to", "file:PATH.sqlite"),
        ),
        travels: async () =>
          (await momentInReach(project, opened.target, snapshot.manifest)) !== null,
      }),
    lostRuns: async ({ snapshot }, catalog) =>
      findLostRuns(project, from, { ...opened, d1 }, { catalog, snapshot }),
    putBackRuns: async ({ runs }) => putBackRuns(d1, runs, project.sleep),
    explain: (error) => error,
    // Compares the bookmarks.
    watch: () => null,
    busy: (waitedMs) => writtenRemotely(opened.target, waitedMs),
    prepare: async (reading, changes) =>
      prepareRemote(
        project,
        {
          database: { ...opened, d1 },
          wanted,
          only: null,
          travel: async (lease, manifest) => travelBack(project, opened, lease, manifest),
        },
        reading,
        changes,
      ),
    close: () => copy?.content.close(),
  };
}
