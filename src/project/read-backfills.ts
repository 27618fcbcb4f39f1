/** @module Reads the backfills of a database: the files in the folder `backfills` beside its migrations, which wrangler ignores. */
import { existsSync, readdirSync } from "node:fs";
import { basename, resolve } from "node:path";
import { type Backfill, invalid } from "../backfills/backfill.ts";
import { BACKFILL_ENDING, backfillName } from "../backfills/find-backfill.ts";
import { parseSqlBackfill } from "../backfills/parse-sql.ts";
import { fileInMigrations } from "../config/database-settings.ts";
import type { DatabaseSettings, ProjectSettings } from "../config/wrangler-settings.ts";
import { sha256 } from "../files/hash.ts";
import { readable, readText } from "../files/read-text.ts";
import { loadProgram } from "./load-program.ts";
import type { Project } from "./project.ts";
import { secondsOf } from "./seconds.ts";

/** The time limit of loading a program, and of its `prepare`. */
const PROGRAM_SECONDS = 60;

/** Sorted by name. Empty if the folder does not exist. @throws OpsError BACKFILL_INVALID, MIGRATION_UNREADABLE */
export async function readBackfills({
  settings,
  variables,
}: Pick<Project, "settings" | "variables">): Promise<Backfill[]> {
  const seconds = secondsOf(variables, "D1OPS_PROGRAM_SECONDS", PROGRAM_SECONDS);
  const found: Backfill[] = [];
  for (const { file } of listBackfills(settings, settings.database)) {
    const backfill = await read(resolve(settings.projectPath, file), file, seconds);
    const twin = found.find((other) => other.name === backfill.name);
    if (twin !== undefined) {
      throw invalid(backfill.file, null, `${twin.file} has the same name: ${backfill.name}.`);
    }
    found.push(backfill);
  }
  return found;
}

/** The names alone, without reading a file or running a program. */
export function listBackfills(
  { projectPath }: ProjectSettings,
  { migrationsDir }: DatabaseSettings,
): { readonly name: string; readonly file: string }[] {
  const files = filesOf(resolve(projectPath, migrationsDir, "backfills"));
  return files.map((name) => ({
    name: backfillName(name),
    file: fileInMigrations(migrationsDir, `backfills/${name}`),
  }));
}

function filesOf(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readable(folder, () => readdirSync(folder))
    .filter(
      (name) => BACKFILL_ENDING.test(name) && !name.startsWith(".") && !name.endsWith(".d.ts"),
    )
    .sort();
}

async function read(path: string, file: string, seconds: number): Promise<Backfill> {
  const text = readText(path);
  const name = backfillName(basename(path));
  const source = { name, file, text, checksum: sha256(text) };
  return path.endsWith(".sql") ? parseSqlBackfill(source) : loadProgram(path, source, seconds);
}
