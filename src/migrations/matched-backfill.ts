/** @module A backfill that wrangler and d1ops would run as a migration, because a nested `migrations_pattern` matches it. */
import type { Finding } from "../report/report.ts";
import type { Migration } from "./migration.ts";

/** Lines that every backfill in SQL has, and no migration. */
const PART = /^--\s*d1ops:(?:source|key|write)\b/;

/** True for a file of the folder `backfills` with the parts of a backfill. A module of the project may have the same name. */
export function isBackfill({ name, misspelt }: Migration): boolean {
  return /^backfills\/[^/]+$/.test(name) && misspelt.some(({ text }) => PART.test(text));
}

export function matchedBackfill(
  { name, file }: Migration,
  isApplied: boolean,
): Pick<Finding, "message" | "help"> {
  const folder = file.slice(0, file.length - name.length);
  const what = isApplied ? "was applied as a migration" : "would run as a migration";
  return {
    message: `${name} is a backfill, and ${what}, because migrations_pattern matches it.`,
    help: `Leave the folder backfills out of migrations_pattern in the wrangler config. Instead of "${folder}**/*.sql", write "${folder}{,!(backfills)/**/}*.sql". Instead of "${folder}*/*.sql", write "${folder}@(!(backfills))/*.sql".`,
  };
}
