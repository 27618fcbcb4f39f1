/** @module Writes a prepared clone to a remote database, in batches. It reads only what is masked already. */
import { openFrozen } from "../../database/frozen.ts";
import { openMemory } from "../../database/memory.ts";
import { snapshotCodec as codec } from "../../files/snapshot-codec.ts";
import { interruptibleDatabase } from "../../project/interruptible.ts";
import { openDatabase } from "../../project/open-database.ts";
import type { Project } from "../../project/project.ts";
import { OpsError } from "../../report/error.ts";
import type { Target } from "../../report/report.ts";
import type { Manifest } from "../../snapshots/store/manifest.ts";
import { planRemote } from "../../snapshots/restore/plan-remote-restore.ts";
import { presentSide } from "../../snapshots/compare/present-side.ts";
import type { Wanted } from "../../snapshots/restore/wanted.ts";
import { KEPT, type Progress, writeUnderLease, writtenRemotely } from "../snapshot/write-remote.ts";
import type { Prepared } from "./build-clone.ts";
import type { CloneTarget } from "./clone-target.ts";
import type { CloneOptions } from "./options.ts";

/** `project` is at the database that is replaced. */
export async function openRemoteClone(
  project: Project<CloneOptions>,
  prepared: Prepared,
  target: Target,
): Promise<CloneTarget> {
  const opened = await openDatabase(project, project.options.dryRun === true ? "read" : "write");
  const d1 = interruptibleDatabase(opened.d1, project);
  const file = openFrozen(prepared.copy.path, target);
  const wanted = async (): Promise<Wanted> => wantedOf(prepared.manifest, file.d1);
  // No moment of the past has the content of a clone.
  const travels = async (): Promise<boolean> => false;
  const elsewhere = "A local database accepts it as TO: local, or file:PATH.sqlite.";
  return {
    explain: (error) => error,
    plan: async (now) =>
      planRemote(now, prepared.manifest, {
        d1,
        codec,
        keeps: KEPT,
        only: null,
        wanted,
        travels,
        elsewhere,
        openMemory,
      }),
    // Compares the bookmarks.
    watch: () => null,
    busy: (waitedMs) => writtenRemotely(target, waitedMs),
    async apply(_, backup) {
      const progress: Progress = { changed: false, bookmark: null, end: null };
      try {
        await writeUnderLease(project, {
          database: { ...opened, d1 },
          codec,
          wanted,
          backup,
          only: null,
          travel: travels,
          progress,
        });
        return { stop: null, remote: progress.end, bookmark: progress.bookmark };
      } catch (error) {
        if (!progress.changed || !(error instanceof OpsError)) throw error;
        return {
          stop: { error, files: new Set(), database: "in part" },
          remote: progress.end,
          bookmark: progress.bookmark,
        };
      }
    },
    close: () => file.close(),
  };
}

async function wantedOf(manifest: Manifest, copy: Wanted["copy"]): Promise<Wanted> {
  const { database } = manifest;
  if (database === null) throw new Error("a clone has a database");
  const { reader } = await presentSide({ d1: copy, codec, measured: manifest });
  return { what: "clone", database, reader, copy };
}
