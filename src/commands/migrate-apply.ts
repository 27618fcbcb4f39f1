/**
 * `migrate apply`: brings the database up to the folder, one transaction a migration, and says what stands.
 * @module
 */
import { readAuthor } from "../files/author.ts";
import { openMemory } from "../database/memory.ts";
import { applyMigrations, type ApplyResult, type MigrationOutcome } from "../migrations/apply.ts";
import { failureFinding } from "../migrations/findings.ts";
import { type Applied, readLedger } from "../migrations/ledger.ts";
import { planMigrations } from "../migrations/plan.ts";
import { compareWithLedger } from "../migrations/standing.ts";
import type { OpsError } from "../report/error.ts";
import type { Finding, Report, Step } from "../report/report.ts";
import { commandLine } from "./again.ts";
import { type Body, report, start, toolName } from "./envelope.ts";
import { readFolder } from "./folder.ts";
import { verification } from "./migrate-verify.ts";
import { lastOf, type MigratePlanOptions, planBody, problemFindings } from "./migrate-plan.ts";
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
    if (
      result.stopped === "obstacles" &&
      result.outcomes.every(({ status }) => status === "skipped")
    ) {
      return report("migrate apply", target, started, body);
    }
    const applied = await readLedger(database.d1, table);
    const verified = await verification(
      { d1: database.d1, table, folder, applied, openMemory },
      "warning",
    );
    return report("migrate apply", target, started, {
      ...body,
      steps: withRows(body.steps ?? [], applied),
      findings: [...(body.findings ?? []), ...verified.findings],
      checks: [verified.check],
      next:
        verified.findings.length > 0
          ? [...(body.next ?? []), commandLine("migrate verify", options)]
          : (body.next ?? []),
    });
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

function applyBody(
  result: ApplyResult,
  allow: MigrateApplyAllow,
  options: MigrateApplyOptions,
): Body {
  const { outcomes, plan, stopped } = result;
  const done = outcomes.filter(({ status }) => status === "done").length;
  const others = outcomes.filter(({ status }) => status === "applied by someone else").length;
  const rest = {
    steps: outcomes.map(step),
    data: applyData(outcomes),
    findings: findings(result, allow),
  };
  if (stopped === "no") {
    return { ...rest, outcome: done > 0 ? "changed" : "ok", summary: summary(done, others) };
  }
  const outcome =
    stopped === "obstacles" && done === 0 ? "problems" : done > 0 ? "partial" : "failed";
  return {
    ...rest,
    outcome,
    exitCode: stopped === "interrupt" ? 130 : done > 0 ? 4 : 3,
    summary: `${stopReason(result)}: ${done} of ${plan.steps.length} applied`,
    next: stopped === "obstacles" ? [] : [commandLine("migrate apply", options)],
  };
}

type MigrateApplyAllow = Parameters<typeof problemFindings>[1];

function stopReason({ stopped, outcomes, obstacles }: ApplyResult): string {
  if (stopped === "interrupt") return "Interrupted";
  if (stopped === "obstacles")
    return obstacles.length === 1
      ? "Stopped by a problem"
      : `Stopped by ${obstacles.length} problems`;
  return `${outcomes.find(({ status }) => status === "failed")?.migration.name ?? "A migration"} failed`;
}

function summary(done: number, others: number): string {
  const own =
    done === 0 ? "Nothing to apply" : `${done} ${done === 1 ? "migration" : "migrations"} applied`;
  return others === 0 ? own : `${own}, ${others} applied by someone else meanwhile`;
}

function step(outcome: MigrationOutcome): Step {
  const base = {
    name: outcome.migration.name,
    durationMs: null,
    rowsRead: null,
    rowsWritten: null,
  };
  switch (outcome.status) {
    case "done":
      return { ...base, status: "done", durationMs: rounded(outcome.durationMs) };
    case "failed":
      return { ...base, status: "failed", durationMs: rounded(outcome.durationMs) };
    case "applied by someone else":
      return { ...base, status: "skipped", note: "applied by someone else meanwhile" };
    case "skipped":
      return { ...base, status: "skipped" };
  }
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}

function applyData(outcomes: readonly MigrationOutcome[]): NonNullable<Body["data"]> {
  const named = (status: MigrationOutcome["status"]): string[] =>
    outcomes.filter((outcome) => outcome.status === status).map(({ migration }) => migration.name);
  return {
    applied: named("done"),
    byOthers: named("applied by someone else"),
    pending: [...named("failed"), ...named("skipped")],
  };
}

function findings(result: ApplyResult, allow: MigrateApplyAllow): Finding[] {
  const failures = result.outcomes.flatMap((outcome) =>
    outcome.status === "failed" ? [failureFinding(outcome.migration, outcome.failure)] : [],
  );
  const late = result.obstacles.filter((problem) => !result.plan.problems.includes(problem));
  const known = problemFindings(
    { ...result.plan, problems: [...result.plan.problems, ...late] },
    allow,
  );
  return [...known, ...failures];
}

/** What our ledger counted in the same transaction. */
function withRows(steps: readonly Step[], applied: readonly Applied[]): Step[] {
  const records = new Map(applied.map(({ name, record }) => [name, record]));
  return steps.map((one) =>
    one.status === "done"
      ? { ...one, rowsWritten: records.get(one.name)?.rowsWritten ?? null }
      : one,
  );
}
