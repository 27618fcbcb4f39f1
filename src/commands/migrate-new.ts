/**
 * `migrate new NAME`: begins a migration file with the next number.
 * @module
 */
import { resolve } from "node:path";
import { listMigrations, wouldList } from "../files/list.ts";
import { writeNewFile } from "../files/write.ts";
import { migrationTemplate, nextMigrationName } from "../migrations/create.ts";
import { command } from "../report/command.ts";
import { OpsError } from "../report/error.ts";
import type { Report } from "../report/report.ts";
import * as kinds from "../options/kinds.ts";
import { optionsOf } from "../options/read.ts";
import { report, start } from "./envelope.ts";
import { WRITE, type WriteOptions } from "./options.ts";
import { findProject } from "./project.ts";
import { runVerb } from "./run-verb.ts";

interface NewRequest {
  readonly title: string;
  readonly options: WriteOptions;
}

const readRequest = optionsOf<NewRequest>("migrateNew", {
  title: kinds.text,
  options: kinds.object<WriteOptions>(WRITE),
});

/** Creates the folder if need be. @throws OpsError MIGRATION_NAME_INVALID, MIGRATION_EXISTS, FILE_UNWRITABLE */
export async function migrateNew(title: string, given: WriteOptions = {}): Promise<Report> {
  const { title: words, options } = readRequest({ title, options: given });
  return runVerb("migrate new", options, async () => begin(words, options));
}

async function begin(title: string, options: WriteOptions): Promise<Report> {
  const started = start();
  const { settings } = await findProject(options);
  const { migrationsDir, migrationsPattern } = settings.database;
  const existing = await existingNames(settings.projectPath, migrationsDir, migrationsPattern);
  const name = nextMigrationName(existing, title);
  const file = migrationsDir === "." ? name : `${migrationsDir}/${name}`;
  if (!(await wouldList(name, migrationsDir, migrationsPattern)))
    throw unfindable(file, migrationsPattern);
  if (options.dryRun !== true) {
    writeNewFile(
      resolve(settings.projectPath, file),
      migrationTemplate(name, started.at.toISOString()),
    );
  }
  return report("migrate new", null, started, {
    outcome: options.dryRun === true ? "ok" : "changed",
    summary: options.dryRun === true ? `Would create ${file}` : `Created ${file}`,
    steps: [
      {
        name: file,
        status: options.dryRun === true ? "planned" : "done",
        durationMs: null,
        rowsRead: null,
        rowsWritten: null,
      },
    ],
    data: { name, file },
    next: [command("migrate plan"), command("migrate apply")],
  });
}

/** A file that wrangler would not pick up, and so neither would we, is no migration. */
function unfindable(file: string, pattern: string): OpsError {
  return new OpsError(
    "MIGRATION_NAME_INVALID",
    { name: file },
    {
      message: `${file} would not match migrations_pattern (${pattern}), so nobody would find it.`,
      hint: "If an ORM writes these migrations, let it make this one; otherwise set migrations_pattern to match files in migrations_dir.",
    },
  );
}

async function existingNames(projectPath: string, dir: string, pattern: string): Promise<string[]> {
  try {
    return await listMigrations(projectPath, dir, pattern);
  } catch (error) {
    if (
      error instanceof OpsError &&
      (error.code === "MIGRATIONS_NONE" || error.code === "MIGRATIONS_FOLDER_MISSING")
    )
      return [];
    throw error;
  }
}
