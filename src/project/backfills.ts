/**
 * Reads the backfills of a database: the folder `backfills` beside its migrations, which wrangler does not read.
 * @module
 */
import { existsSync, readdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import type { Backfill } from "../backfills/backfill.ts";
import { invalid } from "../backfills/invalid.ts";
import { parseSqlBackfill } from "../backfills/parse.ts";
import { nearest } from "../report/nearest.ts";
import { fileInMigrations } from "../config/database-settings.ts";
import type { DatabaseSettings, ProjectSettings } from "../config/wrangler-settings.ts";
import { sha256 } from "../files/hash.ts";
import { readText } from "../files/read-text.ts";
import { command, offer } from "../report/command.ts";
import { OpsError } from "../report/error.ts";
import { loadProgram } from "./load-program.ts";
import type { Project } from "./project.ts";
import { secondsOf } from "./seconds.ts";

/** How long loading a program may take, and its `prepare`. */
const PROGRAM_SECONDS = 60;

const ENDINGS = /\.(?:sql|ts|mts|js|mjs)$/;

/** In the order of their names. A folder that is not there has none. @throws OpsError BACKFILL_INVALID */
export async function readBackfills({
  settings,
  variables,
}: Pick<Project, "settings" | "variables">): Promise<Backfill[]> {
  const { projectPath } = settings;
  const { migrationsDir } = settings.database;
  const seconds = secondsOf(variables, "D1OPS_PROGRAM_SECONDS", PROGRAM_SECONDS);
  const folder = resolve(projectPath, migrationsDir, "backfills");
  const found: Backfill[] = [];
  for (const name of filesOf(folder)) {
    const file = fileInMigrations(migrationsDir, `backfills/${name}`);
    const backfill = await read(join(folder, name), file, seconds);
    const twin = found.find((other) => other.name === backfill.name);
    if (twin !== undefined) {
      throw invalid(backfill.file, null, `${twin.file} has the same name: ${backfill.name}.`);
    }
    found.push(backfill);
  }
  return found;
}

/** Only their names: nothing is read, and no program run. */
export function nameBackfills(
  { projectPath }: ProjectSettings,
  { migrationsDir }: DatabaseSettings,
): { readonly name: string; readonly file: string }[] {
  const files = filesOf(resolve(projectPath, migrationsDir, "backfills"));
  return files.map((name) => ({
    name: backfillName(name),
    file: fileInMigrations(migrationsDir, `backfills/${name}`),
  }));
}

/** A file's name without its ending. */
export function backfillName(file: string): string {
  return file.replace(ENDINGS, "");
}

function filesOf(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => ENDINGS.test(name) && !name.startsWith(".") && !name.endsWith(".d.ts"))
    .sort();
}

async function read(path: string, file: string, seconds: number): Promise<Backfill> {
  const text = readText(path);
  const name = backfillName(basename(path));
  const source = { name, file, text, checksum: sha256(text) };
  return path.endsWith(".sql") ? parseSqlBackfill(source) : loadProgram(path, source, seconds);
}

/** By its name, or its number where only one has it. `requiredBy`: the migration that wants it. @throws OpsError BACKFILL_UNKNOWN */
export function findBackfill<T extends Pick<Backfill, "name">>(
  backfills: readonly T[],
  wanted: string,
  requiredBy: string | null = null,
): T {
  const exact = backfills.find(({ name }) => name === backfillName(wanted));
  if (exact !== undefined) return exact;
  const numbered = /^\d+$/.test(wanted)
    ? backfills.filter(({ name }) => Number.parseInt(name, 10) === Number(wanted))
    : [];
  const [only] = numbered;
  if (only !== undefined && numbered.length === 1) return only;
  const known = backfills.map(({ name }) => name);
  const guess = nearestBackfill(wanted, known);
  throw new OpsError(
    "BACKFILL_UNKNOWN",
    { name: wanted, known },
    {
      message:
        numbered.length > 1
          ? `${numbered.length} backfills have the number ${wanted}: ${numbered.map(({ name }) => name).join(", ")}.`
          : requiredBy === null
            ? `There is no backfill ${wanted}.`
            : `${requiredBy} requires the backfill ${wanted}, and there is none of that name.`,
      hint:
        guess !== null
          ? `Did you mean ${guess}?`
          : requiredBy === null
            ? `They are in the folder backfills beside the migrations.\n${offer("To list them", command("backfill list"))}`
            : howToWrite(wanted),
    },
  );
}

/** With its number or without. */
function nearestBackfill(wanted: string, known: readonly string[]): string | null {
  const bare = (name: string): string => name.replace(/^\d+[_-]/, "");
  const near = nearest(bare(wanted), known.map(bare));
  return nearest(wanted, known) ?? known.find((name) => bare(name) === near) ?? null;
}

/** `backfill new` keeps a number, and gives one to a name that has none. */
function howToWrite(name: string): string {
  const line = `Correct the line "-- d1ops:requires backfill ${name}", or`;
  return /^\d+[_-]/.test(name)
    ? offer(`${line} write the backfill`, command("backfill new", name))
    : `${line} put the file ${name}.sql into the folder backfills beside the migrations.`;
}
