/** @module The copy of the database that a dry run works on. d1ops deletes it when the verb ends. */
import type { Backfill } from "../../backfills/backfill.ts";
import { requireNotRunning } from "../../backfills/begin.ts";
import { copyFindings, exactnessCheck } from "../../backfills/copy-findings.ts";
import { requireKey } from "../../backfills/ready.ts";
import type { DryRunReport } from "../../backfills/run-report.ts";
import { copyLocal, openCopy } from "../../database/temporary-copy.ts";
import type { Database } from "../../database/port.ts";
import { copyRemote } from "../../database/remote-copy.ts";
import { openRemote } from "../../database/remote.ts";
import { isMarkOfDeadProcess } from "../../files/process.ts";
import { requireReadyIn } from "../../project/backfill-jobs.ts";
import { confirmExport } from "../../project/confirm-export.ts";
import { localPath, localTarget } from "../../project/open-database.ts";
import type { Project } from "../../project/project.ts";
import { findRemote, remoteTarget } from "../../project/connect-remote.ts";
import { command, offer } from "../../report/command.ts";
import type { BackfillRunOptions } from "./run-options.ts";

export interface DryRun extends DryRunReport {
  readonly database: Database;
}

/** @throws OpsError as a run does, as far as d1ops can tell before it makes a copy; and those of {@link copyRemote} */
export async function openDryRun(
  project: Project<BackfillRunOptions>,
  backfill: Backfill,
): Promise<DryRun> {
  const open = project.byPlace({ local: copyOfLocal, remote: copyOfRemote });
  const dryRun = await open(project, backfill);
  project.closing(dryRun.database);
  return dryRun;
}

async function copyOfLocal({ settings }: Project): Promise<DryRun> {
  const { database } = settings;
  const copy = await copyLocal(localPath(settings, database));
  return {
    database: openCopy(copy, localTarget(settings, database)),
    where: "a copy that was discarded",
    findings: [],
    checks: [],
  };
}

async function copyOfRemote(
  project: Project<BackfillRunOptions>,
  backfill: Backfill,
): Promise<DryRun> {
  const { settings, options } = project;
  const remote = await findRemote(await project.connect(), settings, settings.database);
  const target = remoteTarget(remote, settings, settings.database);
  const { d1 } = openRemote(remote, target, { mode: "read" });
  const before = await requireReadyIn(settings, d1, backfill, options.anew === true);
  requireNotRunning(before, isMarkOfDeadProcess);
  await requireKey(d1, backfill);
  await confirmExport(project, remote, target, {
    action: `take a copy for a dry run of ${backfill.name}`,
    preview: offer(
      "To do the dry run on the local database instead, which blocks no other client",
      command("backfill run", backfill.name, "--local", "--dry-run"),
    ),
  });
  const { signal, onProgress } = options;
  const { database } = target;
  const otherwise =
    "Run the backfill for a few rows and check them: --max-rows-written 100, without --dry-run.";
  const made = await copyRemote(remote, { database, otherwise, signal, onProgress });
  return {
    database: openCopy(made.copy, target),
    where: "a copy of the remote database that was discarded",
    findings: copyFindings(database, made),
    checks: [exactnessCheck(made)],
  };
}
