/** @module `migrate new NAME`: creates a migration file with the next number. */
import { resolve } from "node:path";
import { writeNewFile } from "../../files/write.ts";
import { migrationTemplate, nextMigrationName } from "../../migrations/scaffold.ts";
import { command } from "../../report/command.ts";
import type { Report } from "../../report/report.ts";
import * as kinds from "../../options/kinds.ts";
import { optionsOf } from "../../options/check-options.ts";
import { existingNames } from "../../project/read-migrations.ts";
import { lateFindings, newFileAt } from "./new-migration.ts";
import { WRITE, type WriteOptions } from "../../project/project-options.ts";
import { requireUninterrupted } from "../../project/interruption.ts";
import { withProject } from "../../project/project.ts";
import { step } from "../../report/report-body.ts";

interface NewRequest {
  readonly title: string;
  readonly options: WriteOptions;
}

const readRequest = optionsOf<NewRequest>("migrateNew", {
  title: kinds.text,
  options: kinds.object<WriteOptions>(WRITE),
});

/** Creates the folder if needed. @throws OpsError MIGRATION_NAME_INVALID, MIGRATION_EXISTS, FILE_UNWRITABLE */
export async function migrateNew(title: string, given: WriteOptions = {}): Promise<Report> {
  const { title: words, options } = readRequest({ title, options: given });
  return withProject(
    "migrate new",
    { ...options, title: words },
    async ({ settings, startedAt, stopping }) => {
      const dry = options.dryRun === true;
      const existing = await existingNames(settings);
      const name = nextMigrationName(existing, words);
      const file = await newFileAt(name, settings);
      const path = resolve(settings.projectPath, file);
      requireUninterrupted({ stopping });
      if (!dry) writeNewFile(path, migrationTemplate(name, startedAt.toISOString()));
      return {
        outcome: dry ? "ok" : "changed",
        summary: dry ? `Would create ${file}` : `Created ${file}: write its statements now`,
        steps: [step(file, dry ? "planned" : "done")],
        findings: await lateFindings({ name, title: words, existing, dry }, settings),
        data: { name, file },
        // Not `migrate apply`: pasted at once, it would record the empty file.
        next: [dry ? command("migrate new", words) : command("migrate plan")],
      };
    },
  );
}
