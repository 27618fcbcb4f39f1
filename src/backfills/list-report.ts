/** @module The report of `backfill list` and `backfill status`. */
import type { Body } from "../report/report-body.ts";
import { command, offer } from "../report/command.ts";
import type { Finding } from "../report/report.ts";
import { count, duration } from "../report/wording.ts";
import type { Backfill } from "./backfill.ts";
import { nextRun, restoreOrBeginAgain } from "./ready.ts";
import { countsText, type Job, jobData, jobStep } from "./job-report.ts";

export interface Listed {
  readonly backfill: Backfill;
  readonly job: Job;
}

/** Outcome `problems` if a file was edited after its backfill began. */
export function listReport(listed: readonly Listed[]): Body {
  const jobs = listed.map(({ job }) => job);
  const findings = listed.flatMap(findingsOf);
  const edited = findings.filter(({ rule }) => rule === "changed").length;
  const open = listed.filter(({ backfill, job: { state } }) =>
    backfill.reconcile === null ? state !== "scanned" : state !== "reconciled",
  );
  const idle = open.filter(({ job }) => job.state !== "running");
  return {
    outcome: edited > 0 ? "problems" : "ok",
    summary: summary(jobs, open.length, edited),
    steps: jobs.map(jobStep),
    findings,
    data: {
      jobs: listed.map(({ backfill: { kind, after, file }, job }) => ({
        ...jobData(job),
        kind,
        after,
        file,
      })),
    },
    next: idle.slice(0, 1).map(({ backfill, job }) => nextRun(backfill, job.progress)),
  };
}

export function oneReport(listed: Listed): Body {
  const { state, progress } = listed.job;
  const body = listReport([listed]);
  return progress === undefined ? body : { ...body, summary: `${state}, ${countsText(progress)}` };
}

function findingsOf({ backfill: { name, file, checksum }, job }: Listed): Finding[] {
  const { progress, state } = job;
  const findings: Finding[] = [];
  if (progress === undefined) return findings;
  if (state === "silent") {
    findings.push({
      rule: "silent",
      level: "warning",
      file,
      message: `${name} is recorded as running, by ${progress.holder}. Its last sign of life was ${duration(progress.silentMs)} ago.`,
      help: offer(
        "If it is dead, run it again, and it continues where it stopped",
        command("backfill run", name),
      ),
    });
  }
  if (progress.checksum !== checksum && state !== "cancelled") {
    findings.push({
      rule: "changed",
      level: "error",
      file,
      message: `${name} was edited after it began.`,
      help: restoreOrBeginAgain(name),
    });
  }
  return findings;
}

function summary(jobs: readonly Job[], open: number, edited: number): string {
  const reconciled = jobs.every(({ state }) => state === "reconciled");
  if (jobs.length === 0) return "No backfills";
  return [
    count(jobs.length, "backfill"),
    ...(open === 0 ? [] : [`${open} to do`]),
    ...(edited === 0 ? [] : [`${edited} edited`]),
    ...(open + edited > 0 ? [] : [reconciled ? "all reconciled" : "all done"]),
  ].join(", ");
}
