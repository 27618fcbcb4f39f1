/**
 * `backfill list` and `backfill status`: which backfills there are, and how far each is, from wherever it runs. Reads only.
 * @module
 */
import { type Progress, readProgress } from "../../backfills/state.ts";
import { command, offer } from "../../report/command.ts";
import type { Finding, Report } from "../../report/report.ts";
import { duration, count as counted } from "../../report/wording.ts";
import * as kinds from "../../options/kinds.ts";
import { optional } from "../../options/kinds.ts";
import { optionsOf } from "../../options/check-options.ts";
import { countsText, jobOf, stateOf, stepOf } from "./report.ts";
import { findBackfill, readBackfills } from "../../project/backfills.ts";
import type { Body } from "../../report/report-body.ts";
import { PROJECT, type ProjectOptions } from "../../project/options.ts";
import { openDatabase } from "../../project/open.ts";
import { type Project, withProject } from "../../project/project.ts";

export interface BackfillStatusOptions extends ProjectOptions {
  /** All of them without it. */
  readonly name?: string;
}

const readStatusOptions = optionsOf<BackfillStatusOptions>("backfillStatus", {
  ...PROJECT,
  name: optional(kinds.name),
});

const readListOptions = optionsOf<ProjectOptions>("backfillList", PROJECT);

/** Outcome `problems` (exit 1) where a run has gone silent, or a file was changed under it. */
export async function backfillStatus(given: BackfillStatusOptions = {}): Promise<Report> {
  return withProject("backfill status", readStatusOptions(given), {}, standingOf);
}

export async function backfillList(given: ProjectOptions = {}): Promise<Report> {
  return withProject("backfill list", readListOptions(given), {}, standingOf);
}

async function standingOf(project: Project<BackfillStatusOptions>): Promise<Body> {
  const { options } = project;
  const all = await readBackfills(project);
  const backfills = options.name === undefined ? all : [findBackfill(all, options.name)];
  const { d1 } = await openDatabase(project, "read");
  const progress = new Map((await readProgress(d1)).map((one) => [one.name, one]));
  const findings = backfills.flatMap(({ name, checksum, file }) =>
    doubts(name, file, checksum, progress.get(name)),
  );
  const open = backfills.filter(({ name }) => progress.get(name)?.state !== "reconciled");
  const idle = open.filter(({ name }) => stateOf(progress.get(name)) !== "running");
  const next = idle.slice(0, 1).map(({ name }) => command("backfill run", name));
  return {
    outcome: findings.some(({ level }) => level === "error") ? "problems" : "ok",
    summary: summary(backfills.length, open.length, progress.get(options.name ?? "")),
    steps: backfills.map((backfill) => stepOf(backfill, progress.get(backfill.name))),
    findings,
    data: {
      jobs: backfills.map(({ name, kind, after, file }) => ({
        ...jobOf(name, progress.get(name)),
        kind,
        after,
        file,
      })),
    },
    next,
  };
}

function doubts(
  name: string,
  file: string,
  checksum: string,
  progress: Progress | undefined,
): Finding[] {
  if (progress === undefined) return [];
  const silent: Finding = {
    rule: "silent",
    level: "warning",
    file,
    message: `${name} is recorded as running, by ${progress.holder}. Its last sign of life was ${duration(progress.silentMs)} ago.`,
    help: offer(
      "If it is dead, run it again, and it continues where it stopped",
      command("backfill run", name),
    ),
  };
  const changed: Finding = {
    rule: "changed",
    level: "error",
    file,
    message: `${name} was edited after it was begun.`,
    help: offer(
      "Restore the file to go on, or begin again",
      command("backfill run", name, "--anew"),
    ),
  };
  return [
    ...(stateOf(progress) === "silent" ? [silent] : []),
    ...(progress.checksum !== checksum && progress.state !== "cancelled" ? [changed] : []),
  ];
}

function summary(count: number, open: number, one: Progress | undefined): string {
  if (one !== undefined) return `${stateOf(one)}, ${countsText(one)}`;
  const all = counted(count, "backfill");
  return count === 0
    ? "No backfills"
    : `${all}, ${open === 0 ? "all reconciled" : `${open} to do`}`;
}
