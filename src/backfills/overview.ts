/**
 * What `status` reports about the backfills of a database: how many are in which state, and which of them pending migrations require.
 * It uses only the names and checksums of the files: loading a file may run a program.
 * @module
 */
import { command, offer } from "../report/command.ts";
import { OpsError } from "../report/error.ts";
import { grouped } from "../report/wording.ts";
import { errorFinding } from "../report/report-body.ts";
import type { Finding, Json } from "../report/report.ts";
import { quarantinedRows } from "./backfill-state.ts";
import { requiredBackfill } from "./find-backfill.ts";
import type { Job } from "./job-report.ts";
import { isEdited, nextRun, restoreOrBeginAgain } from "./ready.ts";

export interface BackfillOverview {
  /** Follows another note; empty if the project has no backfills. */
  readonly note: string;
  readonly findings: readonly Finding[];
  readonly data: { readonly [key: string]: Json };
}

export interface PendingMigration {
  readonly name: string;
  readonly file: string;
  /** Names or numbers of backfills. */
  readonly requires: readonly string[];
}

export interface OverviewRequest {
  /** Those of the project. */
  readonly jobs: readonly Job[];
  readonly pending: readonly PendingMigration[];
  /** No migration is applied. Such a database does not wait for backfills. */
  readonly isNew: boolean;
  /** That of the present file. Null if it cannot be read. */
  readonly checksumOf: (name: string) => string | null;
}

export function backfillOverview(request: OverviewRequest): BackfillOverview {
  const { jobs, pending } = request;
  const findings = pending.flatMap((migration) =>
    migration.requires.flatMap((wanted) => requiredFinding(request, migration, wanted)),
  );
  if (jobs.length === 0) return { note: "", findings, data: {} };
  const count = (state: string): number => jobs.filter((job) => job.state === state).length;
  const quarantined = jobs.reduce(
    (sum, { progress }) => sum + (progress === undefined ? 0 : quarantinedRows(progress.counts)),
    0,
  );
  const parts = STATES.flatMap((state) => (count(state) > 0 ? [`${count(state)} ${state}`] : []));
  if (quarantined > 0) parts.push(`${grouped(quarantined)} quarantined`);
  return {
    note: `; backfills: ${parts.join(", ")}`,
    findings,
    data: {
      backfills: {
        ...Object.fromEntries(
          STATES.map((state) => [state === "not begun" ? "notBegun" : state, count(state)]),
        ),
        quarantined,
      },
    },
  };
}

/** In the order of the note. */
const STATES = ["not begun", "running", "silent", "paused", "cancelled", "scanned", "reconciled"];

/** Whether the migration may run is decided by `migrate plan`, which reads the rows. */
function requiredFinding(
  { jobs, isNew, checksumOf }: OverviewRequest,
  migration: PendingMigration,
  wanted: string,
): Finding[] {
  const { file } = migration;
  try {
    const { name, state, progress } = requiredBackfill(jobs, wanted, migration.name);
    if (isNew) return [];
    const checksum = checksumOf(name) ?? progress?.checksum ?? "";
    const edited = isEdited({ checksum }, progress);
    if (state === "reconciled" && !edited) return [];
    const run = edited
      ? restoreOrBeginAgain(name)
      : offer("To run the backfill", nextRun({ name, checksum }, progress));
    return [
      {
        file,
        rule: "requires",
        level: "warning",
        message: `${migration.name} is pending, and requires the backfill ${name}, which is ${state}${edited ? " and was edited after it began" : ""}.`,
        help: `${offer("To see whether this blocks the migration", command("migrate plan"))}\n${run}`,
        data: { backfill: name, state },
      },
    ];
  } catch (error) {
    if (!(error instanceof OpsError)) throw error;
    return [errorFinding(error, "error", { file })];
  }
}
