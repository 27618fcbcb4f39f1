/** @module `onboard init`: copies the migrations of onboarding's schema from the package into the project. */
import { readdirSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { join, resolve } from "node:path";
import { hashes } from "../../files/hash.ts";
import { compareNames } from "../../files/order.ts";
import { readText } from "../../files/read-text.ts";
import { writeNewFile } from "../../files/write.ts";
import { nextMigrationName } from "../../migrations/scaffold.ts";
import { copiesAmong, copyText, copyTitle } from "../../onboarding/file/shipped-copy.ts";
import { type Migration, parseMigration } from "../../migrations/migration.ts";
import { optionsOf } from "../../options/check-options.ts";
import { command } from "../../onboarding/file/onboarding-verbs.ts";
import { OpsError } from "../../report/error.ts";
import type { Report } from "../../report/report.ts";
import { existingNames } from "../../project/read-migrations.ts";
import { newFileAt } from "../migrate/new-migration.ts";
import { WRITE, type WriteOptions } from "../../project/project-options.ts";
import { requireUninterrupted } from "../../project/interruption.ts";
import { type Project, withProject } from "../../project/project.ts";
import { type Body, step } from "../../report/report-body.ts";
import { count } from "../../report/wording.ts";

/** The folder `migrations` of this package. The bundle has other folders than the sources. */
const SHIPPED = join(findPackageJSON("..", import.meta.url) ?? "", "../migrations");

const readOptions = optionsOf<WriteOptions>("onboardInit", WRITE);

/**
 * Numbers the copies after the project's own migrations, and skips those that exist. So a second run copies nothing, and a run after a
 * kill copies the rest.
 * @throws OpsError MIGRATION_NAME_INVALID, MIGRATION_EXISTS, FILE_UNWRITABLE
 */
export async function onboardInit(given: WriteOptions = {}): Promise<Report> {
  return withProject("onboard init", readOptions(given), copy);
}

async function copy({ settings, options, stopping }: Project<WriteOptions>): Promise<Body> {
  const dry = options.dryRun === true;
  const names = await existingNames(settings);
  const folder = resolve(settings.projectPath, settings.database.migrationsDir);
  const present = copiesAmong(names.flatMap((name) => readOwn(name, resolve(folder, name)) ?? []));
  const copies: { readonly file: string; readonly from: string }[] = [];
  requireUninterrupted({ stopping });
  for (const source of shipped().filter((one) => !present(one))) {
    const name = nextMigrationName(names, copyTitle(source));
    const file = await newFileAt(name, settings);
    if (!dry) writeNewFile(resolve(settings.projectPath, file), copyText(source));
    names.push(name);
    copies.push({ file, from: source.name });
  }
  const files = count(copies.length, "migration");
  const into = settings.database.migrationsDir;
  return {
    outcome: dry || copies.length === 0 ? "ok" : "changed",
    summary:
      copies.length === 0
        ? `Nothing to copy: ${into} has the schema of onboarding`
        : `${dry ? "Would copy" : "Copied"} ${files} into ${into}`,
    steps: copies.map(({ file, from }) => step(file, dry ? "planned" : "done", `from ${from}`)),
    data: { files: copies.map(({ file, from }) => ({ file, from })) },
    next: [
      ...(dry && copies.length > 0 ? [command("onboard init")] : []),
      command("migrate plan"),
      command("migrate apply"),
    ],
  };
}

/** A migration that requires backfills is about the rows of an older system, which a new project does not have. */
function shipped(): Migration[] {
  return readdirSync(SHIPPED)
    .filter((name) => name.endsWith(".sql"))
    .sort(compareNames)
    .map((name) => read(name, join(SHIPPED, name)))
    .filter(({ requires }) => requires.length === 0);
}

function read(name: string, path: string): Migration {
  return parseMigration({ name, file: name, text: readText(path) }, hashes);
}

/** Null if it is not readable text, so it cannot be a copy. */
function readOwn(name: string, path: string): Migration | null {
  try {
    return read(name, path);
  } catch (error) {
    if (error instanceof OpsError) return null;
    throw error;
  }
}
