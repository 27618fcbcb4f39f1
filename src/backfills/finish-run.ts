/** @module The end of a run: its reconciliation, and what it has recorded. */
import { untilKnown } from "../failure/retry.ts";
import { readProgressOf } from "./backfill-state.ts";
import { jobOf } from "./job-report.ts";
import { quarantinedSince, reconcile } from "./rows-left.ts";
import type { FinishedRun } from "./run-report.ts";
import type { RunRequest } from "./run-request.ts";

interface FinishRequest
  extends Pick<RunRequest, "d1" | "backfill" | "sleep">, Pick<FinishedRun, "result"> {
  /** The result of {@link lastQuarantined} before a dry run. Null unless it was a dry run. */
  readonly since: number | null;
  /** See {@link jobOf}. */
  readonly isDead: (token: string) => boolean;
}

/** Reconciles only a run that reached the end of its source. */
export async function finishRun({
  d1,
  backfill,
  result,
  since,
  sleep,
  isDead,
}: FinishRequest): Promise<Pick<FinishedRun, "job" | "left" | "quarantined">> {
  const { name } = backfill;
  const scanned = result.ending.kind === "scanned";
  const left = scanned ? await untilKnown(sleep, async () => reconcile(d1, backfill)) : null;
  const progress = (await readProgressOf(d1, name)) ?? result.progress;
  const quarantined = since === null ? null : await quarantinedSince(d1, name, since);
  return { left, quarantined, job: { ...jobOf(name, progress, isDead), progress } };
}
