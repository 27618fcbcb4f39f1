/**
 * Reads the migrations folder of a database.
 * @module
 */
import { resolve } from "node:path";
import type { DatabaseSettings } from "../config/settings.ts";
import { sha256 } from "../files/hash.ts";
import { listMigrations } from "../files/list.ts";
import { readText } from "../files/read.ts";
import { type Migration, parseMigration } from "../migrations/migration.ts";

/** Every migration of the folder, in wrangler's order. @throws OpsError of the files room */
export async function readFolder(
  projectPath: string,
  { migrationsDir, migrationsPattern }: DatabaseSettings,
): Promise<Migration[]> {
  const names = await listMigrations(projectPath, migrationsDir, migrationsPattern);
  return names.map((name) => {
    const file = migrationsDir === "." ? name : `${migrationsDir}/${name}`;
    return parseMigration({ name, file, text: readText(resolve(projectPath, file)) }, sha256);
  });
}
