/** @module Chooses the path of a new migration file, and checks that wrangler would find it there. */
import { fileInMigrations } from "../../config/database-settings.ts";
import type { Settings } from "../../config/wrangler-settings.ts";
import { wouldList } from "../../files/list-migrations.ts";
import { OpsError } from "../../report/error.ts";

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
