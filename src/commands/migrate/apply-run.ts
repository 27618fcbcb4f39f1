/** @module Executes the plan of an apply: takes the lease, applies the migrations, closes the run, verifies the schema. */
import { openMemory } from "../../database/memory.ts";
import type { Database } from "../../database/port.ts";
import type { Acceptance } from "../../migrations/acceptance.ts";
import { finishedBody } from "../../migrations/apply-report.ts";
import { applyToTheEnd } from "../../migrations/finish-apply.ts";
import { costText } from "../../project/cost.ts";
import type { Author } from "../../migrations/ledger.ts";
import type { Lease } from "../../lease/lease.ts";
import { withLease } from "../../project/run-lease.ts";
import type { BookmarkOptions, WriteOptions } from "../../project/project-options.ts";
import type { Project } from "../../project/project.ts";
import { authorOf } from "../../project/runner.ts";
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
  readonly leaseSeconds: number;
}

export interface ExecutedPlan {
  readonly body: Body;
  /** Names of the migrations that this run applied. */
  readonly applied: readonly string[];
}

/** @throws OpsError if the run could not start; nothing was changed then */
export async function executePlan(
  project: Project<ApplyOptions>,
  request: PlanExecution,
): Promise<ExecutedPlan> {
  const { database, plan, bookmark: early, leaseSeconds } = request;
  const author = authorOf(project);
  const writes = plan.steps.length > 0 && plan.obstacles.length === 0;
  const run = async (lease: Lease | null): Promise<ExecutedPlan> =>
    runPlan(project, request, author, lease);
  return writes ? withLease(project, { database, early, leaseSeconds }, run) : run(null);
}

async function runPlan(
  project: Project<ApplyOptions>,
  request: PlanExecution,
  author: Author,
  lease: Lease | null,
): Promise<ExecutedPlan> {
  const { settings, options, clock, now, sleep } = project;
  const { database, allow } = request;
  const { d1, target, wroteAll } = database;
  const finished = await applyToTheEnd({
    ...request,
    d1,
    table: settings.database.migrationsTable,
    wroteAll,
    lease,
    openMemory,
    author,
    now,
    sleep,
    sleepToTheEnd: async (ms) => clock.sleep(ms),
    before: async ({ name }, done, total, { rows, billed }) => {
      const cost = done === 0 ? {} : { cost: costText(target, billed, rows) };
      options.onProgress?.(done, total, name, { unit: "migrations", ...cost });
      await project.breathe();
      return project.stopping() ? "stop" : "continue";
    },
  });
  const { ran: applied, left } = finished;
  const body = finishedBody(finished, allow);
  if (lease === null) return { body, applied };
  const { run, bookmark } = lease;
  const recorded = { ...body, data: { ...body.data, run: { id: run, bookmark } } };
  const changed = applied.length > 0 || left.length > 0;
  return { body: changed ? withWayBack(recorded, project, target, bookmark) : recorded, applied };
}
