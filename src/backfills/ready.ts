/**
 * Whether a backfill can run, as far as d1ops can tell before the run.
 * @module
 */
import type { D1Database } from "../database/port.ts";
import { command, offer } from "../report/command.ts";
import { OpsError } from "../report/error.ts";
import type { Backfill } from "./backfill.ts";
import { type Progress, readProgressOf } from "./backfill-state.ts";

export interface ReadyRequest {
  readonly d1: D1Database;
  readonly backfill: Backfill;
  /** Begin with the first row. */
  readonly anew: boolean;
  /** Reads the names of the applied migrations. */
  readonly applied: () => Promise<readonly string[]>;
}

/** Returns the progress of earlier runs. @throws OpsError BACKFILL_NOT_READY */
export async function requireReady(request: ReadyRequest): Promise<Progress | undefined> {
  const { d1, anew, applied } = request;
  const { name, after, checksum } = request.backfill;
  const progress = await readProgressOf(d1, name);
  const begun = progress !== undefined && progress.windows > 0 && progress.state !== "cancelled";
  if (begun && progress.checksum !== checksum && !anew) {
    throw notReady(name, "its file was edited after it began", restoreOrBeginAgain(name));
  }
  if (after === null || (await applied()).includes(after)) return progress;
  const hint = offer("To apply it", command("migrate apply"));
  throw notReady(name, `it comes after ${after}, which is not applied`, hint);
}

/** The advice for a file that was edited after its backfill began. */
export function restoreOrBeginAgain(name: string): string {
  const again = command("backfill run", name, "--anew");
  return offer("Restore the file to continue, or begin again", again);
}

export function notReady(name: string, reason: string, hint: string): OpsError {
  return new OpsError(
    "BACKFILL_NOT_READY",
    { name, reason },
    { message: `${name} cannot run: ${reason}.`, hint },
  );
}
