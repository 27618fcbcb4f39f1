/** @module The state of the project's backfills in a database, and whether one of them may run there. */
import { resolve } from "node:path";
import type { Backfill } from "../backfills/backfill.ts";
import { type Progress, readProgress } from "../backfills/backfill-state.ts";
import { type Job, jobOf } from "../backfills/job-report.ts";
import { type BackfillOverview, backfillOverview } from "../backfills/overview.ts";
import { requireReady } from "../backfills/ready.ts";
import type { DatabaseSettings, ProjectSettings, Settings } from "../config/wrangler-settings.ts";
import type { D1Database } from "../database/port.ts";
import { sha256 } from "../files/hash.ts";
import { nullIfThrows } from "../files/null-if-throws.ts";
import { isMarkOfDeadProcess } from "../files/process.ts";
import { readText } from "../files/read-text.ts";
import type { Comparison } from "../migrations/comparison.ts";
import { readLedger } from "../migrations/ledger.ts";
import { listBackfills } from "./read-backfills.ts";
import { existingNames } from "./read-migrations.ts";

/** Each backfill with its state in the database. One request. */
export async function readJobs<B extends { readonly name: string }>(
  d1: D1Database,
  backfills: readonly B[],
): Promise<{ readonly backfill: B; readonly job: Job }[]> {
  const progress = new Map((await readProgress(d1)).map((one) => [one.name, one]));
  return backfills.map((backfill) => ({
    backfill,
    job: jobOf(backfill.name, progress.get(backfill.name), isMarkOfDeadProcess),
  }));
}

/** Makes one request, or none if there are no backfills. */
export async function readOverview(
  settings: ProjectSettings,
  database: DatabaseSettings,
  d1: D1Database,
  { applied, pending }: Comparison,
): Promise<BackfillOverview> {
  const files = listBackfills(settings, database);
  const found = files.length === 0 ? [] : await readJobs(d1, files);
  const jobs = found.map(({ job }) => job);
  return backfillOverview({
    jobs,
    pending,
    isNew: applied.length === 0,
    checksumOf: (name) => {
      const file = files.find((one) => one.name === name)?.file ?? "";
      return nullIfThrows(() => sha256(readText(resolve(settings.projectPath, file))));
    },
  });
}

/** Returns the progress of earlier runs. @throws OpsError BACKFILL_NOT_READY */
export async function requireReadyIn(
  settings: Settings,
  d1: D1Database,
  backfill: Backfill,
  anew: boolean,
): Promise<Progress | undefined> {
  const { migrationsTable } = settings.database;
  return requireReady({
    d1,
    backfill,
    anew,
    migrations: async () => existingNames(settings),
    applied: async () => (await readLedger(d1, migrationsTable)).map(({ name }) => name),
  });
}
