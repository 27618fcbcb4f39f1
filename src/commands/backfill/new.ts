/** @module `backfill new NAME`: creates the file of a backfill beside the migrations, with comments that explain each part. */
import { resolve } from "node:path";
import { programTemplate, sqlTemplate } from "../../backfills/template.ts";
import { fileInMigrations } from "../../config/database-settings.ts";
import type { Settings } from "../../config/wrangler-settings.ts";
import { isCommonJs } from "../../files/package.ts";
import { writeNewFile } from "../../files/write.ts";
import { fileWords } from "../../migrations/scaffold.ts";
import { contradiction } from "../../options/contradiction.ts";
import * as kinds from "../../options/kinds.ts";
import { optionsOf } from "../../options/check-options.ts";
import { command } from "../../report/command.ts";
import { OpsError } from "../../report/error.ts";
import type { Report } from "../../report/report.ts";
import { backfillName } from "../../backfills/find-backfill.ts";
import { listBackfills } from "../../project/read-backfills.ts";
import { existingNames } from "../../project/read-migrations.ts";
import { WRITE, type WriteOptions } from "../../project/project-options.ts";
import { requireUninterrupted } from "../../project/interruption.ts";
import { withProject } from "../../project/project.ts";
import { step } from "../../report/report-body.ts";

export interface BackfillNewOptions extends WriteOptions {
  /** What it fills, in a few words. d1ops keeps a leading number. A name that ends in `.ts`, `.mts`, `.js` or `.mjs` makes a program. */
  readonly name: string;
  /** A program instead of SQL. */
  readonly typescript?: boolean;
}

const readOptions = optionsOf<BackfillNewOptions>("backfillNew", {
  ...WRITE,
  name: kinds.text,
  typescript: kinds.optional(kinds.flag),
});

/** Creates the folder if it does not exist, and never overwrites a file. @throws OpsError MIGRATION_NAME_INVALID, MIGRATION_EXISTS, FILE_UNWRITABLE */
export async function backfillNew(given: BackfillNewOptions): Promise<Report> {
  return withProject(
    "backfill new",
    readOptions(given),
    async ({ settings, options, stopping }) => {
      const { name, ending, after } = await named(settings, options);
      const file = fileInMigrations(settings.database.migrationsDir, `backfills/${name}${ending}`);
      requireNew(settings, name, file);
      const dry = options.dryRun === true;
      const template = ending === ".sql" ? sqlTemplate : programTemplate;
      requireUninterrupted({ stopping });
      if (!dry) writeNewFile(resolve(settings.projectPath, file), template({ name, after }));
      return {
        outcome: dry ? "ok" : "changed",
        summary: dry
          ? `Would create ${file}`
          : `Created ${file}: replace its names of table and columns`,
        steps: [step(file, dry ? "planned" : "done")],
        data: { name, file, after },
        next: dry
          ? [command("backfill new", options.name, ...(options.typescript ? ["--typescript"] : []))]
          : [
              command("backfill run", name, "--local", "--dry-run"),
              command("backfill run", name, "--local"),
            ],
      };
    },
  );
}

/** A backfill gets the number of the migration that it comes after: the last one of the folder. */
async function named(
  settings: Settings,
  { name: title, typescript }: BackfillNewOptions,
): Promise<{ readonly name: string; readonly ending: string; readonly after: string | null }> {
  const migrations = await existingNames(settings);
  const after = migrations.at(-1) ?? null;
  const words = fileWords(title, command("backfill new", "fill_phones"));
  const bare = backfillName(words);
  const given = words.slice(bare.length);
  if (typescript === true && given === ".sql")
    throw contradiction("--typescript", `the ending of ${title}`);
  const ending = given !== "" ? given : typescript === true ? programEnding(settings) : ".sql";
  if (/^\d+[_-]/.test(bare)) return { name: bare, ending, after };
  const number = Number.parseInt(after ?? "1", 10);
  const prefix = String(Number.isFinite(number) ? number : 1).padStart(4, "0");
  return { name: `${prefix}_${bare}`, ending, after };
}

function programEnding({ projectPath, database }: Settings): string {
  const path = resolve(projectPath, database.migrationsDir, "backfills", "new.ts");
  return isCommonJs(path) ? ".mts" : ".ts";
}

/** The file's name without its ending is the backfill's name, so two files with the same one would conflict. */
function requireNew(settings: Settings, name: string, path: string): void {
  const twin = listBackfills(settings, settings.database).find((one) => one.name === name);
  if (twin === undefined) return;
  const message = `There is a backfill ${name} already: ${twin.file}.`;
  const hint = "Give the new one another name.";
  throw new OpsError("MIGRATION_EXISTS", { path }, { message, hint });
}
