import { existsSync } from "node:fs";
import type { Project } from "../project.ts";

/**
 * One number out of a database on which a run is at work; 0 as long as there is no file, no such table, or a lock. Opens and closes the file
 * each time, so that a run that is killed afterwards leaves a file which nobody has open.
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
