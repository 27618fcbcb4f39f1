/**
 * `migrate apply`: brings the database up to the folder, one transaction a migration, and says what stands.
 * @module
 */
import { openMemory } from "../database/memory.ts";
import { readAuthor } from "../files/author.ts";
import { applyMigrations, type ApplyResult } from "../migrations/apply.ts";
import { readLedger } from "../migrations/ledger.ts";
import { planMigrations } from "../migrations/plan.ts";
import { compareWithLedger } from "../migrations/standing.ts";
import type { OpsError } from "../report/error.ts";
import type { Report } from "../report/report.ts";
import { applyBody, lookAfterwards, withAftermath } from "./apply-report.ts";
import { report, start, toolName } from "./envelope.ts";
import { readFolder } from "./folder.ts";
import { lastOf, type MigratePlanOptions, planBody } from "./migrate-plan.ts";
import type { WriteOptions } from "./options.ts";
import { demandEnvironment, demandPlace, findProject, openDatabase } from "./project.ts";

export interface MigrateApplyOptions extends MigratePlanOptions, WriteOptions {
  /** Ends the run after the migration that is being applied; the report says what stands. */
  readonly signal?: AbortSignal;
  /** Called before each migration. */
  readonly onProgress?: (done: number, total: number, name: string) => void;
}

/**
 * Applies what is pending. Outcome `changed`, `ok` (nothing to do), `problems` (the plan was stopped, exit 3),
 * `failed` (nothing changed, exit 3), `partial` (earlier migrations of this run stand, exit 4).
 * @throws OpsError for what made it impossible to begin: nothing was changed then
 */
export async function migrateApply(options: MigrateApplyOptions = {}): Promise<Report> {
  const started = start();
  demandPlace("migrate apply", options);
  const project = await findProject(options);
  const { settings, target } = project;
  demandEnvironment("migrate apply", options, settings);
  const table = settings.database.migrationsTable;
  const folder = await readFolder(settings.projectPath, settings.database);
  const to = lastOf(folder, options.to);
  const allow = new Set(options.allow);
  const database = openDatabase(project, options.dryRun === true ? "read" : "write");
  try {
    if (options.dryRun === true) {
      const standing = compareWithLedger(folder, await readLedger(database.d1, table));
      const plan = planMigrations({ standing, to, allow }, folder);
      return report("migrate apply", target, started, {
        ...planBody(plan, allow, options),
        ...stopCode(plan.obstacles.length),
      });
    }
    const result = await applyMigrations({
      d1: database.d1,
      table,
      folder,
      to,
      allow,
      author: { ...readAuthor(settings.projectPath), tool: toolName() },
      now: () => performance.now(),
      before: async ({ name }, done, total) => {
        options.onProgress?.(done, total, name);
        // The engine is synchronous: without a pause of its own the loop would never hear a signal.
        await new Promise((resume) => setImmediate(resume));
        return options.signal?.aborted === true ? "stop" : "go on";
      },
    });
    const unable = inability(result);
    if (unable !== null) throw unable;
    const body = applyBody(result, allow, options);
    if (!wasBegun(result)) return report("migrate apply", target, started, body);
    const aftermath = await lookAfterwards({ d1: database.d1, table, folder, openMemory });
    return report("migrate apply", target, started, withAftermath(body, aftermath, options));
  } finally {
    database.close();
  }
}

/** The very first write met a lock, a full disk, a file that is no database: nothing was begun, so there is nothing to report. */
function inability({ outcomes }: ApplyResult): OpsError | null {
  if (outcomes.some(({ status }) => status === "done")) return null;
  const failed = outcomes.find((outcome) => outcome.status === "failed");
  return failed?.failure.kind === "error" ? failed.failure.error : null;
}

/** A stopped run changed nothing: that is a failure of the order to apply, not only an answer. */
function stopCode(obstacles: number): { exitCode: 3 } | Record<string, never> {
  return obstacles > 0 ? { exitCode: 3 } : {};
}

/** A plan that was stopped touched nothing, so there is nothing to look at afterwards. */
function wasBegun({ stopped, outcomes }: ApplyResult): boolean {
  return stopped !== "obstacles" || outcomes.some(({ status }) => status !== "skipped");
}
