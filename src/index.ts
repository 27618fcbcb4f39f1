/**
 * The library: every verb of the command line as a function that returns a `Report`.
 *
 * ```ts
 * import { migrateApply } from "d1ops";
 * const report = await migrateApply({ cwd: "apps/shop", place: "local" });
 * if (report.exitCode !== 0) throw new Error(report.summary);
 * ```
 * @module
 */
export type { Verdict, Write } from "./backfills/backfill.ts";
export { type BackfillDefinition, defineBackfill } from "./backfills/define.ts";
export { auditTables, type AuditTablesOptions } from "./commands/audit/tables.ts";
export { backfillCancel, type BackfillCancelOptions } from "./commands/backfill/cancel.ts";
export { backfillNew, type BackfillNewOptions } from "./commands/backfill/new.ts";
export { backfillRun, type BackfillRunOptions } from "./commands/backfill/run.ts";
export { backfillList } from "./commands/backfill/list.ts";
export { backfillStatus } from "./commands/backfill/status.ts";
export { clone } from "./commands/clone.ts";
export type { CloneOptions } from "./commands/clone/options.ts";
export { init } from "./commands/init.ts";
export { doctor } from "./commands/doctor.ts";
export { migrateApply, type MigrateApplyOptions } from "./commands/migrate/apply.ts";
export { migrateLock, type MigrateLockOptions } from "./commands/migrate/lock.ts";
export { migrateNew } from "./commands/migrate/new.ts";
export { migratePlan, type MigratePlanOptions } from "./commands/migrate/plan.ts";
export { migrateStatus, type MigrateStatusOptions } from "./commands/migrate/status.ts";
export { migrateVerify } from "./commands/migrate/verify.ts";
export { onboardInit } from "./commands/onboard/init.ts";
export type { OnboardOptions } from "./commands/onboard/options.ts";
export { onboardRun, type OnboardRunOptions } from "./commands/onboard/run.ts";
export { onboardAgents } from "./commands/onboard/agents.ts";
export { onboardAssistant, type OnboardAssistantOptions } from "./commands/onboard/assistant.ts";
export { onboardBusiness, type OnboardBusinessOptions } from "./commands/onboard/business.ts";
export { onboardComplete } from "./commands/onboard/complete.ts";
export { onboardKnowledge, type OnboardKnowledgeOptions } from "./commands/onboard/knowledge.ts";
export { onboardStart, type OnboardStartOptions } from "./commands/onboard/start.ts";
export { onboardStatus } from "./commands/onboard/status.ts";
export type { OnboardSessionOptions } from "./commands/onboard/session-options.ts";
export type { ProjectOptions, WriteOptions } from "./project/project-options.ts";
export { openLocal, openMemory } from "./commands/open-local.ts";
export { openRemote, type OpenRemoteOptions } from "./commands/open-remote.ts";
export { renderReport, type RenderReportOptions } from "./commands/render-report.ts";
export { snapshotCopy, type SnapshotCopyOptions } from "./commands/snapshot/copy.ts";
export { snapshotDiff, type SnapshotDiffOptions } from "./commands/snapshot/diff.ts";
export { snapshotKeys, type SnapshotKeysOptions } from "./commands/snapshot/keys.ts";
export { snapshotList } from "./commands/snapshot/list.ts";
export { snapshotPrune, type SnapshotPruneOptions } from "./commands/snapshot/prune.ts";
export { snapshotRestore, type SnapshotRestoreOptions } from "./commands/snapshot/restore.ts";
export { snapshotShow, type SnapshotShowOptions } from "./commands/snapshot/show.ts";
export type { SnapshotOptions } from "./commands/snapshot/snapshot-options.ts";
export { snapshotTake, type SnapshotTakeOptions } from "./commands/snapshot/take.ts";
export { snapshotVerify, type SnapshotVerifyOptions } from "./commands/snapshot/verify.ts";
export { status } from "./commands/status.ts";
export { type D1Failure, type Database, type D1Database } from "./database/port.ts";
export { type ErrorCode, type ErrorDetails, OpsError } from "./error-codes.ts";
export type { OptionProblem } from "./report/error.ts";
export type {
  Check,
  ExitCode,
  Finding,
  Json,
  Outcome,
  Report,
  Step,
  Target,
  UsedSetting,
} from "./report/report.ts";
