/** @module `snapshot prune`: deletes old snapshots by rules, and the packs that no other snapshot needs. */
import { sameCommand } from "../../project/command-line.ts";
import { requireYes } from "../../project/confirm.ts";
import { type AnyProject, type ProjectBody, withDatabases } from "../../project/project.ts";
import { offer } from "../../report/command.ts";
import { OpsError } from "../../report/error.ts";
import type { Report } from "../../report/report.ts";
import { executePrune } from "../../snapshots/prune/prune.ts";
import { planPrune } from "../../snapshots/prune/prune-plan.ts";
import {
  deletionLines,
  deletionsOf,
  deletionText,
  type Prune,
  pruneReport,
} from "../../snapshots/report/snapshot-prune-report.ts";
import { isNamed } from "./open-store.ts";
import { readPrune, type SnapshotPruneOptions } from "./prune-options.ts";
import { policyOf } from "./prune-policy.ts";
import { openStore } from "./unlock-store.ts";

export type { SnapshotPruneOptions } from "./prune-options.ts";

/**
 * Outcome `changed`, or `ok` if there is nothing to delete, or `partial` if it failed or was interrupted part-way: then run it again.
 * @throws OpsError USAGE if the rules keep nothing, SNAPSHOT_DAMAGED, SNAPSHOT_FORMAT, NOT_CONFIRMED; then nothing was deleted
 */
export async function snapshotPrune(given: SnapshotPruneOptions): Promise<Report> {
  return withDatabases("snapshot prune", readPrune(given), prune);
}

async function prune(project: AnyProject<SnapshotPruneOptions>): Promise<ProjectBody> {
  const { options, startedAt } = project;
  const policy = policyOf(project);
  const { store, codec } = await openStore(project);
  const plan = await planPrune({
    store,
    codec,
    policy,
    isConcerned: isNamed(project),
    now: startedAt,
  });
  const found: Prune = { plan, location: store.location };
  const total = deletionsOf(plan).length;
  const body = (end: Parameters<typeof pruneReport>[1], done = found): ProjectBody => ({
    ...pruneReport(done, end),
    target: null,
  });
  if (total === 0) return body({ kind: "nothing to do" });
  if (options.dryRun === true) return body({ kind: "dry run" });
  await confirm(project, found);
  let deleted = 0;
  try {
    const executed = await executePrune({ store, codec }, plan, project.date, (done) => {
      deleted = done;
      options.onProgress?.(done, total, "deleting", { unit: "files" });
    });
    return body({ kind: "deleted" }, { ...found, plan: executed });
  } catch (error) {
    if (deleted === 0 || !(error instanceof OpsError)) throw error;
    return body({ kind: "stopped", deleted, error });
  }
}

async function confirm(
  { verb, options }: AnyProject<SnapshotPruneOptions>,
  found: Prune,
): Promise<void> {
  await requireYes(
    { verb, options },
    {
      action: `delete ${deletionText(found)}`,
      lines: deletionLines(found),
      preview: offer("To see what would be deleted", sameCommand({ verb, options }, "--dry-run")),
    },
  );
}
