/** @module The remote database as the target of a restore. */
import { interruptibleDatabase } from "../../project/interruptible.ts";
import { openDatabase } from "../../project/open-database.ts";
import type { Project } from "../../project/project.ts";
import { OpsError } from "../../report/error.ts";
import type { Target } from "../../report/report.ts";
import type { Snapshot } from "../../snapshots/manifests.ts";
import { notWritable } from "../../snapshots/plan-virtual.ts";
import { planRemoteRestore } from "../../snapshots/plan-remote-restore.ts";
import { chunkReader } from "../../snapshots/read-chunk.ts";
import { changesDatabase, planRestore } from "../../snapshots/restore-plan.ts";
import { planWrites } from "../../snapshots/write-plan.ts";
import { KEPT, prepareRemote } from "./prepare-remote.ts";
import type { SnapshotRestoreOptions } from "./restore-options.ts";
import type { RestoreTarget } from "./restore-target.ts";
import type { OpenStore } from "./unlock-store.ts";
import { momentInReach } from "./travel-back.ts";
import { openWanted, type WantedCopy } from "./wanted-copy.ts";

export async function openRemoteTarget(
  project: Project<SnapshotRestoreOptions>,
  { store, codec }: OpenStore,
): Promise<RestoreTarget> {
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
    async plan(now, then, snapshot) {
      const exact = planRestore(now, then);
      if (now.database === null || then.database === null || !changesDatabase(exact)) return exact;
      const writes = await planWrites({
        d1,
        codec,
        present: now.database,
        wanted: await wanted(snapshot),
        keeps: KEPT,
        built: new Map(),
      });
      const [unwritable] = writes.virtual.unwritable;
      if (unwritable !== undefined) {
        const moment = await momentInReach(project, opened.target, snapshot.manifest);
        if (moment === null) throw notWritable(unwritable);
      }
      return planRemoteRestore(now, then, writes, KEPT);
    },
    explain: (error) => error,
    // Compares the bookmarks.
    watch: () => null,
    busy: (waitedMs) => busy(opened.target, waitedMs),
    prepare: async (reading, changes) =>
      prepareRemote(project, { database: { ...opened, d1 }, wanted }, reading, changes),
    close: () => copy?.content.close(),
  };
}

function busy({ database }: Target, waitedMs: number): OpsError<"DATABASE_BUSY"> {
  const text = {
    message: `Another client wrote to the remote database ${database} each time that d1ops had taken a snapshot of it. The database was not changed: those writes would be lost.`,
    hint: "Stop the clients that write, such as your Worker. Then run the same command again.",
  };
  return new OpsError("DATABASE_BUSY", { path: database, waitedMs, holders: [] }, text);
}
