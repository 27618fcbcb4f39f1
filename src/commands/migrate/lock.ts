/** @module `migrate lock`: shows the lease of a remote database and its last runs. After confirmation, releases a lease whose holder has died. */
import type { Database } from "../../database/port.ts";
import { untilKnown } from "../../failure/retry.ts";
import { endStatement, readRuns, type Run } from "../../lease/runs.ts";
import { lockBody, runsBody } from "../../migrations/lock-report.ts";
import { optionsOf } from "../../options/check-options.ts";
import * as kinds from "../../options/kinds.ts";
import { requireConfirmation } from "../../project/confirm.ts";
import { openDatabase } from "../../project/open-database.ts";
import { WRITE, type WriteOptions } from "../../project/project-options.ts";
import { requireUninterrupted } from "../../project/interruption.ts";
import { type Project, withProject, withWritingProject } from "../../project/project.ts";
import { authorOf } from "../../project/runner.ts";
import { command, offer } from "../../report/command.ts";
import type { Body } from "../../report/report-body.ts";
import type { Report } from "../../report/report.ts";

export interface MigrateLockOptions extends WriteOptions {
  /** Ends the lease. Its holder cannot write any more: its next batch fails. */
  readonly release?: boolean;
}

const readOptions = optionsOf<MigrateLockOptions>("migrateLock", {
  ...WRITE,
  release: kinds.optional(kinds.flag),
});

/** The number of runs in the report. */
const SHOWN = 10;

/** Returns outcome `ok` if the lease is free, `problems` (exit 1) if a run holds it, `changed` if it was released. */
export async function migrateLock(given: MigrateLockOptions = {}): Promise<Report> {
  const options = readOptions(given);
  const release = options.release === true;
  const bracket = release ? withWritingProject : withProject;
  return bracket("migrate lock", options, async (project) => {
    const writes = release && options.dryRun !== true;
    const database = await openDatabase(project, writes ? "write" : "read");
    const runs = await readRuns(database.d1, SHOWN);
    const holder = runs.find(({ holds }) => holds);
    if (writes && holder !== undefined) {
      const body = await releaseLease(project, database, holder);
      return { ...body, ...runsBody(await readRuns(database.d1, SHOWN)) };
    }
    const note = project.byPlace({
      local: ": SQLite's own lock protects a local database",
      remote: "",
    });
    return { ...lockBody(runs, note), ...runsBody(runs) };
  });
}

async function releaseLease(
  project: Project<WriteOptions>,
  { d1, target }: Database,
  holder: Run,
): Promise<Body> {
  await requireConfirmation(project, {
    action: `release the lease of run ${holder.id} (${holder.holder}, until ${holder.expiresAt})`,
    target,
    preview: offer("To show it", command("migrate lock")),
  });
  requireUninterrupted(project);
  const by = authorOf(project).appliedBy ?? "an unknown user";
  // Ending a run is idempotent, so it can be retried after a lost answer.
  await untilKnown(project.sleep, async () =>
    endStatement(d1, holder.nonce, `released by ${by}`).run(),
  );
  return {
    outcome: "changed",
    summary: `The lease of run ${holder.id} (${holder.holder}) is released`,
  };
}
