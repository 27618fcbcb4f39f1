import { existsSync } from "node:fs";
import type { Project } from "../project.ts";

/**
 * Reads one number from a database while a run writes it. Returns 0 if the file or the table is missing, or if the database is locked.
 * Opens and closes the file each time, so that no connection is open when the test kills the run.
 */
export function numberOf(project: Project, sql: string): number {
  if (!existsSync(project.file)) return 0;
  const db = project.open();
  try {
    return Number(Object.values(db.prepare(sql).get() ?? {})[0] ?? 0);
  } catch (error) {
    if (/no such table|database is locked/.test(String(error))) return 0;
    throw error;
  } finally {
    db.close();
  }
}

/** How many migrations are recorded. */
export function appliedOf(project: Project): number {
  return numberOf(project, "SELECT count(*) FROM d1_migrations");
}
