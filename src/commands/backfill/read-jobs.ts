/**
 * Reads the backfills together with their states. A file of its own: the declarations of the verbs must not reach `Project`, whose types
 * need Cloudflare's SDK.
 * @module
 */
import { readProgress } from "../../backfills/backfill-state.ts";
import type { Backfill } from "../../backfills/backfill.ts";
import { jobOf } from "../../backfills/job-report.ts";
import type { Listed } from "../../backfills/list-report.ts";
import { isMarkOfDeadProcess } from "../../files/process.ts";
import { openDatabase } from "../../project/open-database.ts";
import type { Project } from "../../project/project.ts";

/** Each backfill with its state in the database. */
export async function readJobs(
  project: Project,
  backfills: readonly Backfill[],
): Promise<Listed[]> {
  const { d1 } = await openDatabase(project, "read");
  const progress = new Map((await readProgress(d1)).map((one) => [one.name, one]));
  return backfills.map((backfill) => ({
    backfill,
    job: jobOf(backfill.name, progress.get(backfill.name), isMarkOfDeadProcess),
  }));
}
