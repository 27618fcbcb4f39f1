/** @module The database that a snapshot reads. */
import { openFrozen } from "../../database/frozen.ts";
import type { D1Database } from "../../database/port.ts";
import { readLedger } from "../../migrations/ledger.ts";
import { interruptibleDatabase } from "../../project/interruptible.ts";
import { emptyFileOf } from "../../project/local-state.ts";
import { localPath, localTarget, openDatabase } from "../../project/open-database.ts";
import type { Project } from "../../project/project.ts";
import { command } from "../../report/command.ts";
import { hasCode, OpsError } from "../../report/error.ts";
import type { OnProgress } from "../../report/progress.ts";
import type { Target } from "../../report/report.ts";
import type { DatabaseSource } from "../../snapshots/take/take-database.ts";
import type { TakeRequest } from "../../snapshots/take/take.ts";
import type { SnapshotOptions } from "./snapshot-options.ts";

export interface OpenSource extends DatabaseSource {
  /** Ends the reading before the command ends. Until then, no one can change the file of a local database to WAL mode. */
  readonly close: () => void;
}

/**
 * Opens the database for reading. All queries of a local one see one state, while other processes write. A remote one has a bookmark, which
 * proves this. A missing local file is an empty database.
 */
export async function sourceOf(project: Project<SnapshotOptions>): Promise<OpenSource> {
  const { settings } = project;
  const opened = await project.byPlace({
    local: async () =>
      project.closing(
        openFrozen(
          localPath(settings, settings.database),
          localTarget(settings, settings.database),
        ),
      ),
    remote: async () => openDatabase(project, "read"),
  })();
  const { d1, target, bookmark } = opened;
  return { ...(await sourceOver(project, d1, target, bookmark)), close: () => opened.close() };
}

export async function sourceOver(
  project: Project<SnapshotOptions>,
  d1: D1Database,
  source: Target,
  bookmark: DatabaseSource["bookmark"],
): Promise<DatabaseSource> {
  return {
    d1: interruptibleDatabase(d1, project),
    source,
    bookmark,
    migration: await lastMigration(d1, project.settings.database.migrationsTable),
  };
}

/**
 * For other commands, a missing or empty file is an empty database. A snapshot of nothing would be a surprise when it is needed. `without` continues
 * the hint.
 * @throws OpsError DATABASE_UNREADABLE
 */
export function requireDatabase({ settings, place }: Project<SnapshotOptions>, without = ""): void {
  const file = emptyFileOf({ settings, place }, settings.database);
  if (file === null) return;
  const { path, exists } = file;
  const problem = exists ? "is empty" : "does not exist";
  const reason = `the file ${problem}`;
  if (settings.database.file !== undefined) {
    const text = {
      message: `There is no database: ${path} ${problem}.`,
      hint: "Correct the path after file:. It is relative to the current folder.",
    };
    throw new OpsError("DATABASE_UNREADABLE", { path, reason }, text);
  }
  const message = `There is no local database: ${path} ${problem}.`;
  const hint = `\`wrangler dev\` and \`${command("migrate apply", "--local")}\` create it. If your local state is elsewhere, pass --persist-to.${without}`;
  throw new OpsError("DATABASE_UNREADABLE", { path, reason }, { message, hint });
}

/** A table that has the ledger's name and other columns is no reason to take no snapshot. */
async function lastMigration(d1: D1Database, ledger: string): Promise<string | null> {
  try {
    return (await readLedger(d1, ledger)).at(-1)?.name ?? null;
  } catch (error) {
    if (hasCode(error, "LEDGER_INVALID")) return null;
    throw error;
  }
}

/** Names the work: rows of the database, or bytes of the files. */
export function progressOf(
  { onProgress }: { readonly onProgress?: OnProgress },
  database: DatabaseSource | null,
): TakeRequest["onProgress"] {
  const name = database?.source.database ?? "files";
  return (done, total, unit) =>
    onProgress?.(done, total, unit === "rows" ? name : "files", { unit });
}
