/**
 * `migrate new NAME`: begins a migration file with the next number.
 * @module
 */
import { writeNewFile } from "../../files/write.ts";
import { migrationTemplate, nextMigrationName } from "../../migrations/create.ts";
import { command } from "../../report/command.ts";
import type { Report } from "../../report/report.ts";
import * as kinds from "../../options/kinds.ts";
import { optionsOf } from "../../options/read.ts";
import { report, start } from "../../project/envelope.ts";
import { existingNames, placeOf } from "./new-migration.ts";
import { WRITE, type WriteOptions } from "../../project/options.ts";
import { findProject } from "../../project/open.ts";
import { runVerb } from "../../project/run-verb.ts";

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
  return runVerb("migrate new", { ...options, title: words }, async () => begin(words, options));
}

async function begin(title: string, options: WriteOptions): Promise<Report> {
  const started = start();
  const { settings } = await findProject(options);
  const name = nextMigrationName(await existingNames(settings), title);
  const { file, path } = await placeOf(name, settings);
  if (options.dryRun !== true) {
    writeNewFile(path, migrationTemplate(name, started.at.toISOString()));
  }
  return report("migrate new", null, started, {
    outcome: options.dryRun === true ? "ok" : "changed",
    summary:
      options.dryRun === true
        ? `Would create ${file}`
        : `Created ${file}: write its statements now`,
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
    // Pasted at once, an apply would record the empty file.
    next: [command("migrate plan")],
  });
}
