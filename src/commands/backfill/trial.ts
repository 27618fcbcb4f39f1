/**
 * Where a dry run works: on a copy of the database, which goes when it is closed.
 * @module
 */
import type { Backfill } from "../../backfills/backfill.ts";
import { demandNobody } from "../../backfills/begin.ts";
import { demandKey } from "../../backfills/key.ts";
import { findDatabase, type RemoteD1 } from "../../cloudflare/d1.ts";
import { copyLocal, openCopy } from "../../database/copy.ts";
import type { Database } from "../../database/port.ts";
import { isMarkOfDeadProcess } from "../../files/process.ts";
import { openRemote } from "../../database/remote.ts";
import { command, offer } from "../../report/command.ts";
import type { Check, Finding, Target } from "../../report/report.ts";
import { demandReady, type ReadyOptions } from "./ready.ts";
import { demandConfirmation } from "../../project/confirm.ts";
import type { OnProgress } from "../../report/progress.ts";
import type { WriteOptions } from "../../project/options.ts";
import { localPath, localTarget } from "../../project/open.ts";
import type { Project } from "../../project/project.ts";
import { findRemote, remoteTarget } from "../../project/remote.ts";
import { copyRemote } from "./remote-copy.ts";
import { grouped } from "../../report/grouped.ts";

export interface TrialOptions extends WriteOptions, ReadyOptions {
  readonly onProgress?: OnProgress;
}

export interface Trial {
  readonly database: Database;
  /** The beginning of a summary. */
  readonly where: string;
  readonly findings: readonly Finding[];
  readonly checks: readonly Check[];
}

/** @throws OpsError as a run does, as far as that can be told before a copy is made; and those of {@link copyRemote} */
export async function openTrial(
  project: Project<TrialOptions>,
  backfill: Backfill,
): Promise<Trial> {
  const open = project.byPlace({ local: localTrial, remote: remoteTrial });
  const trial = await open(project, backfill);
  project.closing(trial.database);
  return trial;
}

async function localTrial({ settings }: Project): Promise<Trial> {
  const { database } = settings;
  const copy = await copyLocal(localPath(settings, database));
  return {
    database: openCopy(copy, localTarget(settings, database)),
    where: "On a copy, thrown away: ",
    findings: [],
    checks: [],
  };
}

async function remoteTrial(project: Project<TrialOptions>, backfill: Backfill): Promise<Trial> {
  const { settings, options } = project;
  const remote = await findRemote(await project.connect(), settings, settings.database);
  const target = remoteTarget(remote, settings, settings.database);
  const { d1 } = openRemote(remote, target, { mode: "read" });
  demandNobody(await demandReady(project, d1, backfill), isMarkOfDeadProcess);
  await demandKey(d1, backfill);
  await confirmExport(project, remote, target, backfill);
  const { signal, onProgress } = options;
  const { database } = target;
  const { copy, findings, check } = await copyRemote(remote, { database, signal, onProgress });
  return {
    database: openCopy(copy, target),
    where: "On a copy of the remote database, thrown away: ",
    findings,
    checks: [check],
  };
}

async function confirmExport(
  project: Project<WriteOptions>,
  { api, account, id }: RemoteD1,
  target: Target,
  { name }: Backfill,
): Promise<void> {
  const { size } = await findDatabase(api, account, id);
  const bytes = size === null ? "" : ` (${grouped(size)} bytes)`;
  await demandConfirmation(project, {
    action: `take a copy for a dry run of ${name}`,
    target,
    account: null,
    steps: [],
    notes: [
      `Cloudflare exports ${target.database}${bytes} for it, and until that is done it answers no query, of anybody. Nothing is written to it.`,
    ],
    destructive: [],
    look: offer(
      "To try it on the local database, which keeps nobody waiting",
      command("backfill run", name, "--local", "--dry-run"),
    ),
  });
}
