/**
 * Names and begins a new migration, as `wrangler d1 migrations create` does: the next number, four digits at least.
 * @module
 */
import { command, offer } from "../report/command.ts";
import { OpsError } from "../report/error.ts";

/** `0007_add_plan.sql` for `add plan` after `0006_…`. @throws OpsError MIGRATION_NAME_INVALID */
export function nextMigrationName(existing: readonly string[], title: string): string {
  const words = fileWords(title, command("migrate new", "add_plan_to_tenants")).replace(
    /\.sql$/,
    "",
  );
  const numbers = existing
    .map((name) => Number.parseInt(name, 10))
    .filter((n) => Number.isFinite(n));
  return `${String(Math.max(0, ...numbers) + 1).padStart(4, "0")}_${words}.sql`;
}

/** A title as a part of a file's name. `example` is a command that gives a good one. @throws OpsError MIGRATION_NAME_INVALID */
export function fileWords(title: string, example: string): string {
  const words = title.trim().replaceAll(/\s+/g, "_");
  const bare = words.replace(/\.sql$/, "");
  if (bare !== "" && !bare.startsWith(".") && !/[\\/:*?"<>|\p{Cc}]/u.test(bare)) return words;
  throw new OpsError(
    "MIGRATION_NAME_INVALID",
    { name: title },
    {
      message: `${JSON.stringify(title)} cannot be part of a file name.`,
      hint: offer("Use letters, digits, spaces and underscores", example),
    },
  );
}

/** What a new file says. `at` is ISO 8601, UTC. */
export function migrationTemplate(name: string, at: string): string {
  return `-- Migration number: ${Number.parseInt(name, 10).toString().padStart(4, "0")} \t ${at}\n`;
}
