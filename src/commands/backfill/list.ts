/**
 * `backfill list`: the backfills of the project, and the state of each. Only reads.
 * @module
 */
import type { Backfill } from "../../backfills/backfill.ts";
import { readProgress } from "../../backfills/backfill-state.ts";
import { jobOf } from "../../backfills/job-report.ts";
import { type Listed, listReport } from "../../backfills/list-report.ts";
import { isMarkOfDeadProcess } from "../../files/process.ts";
import { optionsOf } from "../../options/check-options.ts";
import { readBackfills } from "../../project/backfills.ts";
import { openDatabase } from "../../project/open.ts";
import { PROJECT, type ProjectOptions } from "../../project/options.ts";
import { type Project, withProject } from "../../project/project.ts";
import type { Report } from "../../report/report.ts";

const readOptions = optionsOf<ProjectOptions>("backfillList", PROJECT);

/** Outcome `problems` (exit 1) if a file was edited after its backfill began. */
export async function backfillList(given: ProjectOptions = {}): Promise<Report> {
  return withProject("backfill list", readOptions(given), {}, async (project) =>
    listReport(await listed(project, await readBackfills(project))),
  );
}

/** Each backfill with its state in the database. */
export async function listed(project: Project, backfills: readonly Backfill[]): Promise<Listed[]> {
  const { d1 } = await openDatabase(project, "read");
  const progress = new Map((await readProgress(d1)).map((one) => [one.name, one]));
  return backfills.map((backfill) => ({
    backfill,
    job: jobOf(backfill.name, progress.get(backfill.name), isMarkOfDeadProcess),
  }));
}
