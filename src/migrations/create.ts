/**
 * Names and begins a new migration, as `wrangler d1 migrations create` does: the next number, four digits at least.
 * @module
 */
import { command } from "../report/command.ts";
import { OpsError } from "../report/error.ts";

/** `0007_add_plan.sql` for `add plan` after `0006_…`. @throws OpsError MIGRATION_NAME_INVALID */
export function nextMigrationName(existing: readonly string[], title: string): string {
  const words = title
    .trim()
    .replaceAll(/\s+/g, "_")
    .replace(/\.sql$/, "");
  if (words === "" || words.startsWith(".") || /[\\/:*?"<>|\p{Cc}]/u.test(words)) {
    throw new OpsError(
      "MIGRATION_NAME_INVALID",
      { name: title },
      {
        message: `${JSON.stringify(title)} cannot be part of a file name.`,
        hint: `Use letters, digits, spaces and underscores: ${command("migrate new", "add_plan_to_tenants")}`,
      },
    );
  }
  const numbers = existing
    .map((name) => Number.parseInt(name, 10))
    .filter((n) => Number.isFinite(n));
  return `${String(Math.max(0, ...numbers) + 1).padStart(4, "0")}_${words}.sql`;
}

/** What a new file says. `at` is ISO 8601, UTC. */
export function migrationTemplate(name: string, at: string): string {
  return `-- Migration number: ${Number.parseInt(name, 10).toString().padStart(4, "0")} \t ${at}\n`;
}
