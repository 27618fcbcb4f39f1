/** @module Executes the plan of an apply: takes the lease, applies the migrations, closes the run, verifies the schema. */
import { setImmediate } from "node:timers/promises";
import { openMemory } from "../../database/memory.ts";
import type { Database } from "../../database/port.ts";
import { type Acceptance, recordAcceptances } from "../../migrations/acceptance.ts";
import {
  applyBody,
  closeAndVerify,
  withAcceptances,
  withFinalCheck,
} from "../../migrations/apply-report.ts";
import { applyMigrations } from "../../migrations/apply.ts";
import { locateFailures } from "../../migrations/locate.ts";
import {
  acceptancesLeft,
  appliedNames,
  endingOf,
  startupError,
  wasStarted,
} from "../../migrations/migration-run.ts";
import { costText } from "../../project/cost.ts";
import type { Author } from "../../migrations/ledger.ts";
import type { Lease } from "../../lease/lease.ts";
import { withLease } from "../../project/run-lease.ts";
import type { BookmarkOptions, WriteOptions } from "../../project/project-options.ts";
import type { Project } from "../../project/project.ts";
import { runnerOf } from "../../project/runner.ts";
import { withWayBack } from "../../project/way-back.ts";
import type { Body } from "../../report/report-body.ts";
import type { OnProgress } from "../../report/progress.ts";
import type { PlanRead } from "./read-plan.ts";

type ApplyOptions = WriteOptions & BookmarkOptions & { readonly onProgress?: OnProgress };

/** A confirmed plan, and what it runs on. */
export interface PlanExecution extends PlanRead {
  readonly database: Database;
  readonly accepts: readonly Acceptance[];
  /** The bookmark, if it was requested early. */
  readonly bookmark: Promise<string | null> | null;
}

export interface Run {
  readonly body: Body;
  /** Names of the migrations that this run applied. */
  readonly applied: readonly string[];
}

/** @throws OpsError if the run could not start; nothing was changed then */
export async function executePlan(
  project: Project<ApplyOptions>,
  request: PlanExecution,
): Promise<Run> {
  const { database, plan, bookmark: early } = request;
  const runner = runnerOf(project);
  const writes = plan.steps.length > 0 && plan.obstacles.length === 0;
  const run = async (lease: Lease | null): Promise<Run> =>
    runPlan(project, request, runner.author, lease);
  return writes ? withLease(project, { database, runner, early }, run) : run(null);
}

async function runPlan(
  project: Project<ApplyOptions>,
  request: PlanExecution,
  author: Author,
  lease: Lease | null,
): Promise<Run> {
  const { settings, options, clock, now, sleep } = project;
  const { database, allow, accepts } = request;
  const { d1, target } = database;
  const table = settings.database.migrationsTable;
  const common = { ...request, d1, table, lease, openMemory };
  const raw = await applyMigrations({
    ...common,
    author,
    now,
    sleep,
    before: async ({ name }, done, total, { rows, billed }) => {
      const cost = done === 0 ? {} : { cost: costText(target, billed, rows) };
      options.onProgress?.(done, total, name, { unit: "migrations", ...cost });
      // The local engine is synchronous: without this pause, the event loop would never deliver a signal.
      await setImmediate();
      return project.stopping() ? "stop" : "continue";
    },
  });
  const result = await locateFailures(raw, common);
  const ran = appliedNames(result);
  const final = wasStarted(result)
    ? await closeAndVerify({
        ...common,
        ending: endingOf(result),
        sleep: async (ms) => clock.sleep(ms),
        ran,
        wroteAll: database.wroteAll,
      })
    : null;
  const failure = startupError(result);
  if (failure !== null) throw failure;
  const left = acceptancesLeft(result, accepts);
  if (left.length > 0) await recordAcceptances(left, { d1, table, author, sleep });
  const report = applyBody(result, allow);
  const body = withAcceptances(final === null ? report : withFinalCheck(report, final), left);
  if (lease === null) return { body, applied: ran };
  const { run, bookmark } = lease;
  const recorded = { ...body, data: { ...body.data, run: { id: run, bookmark } } };
  const changed = ran.length > 0 || left.length > 0;
  return {
    body: changed ? withWayBack(recorded, project, target, bookmark) : recorded,
    applied: ran,
  };
}
