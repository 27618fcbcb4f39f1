/**
 * Starts new migrations. Names are those of `wrangler d1 migrations create`: the next number,
 * with at least four digits.
 * @module
 */
import { command, offer, shellPath } from "../report/command.ts";
import { OpsError } from "../report/error.ts";
import type { Finding } from "../report/report.ts";

/** Returns `0007_add_plan.sql` for `add plan` after `0006_…`. @throws OpsError MIGRATION_NAME_INVALID */
export function nextMigrationName(existing: readonly string[], title: string): string {
  const example = command("migrate new", "add_plan_to_tenants");
  const words = fileWords(title, example).replace(/\.sql$/, "");
  const numbers = existing
    .map((name) => Number.parseInt(name, 10))
    .filter((n) => Number.isFinite(n));
  return `${String(Math.max(0, ...numbers) + 1).padStart(4, "0")}_${words}.sql`;
}

export interface LateFile {
  /** The paths of the new file and of one in its place, which runs last. Null: no name in the folder of the last one does. */
  readonly path: string;
  readonly better: string | null;
  readonly file: string;
  /** The name of the migration that runs last. */
  readonly last: string;
}

/** The warning about a new file that would not run last, as in a folder beside folders of migrations. */
export function lateFinding({ path, better, file, last }: LateFile): Finding {
  return {
    rule: "out-of-order",
    level: "warning",
    file,
    message: `${file} does not run last: it sorts before ${last}. If that is applied already, \`migrate apply\` stops at the new file.`,
    help:
      better === null
        ? "Rename the new file so that it sorts last."
        : offer("To let it run last", `mv ${shellPath(path)} ${shellPath(better)}`),
    data: { after: last },
  };
}

/** A name in the folder of the last migration. `existing` and the result are relative to the folder of the migrations. */
export function nameBeside(last: string, existing: readonly string[], title: string): string {
  const folder = last.slice(0, last.lastIndexOf("/") + 1);
  const names = existing
    .filter((name) => name.startsWith(folder))
    .map((name) => name.slice(folder.length));
  return `${folder}${nextMigrationName(names, title)}`;
}

/** A title as part of a file name. `example` is a command with a valid title. @throws OpsError MIGRATION_NAME_INVALID */
export function fileWords(title: string, example: string): string {
  const words = title.trim().replaceAll(/\s+/g, "_");
  const bare = words.replace(/\.sql$/, "");
  if (bare !== "" && !bare.startsWith(".") && !/[\\/:*?"<>|\p{Cc}]/u.test(bare)) return words;
  const message = `${JSON.stringify(title)} cannot be part of a file name.`;
  const hint = offer("Use letters, digits, spaces and underscores", example);
  throw new OpsError("MIGRATION_NAME_INVALID", { name: title }, { message, hint });
}

/** The text of a new file. `at` is ISO 8601, UTC. */
export function migrationTemplate(name: string, at: string): string {
  return `-- Migration number: ${Number.parseInt(name, 10).toString().padStart(4, "0")} \t ${at}\n`;
}

/** The title in a file name: `add_plan` of `0007_add_plan.sql`. */
export function titleOf(name: string): string {
  const title = name
    .replace(/^.*\//, "")
    .replace(/\.sql$/, "")
    .replace(/^\d+_?/, "");
  return title === "" ? "schema" : title;
}
