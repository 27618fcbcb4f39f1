/** @module What `backfill cancel` reports. Pure. */
import { command } from "../report/command.ts";
import type { Body } from "../report/report-body.ts";
import { grouped } from "../report/wording.ts";
import type { Progress } from "./backfill-state.ts";
import { countsText, type Job, jobData } from "./job-report.ts";

export interface Cancellation {
  readonly pause?: boolean | undefined;
  /** Changes the rate instead of stopping the run. 0: no limit. */
  readonly rate?: number | undefined;
}

/** A rate is kept for later runs too, so it can also be set after all rows were processed. */
export function isFinished({ state }: Progress, { rate }: Cancellation): boolean {
  return state === "reconciled" || (state === "scanned" && rate === undefined);
}

export function wantedState({ pause }: Cancellation): "paused" | "cancelled" {
  return pause === true ? "paused" : "cancelled";
}

export function nothingToStop(job: Job): Body {
  const summary = `${job.name} is ${job.state}: there is nothing to stop`;
  return { outcome: "ok", summary, data: { jobs: [jobData(job)] } };
}

/** `before`: the progress before it was cancelled. */
export function cancelBody(
  job: Job,
  before: Progress,
  asked: Cancellation & { readonly dryRun?: boolean | undefined },
): Body {
  const { name } = job;
  const dry = asked.dryRun === true;
  const state = job.progress?.state;
  const data = { jobs: [jobData(job)] };
  if (!dry && asked.rate === undefined && state !== wantedState(asked)) {
    const summary = `${name} is ${job.state}: it finished before d1ops could stop it`;
    return { outcome: "ok", summary, data, next: [] };
  }
  const written = countsText(job.progress ?? before);
  const rest =
    asked.rate === undefined
      ? `; ${written} are kept`
      : `. So far: ${written.replace(/: (.*)/, " ($1)")}`;
  return {
    outcome: dry ? "ok" : "changed",
    summary: `${name} ${dry ? "would be" : "is"} ${resultText(asked)}${rest}`,
    data,
    next: [command(state === "running" ? "backfill status" : "backfill run", name)],
  };
}

function resultText(asked: Cancellation): string {
  const { rate } = asked;
  if (rate === undefined) return wantedState(asked);
  return rate === 0 ? "without a rate limit" : `limited to ${grouped(rate)} rows a second`;
}
