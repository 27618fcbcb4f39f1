/** @module Confirms a restore that loses rows, files or objects of the schema. */
import { sameCommand } from "../../project/command-line.ts";
import { requireConfirmation } from "../../project/confirm.ts";
import type { Project } from "../../project/project.ts";
import { offer } from "../../report/command.ts";
import { inaccuracyFindings } from "../../snapshots/report/restore-report.ts";
import { lossFindings, type Restore } from "../../snapshots/restore/restore-losses.ts";
import { confirmLosses } from "./confirm-losses.ts";
import { type FoundRestore, resolved } from "./find-restore.ts";
import type { SnapshotRestoreOptions } from "./restore-options.ts";

/** Returns the confirmed plan. @throws OpsError NOT_CONFIRMED */
export async function confirmed(
  project: Project<SnapshotRestoreOptions>,
  found: FoundRestore,
  plan: () => Promise<FoundRestore>,
): Promise<FoundRestore> {
  return confirmLosses(found, {
    losses: lossFindings,
    confirm: async (one) => confirm(project, one),
    plan,
    isNamed: project.options.confirm !== undefined,
  });
}

/** A restore of the local database that loses nothing needs no confirmation. */
async function confirm(project: Project<SnapshotRestoreOptions>, found: Restore): Promise<void> {
  const losses = lossFindings(found);
  const typed = resolved(project, found.short);
  await requireConfirmation(typed, {
    action: `restore the snapshot ${found.short}`,
    target: found.target,
    localToo: losses.length > 0,
    notes: inaccuracyFindings(found).map(({ message }) => message),
    destructive: () => losses,
    preview: offer("To see what would be restored", sameCommand(typed, "--dry-run")),
  });
}
