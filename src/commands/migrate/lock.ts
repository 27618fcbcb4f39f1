/**
 * `migrate lock`: who runs at a remote database, who did, and, confirmed, an end to a lease that nobody will end any more.
 * @module
 */
import { untilKnown } from "../../failure/retry.ts";
import type { Database } from "../../database/port.ts";
import { readAuthor } from "../../files/author.ts";
import { endStatement, readRuns, type Run } from "../../lease/runs.ts";
import { command, offer } from "../../report/command.ts";
import type { Json, Report, Step } from "../../report/report.ts";
import * as kinds from "../../options/kinds.ts";
import { optional } from "../../options/kinds.ts";
import { optionsOf } from "../../options/check-options.ts";
import { demandConfirmation } from "../../project/confirm.ts";
import type { Body } from "../../report/report-body.ts";
import { WRITE, type WriteOptions } from "../../project/options.ts";
import { openDatabase } from "../../project/open.ts";
import { type Project, withProject } from "../../project/project.ts";

export interface MigrateLockOptions extends WriteOptions {
  /** Ends the lease. Whoever holds it cannot write any more: its next batch is refused. */
  readonly release?: boolean;
}

const readOptions = optionsOf<MigrateLockOptions>("migrateLock", {
  ...WRITE,
  release: optional(kinds.flag),
});

const SHOWN = 10;

/** Outcome `ok` where the lease is free, `problems` (exit 1) where somebody holds it, `changed` where it was released. */
export async function migrateLock(given: MigrateLockOptions = {}): Promise<Report> {
  const options = readOptions(given);
  const release = options.release === true;
  return withProject("migrate lock", options, { place: release }, async (project) => {
    const writes = release && options.dryRun !== true;
    const database = await openDatabase(project, writes ? "write" : "read");
    const before = await readRuns(database.d1, SHOWN);
    const holder = before.find(({ holds }) => holds);
    const releases = writes && holder !== undefined;
    const body = releases ? await released(project, database, holder) : shown(project, holder);
    const runs = releases ? await readRuns(database.d1, SHOWN) : before;
    const held = runs.find(({ holds }) => holds);
    return {
      ...body,
      steps: runs.map(stepOf),
      data: { held: held === undefined ? null : dataOf(held), runs: runs.map(dataOf) },
    };
  });
}

function shown({ byPlace }: Project, holder: Run | undefined): Body {
  if (holder === undefined) {
    const why = byPlace({ local: ": a local database is kept by SQLite's own lock", remote: "" });
    return { outcome: "ok", summary: `Nobody holds the lease${why}` };
  }
  return {
    outcome: "problems",
    summary: `${holder.holder} holds the lease until ${holder.expiresAt} (run ${holder.id})`,
    findings: [
      {
        rule: "lease-held",
        level: "info",
        message: `${holder.holder} runs \`${holder.command}\` since ${holder.startedAt}${holder.last === null ? "" : `; the last thing that it did was ${holder.last}`}.`,
        help: `${offer("If it is dead, its lease ends by itself. To end it now", command("migrate lock", "--release"))}\nIf the runner is alive after all, it cannot write after that.`,
      },
    ],
    next: [command("migrate lock", "--release")],
  };
}

async function released(
  project: Project<WriteOptions>,
  { d1, target }: Database,
  holder: Run,
): Promise<Body> {
  await demandConfirmation(project, {
    action: `release the lease of run ${holder.id} (${holder.holder}, until ${holder.expiresAt})`,
    target,
    account: null,
    steps: [],
    destructive: [],
    look: offer("To look at it", command("migrate lock")),
  });
  const by = readAuthor(project.settings.projectPath).appliedBy ?? "somebody";
  // Ending a run twice is ending it once.
  await untilKnown(project.sleep, async () =>
    endStatement(d1, holder.id, `released by ${by}`).run(),
  );
  return {
    outcome: "changed",
    summary: `The lease of run ${holder.id} (${holder.holder}) is released`,
  };
}

function stepOf(run: Run): Step {
  const { id, holder, startedAt, endedAt, ending, holds } = run;
  const state = holds ? "holds the lease" : (ending ?? "expired");
  return {
    name: `run ${id}`,
    status: holds ? "planned" : "done",
    durationMs: endedAt === null ? null : Date.parse(endedAt) - Date.parse(startedAt),
    rowsRead: null,
    rowsWritten: null,
    note: `${run.command}, ${startedAt}, ${holder}: ${state}`,
  };
}

function dataOf(run: Run): { readonly [key: string]: Json } {
  const { id, holder, tool, bookmark, startedAt, expiresAt, endedAt, ending, last } = run;
  return {
    id,
    command: run.command,
    holder,
    tool,
    bookmark,
    startedAt,
    expiresAt,
    endedAt,
    ending,
    last,
  };
}
