/** @module `backfill list`: the backfills of the project, and the state of each. Only reads. */
import { listReport } from "../../backfills/list-report.ts";
import { optionsOf } from "../../options/check-options.ts";
import { openDatabase } from "../../project/open-database.ts";
import { readJobs } from "../../project/backfill-jobs.ts";
import { readBackfills } from "../../project/read-backfills.ts";
import { PROJECT, type ProjectOptions } from "../../project/project-options.ts";
import { withProject } from "../../project/project.ts";
import type { Report } from "../../report/report.ts";

const readOptions = optionsOf<ProjectOptions>("backfillList", PROJECT);

/** Outcome `problems` (exit 1) if a file was edited after its backfill began. */
export async function backfillList(given: ProjectOptions = {}): Promise<Report> {
  return withProject("backfill list", readOptions(given), async (project) => {
    const backfills = await readBackfills(project);
    const { d1 } = await openDatabase(project, "read");
    return listReport(await readJobs(d1, backfills));
  });
}
