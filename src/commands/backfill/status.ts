/** @module `backfill status [NAME]`: the progress of a backfill, on whichever machine it runs. Only reads. */
import { findBackfill } from "../../backfills/find-backfill.ts";
import { listReport, oneReport } from "../../backfills/list-report.ts";
import { retype } from "../../project/command-line.ts";
import * as kinds from "../../options/kinds.ts";
import { optionsOf } from "../../options/check-options.ts";
import { openDatabase } from "../../project/open-database.ts";
import { readJobs } from "../../project/backfill-jobs.ts";
import { readBackfills } from "../../project/read-backfills.ts";
import { PROJECT, type ProjectOptions } from "../../project/project-options.ts";
import { type Project, withProject } from "../../project/project.ts";
import type { Body } from "../../report/report-body.ts";
import type { Report } from "../../report/report.ts";

export interface BackfillStatusOptions extends ProjectOptions {
  /** Default: all backfills. */
  readonly name?: string;
}

const readOptions = optionsOf<BackfillStatusOptions>("backfillStatus", {
  ...PROJECT,
  name: kinds.optional(kinds.name),
});

/** Outcome `problems` (exit 1) if a file was edited after its backfill began. */
export async function backfillStatus(given: BackfillStatusOptions = {}): Promise<Report> {
  return withProject("backfill status", readOptions(given), status);
}

async function status(project: Project<BackfillStatusOptions>): Promise<Body> {
  const { name } = project.options;
  const all = await readBackfills(project);
  const wanted = name === undefined ? all : [findBackfill(all, name, retype(project))];
  const { d1 } = await openDatabase(project, "read");
  const found = await readJobs(d1, wanted);
  const [one] = found;
  return name === undefined || one === undefined ? listReport(found) : oneReport(one);
}
