/**
 * `backfill list`: the backfills of the project, and the state of each. Only reads.
 * @module
 */
import { listReport } from "../../backfills/list-report.ts";
import { optionsOf } from "../../options/check-options.ts";
import { readBackfills } from "../../project/read-backfills.ts";
import { PROJECT, type ProjectOptions } from "../../project/project-options.ts";
import { withProject } from "../../project/project.ts";
import type { Report } from "../../report/report.ts";
import { readJobs } from "./read-jobs.ts";

const readOptions = optionsOf<ProjectOptions>("backfillList", PROJECT);

/** Outcome `problems` (exit 1) if a file was edited after its backfill began. */
export async function backfillList(given: ProjectOptions = {}): Promise<Report> {
  return withProject("backfill list", readOptions(given), async (project) =>
    listReport(await readJobs(project, await readBackfills(project))),
  );
}
