/** @module Chooses the path of a new migration file, and checks that wrangler would find it there, and run it last. */
import { fileInMigrations } from "../../config/database-settings.ts";
import type { Settings } from "../../config/wrangler-settings.ts";
import { resolve } from "node:path";
import { wouldList } from "../../files/list-migrations.ts";
import { compareNames } from "../../files/order.ts";
import { lateFinding, nameBeside } from "../../migrations/scaffold.ts";
import { OpsError } from "../../report/error.ts";
import type { Finding } from "../../report/report.ts";

export interface NewMigration {
  readonly name: string;
  readonly title: string;
  /** The other migrations, in wrangler's order. */
  readonly existing: readonly string[];
  /** The file is not written, so it cannot be moved. */
  readonly dry: boolean;
}

/** A warning if the new migration does not run last. */
export async function lateFindings(
  { name, title, existing, dry }: NewMigration,
  { projectPath, database: { migrationsDir, migrationsPattern } }: Settings,
): Promise<Finding[]> {
  const last = existing.at(-1);
  if (last === undefined || compareNames(name, last) > 0) return [];
  const beside = nameBeside(last, existing, title);
  const isBetter =
    !dry &&
    compareNames(beside, last) > 0 &&
    (await wouldList(beside, migrationsDir, migrationsPattern));
  const pathOf = (one: string): string => resolve(projectPath, migrationsDir, one);
  return [
    lateFinding({
      path: pathOf(name),
      better: isBetter ? pathOf(beside) : null,
      file: fileInMigrations(migrationsDir, name),
      last,
    }),
  ];
}

/** Relative to the project, with forward slashes. @throws OpsError MIGRATION_NAME_INVALID if wrangler and d1ops would not find the file */
export async function newFileAt(name: string, { database }: Settings): Promise<string> {
  const { migrationsDir, migrationsPattern } = database;
  const file = fileInMigrations(migrationsDir, name);
  if (await wouldList(name, migrationsDir, migrationsPattern)) return file;
  const message = `${file} would not match migrations_pattern (${migrationsPattern}), so wrangler and d1ops would not find it.`;
  const hint =
    "If an ORM writes these migrations, create this one with it. Otherwise set migrations_pattern so that it matches files in migrations_dir.";
  throw new OpsError("MIGRATION_NAME_INVALID", { name: file }, { message, hint });
}
