/**
 * Starts new migrations, and copies of those that this package ships. Names are those of `wrangler d1 migrations create`: the next number,
 * with at least four digits.
 * @module
 */
import { command, offer } from "../report/command.ts";
import { OpsError } from "../report/error.ts";
import type { Migration } from "./migration.ts";

/** Returns `0007_add_plan.sql` for `add plan` after `0006_…`. @throws OpsError MIGRATION_NAME_INVALID */
export function nextMigrationName(existing: readonly string[], title: string): string {
  const example = command("migrate new", "add_plan_to_tenants");
  const words = fileWords(title, example).replace(/\.sql$/, "");
  const numbers = existing
    .map((name) => Number.parseInt(name, 10))
    .filter((n) => Number.isFinite(n));
  return `${String(Math.max(0, ...numbers) + 1).padStart(4, "0")}_${words}.sql`;
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

/** Begins the first line of a copy, so that d1ops recognises it after an edit. */
const MARK = "-- From d1ops onboard init, file ";

export function copyText({ name, text }: Migration): string {
  return `${MARK}${name}\n${text}`;
}

/** `0001_core.sql` becomes `onboarding_core`, because `core` would mean nothing in the user's project. */
export function copyTitle({ name }: Migration): string {
  const title = name.replace(/^\d+_/, "").replace(/\.sql$/, "");
  return title.startsWith("onboarding") ? title : `onboarding_${title}`;
}

/** Tells if a shipped file is among the project's, as a marked copy or with the same statements. */
export function copiesAmong(own: readonly Migration[]): (source: Migration) => boolean {
  const marked = new Set(
    own.flatMap(({ text }) => {
      const [first = ""] = text.split(/\r?\n/, 1);
      return first.startsWith(MARK) ? [first.slice(MARK.length).trim()] : [];
    }),
  );
  const checksums = new Set(own.map(({ checksum }) => checksum));
  return ({ name, checksum }) => marked.has(name) || checksums.has(checksum);
}
