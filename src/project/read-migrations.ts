/**
 * Reads the migrations folder of a database.
 * @module
 */
import { resolve, sep } from "node:path";
import { fileInMigrations } from "../config/database-settings.ts";
import type { DatabaseSettings } from "../config/wrangler-settings.ts";
import { sha256 } from "../files/hash.ts";
import { listMigrations } from "../files/list-migrations.ts";
import { readByteText, readText } from "../files/read-text.ts";
import { type Migration, parseMigration, unreadableMigration } from "../migrations/migration.ts";
import { OpsError } from "../report/error.ts";

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

function readMigration(name: string, file: string, path: string): Migration {
  try {
    return parseMigration({ name, file, text: readText(path) }, sha256);
  } catch (error) {
    if (!(error instanceof OpsError) || error.code !== "MIGRATION_NOT_UTF8") throw error;
    const bytes = readByteText(path);
    const textMark = (recorded: string): string => sha256([recorded, "\n", bytes]);
    return unreadableMigration({ name, file, checksum: sha256(bytes), textMark }, error);
  }
}
