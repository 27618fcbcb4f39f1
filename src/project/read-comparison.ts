/**
 * Reads the folder and the ledger of a database, and compares them.
 * @module
 */
import type { DatabaseSettings } from "../config/wrangler-settings.ts";
import type { D1Database } from "../database/port.ts";
import { type Comparison, compareWithLedger } from "../migrations/comparison.ts";
import { readLedger } from "../migrations/ledger.ts";
import type { Migration } from "../migrations/migration.ts";
import { openOne } from "./open-database.ts";
import type { AnyProject } from "./project.ts";
import { readMigrations } from "./read-migrations.ts";

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
