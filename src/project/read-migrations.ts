/** @module Reads the migrations folder of a database, and compares it with the ledger. */
import { resolve, sep } from "node:path";
import { fileInMigrations } from "../config/database-settings.ts";
import type { DatabaseSettings, Settings } from "../config/wrangler-settings.ts";
import { collectEarly } from "../database/garbage.ts";
import type { D1Database } from "../database/port.ts";
import { hashes } from "../files/hash.ts";
import { listMigrations } from "../files/list-migrations.ts";
import { readByteText, readText } from "../files/read-text.ts";
import { type Comparison, compareWithLedger } from "../migrations/comparison.ts";
import { readLedger } from "../migrations/ledger.ts";
import { type Migration, parseMigration, unreadableMigration } from "../migrations/migration.ts";
import { OpsError } from "../report/error.ts";
import { openOne } from "./open-database.ts";
import type { AnyProject } from "./project.ts";

/**
 * Every migration of the folder, in wrangler's order. A file that is not UTF-8 is included, because it may be applied already: then its
 * text is not needed.
 * @throws OpsError of the files room
 */
export async function readMigrations(
  projectPath: string,
  { migrationsDir, migrationsPattern }: DatabaseSettings,
): Promise<Migration[]> {
  const names = await listMigrations(projectPath, migrationsDir, migrationsPattern);
  const root = resolve(projectPath, migrationsDir);
  return names.map((name) =>
    readMigration(name, fileInMigrations(migrationsDir, name), `${root}${sep}${name}`),
  );
}

/** Characters of a file from which its statements need much memory. */
const LARGE = 1_000_000;

/** The names of the files in the folder; empty if the folder does not exist yet. */
export async function existingNames({ projectPath, database }: Settings): Promise<string[]> {
  try {
    return await listMigrations(projectPath, database.migrationsDir, database.migrationsPattern);
  } catch (error) {
    if (
      error instanceof OpsError &&
      (error.code === "MIGRATIONS_NONE" || error.code === "MIGRATIONS_FOLDER_MISSING")
    )
      return [];
    throw error;
  }
}

export interface ComparisonRead {
  readonly d1: D1Database;
  readonly folder: readonly Migration[];
  readonly comparison: Comparison;
}

/** Only reads. @throws OpsError of the files room, and errors of the database */
export async function readComparison(
  project: AnyProject,
  database: DatabaseSettings,
): Promise<ComparisonRead> {
  const folder = await readMigrations(project.settings.projectPath, database);
  const { d1 } = await openOne(project, database, "read");
  const ledger = await readLedger(d1, database.migrationsTable);
  return { d1, folder, comparison: compareWithLedger(folder, ledger) };
}

function readMigration(name: string, file: string, path: string): Migration {
  try {
    const text = readText(path);
    if (text.length > LARGE) collectEarly();
    return parseMigration({ name, file, text }, hashes);
  } catch (error) {
    if (!(error instanceof OpsError) || error.code !== "MIGRATION_NOT_UTF8") throw error;
    const bytes = readByteText(path);
    const checksum = hashes.sha256(bytes);
    const textMark = (recorded: string): string => hashes.textMark(recorded, bytes);
    return unreadableMigration({ name, file, checksum, textMark }, error);
  }
}
