/**
 * What a program reads once a run, before it decides about rows.
 * @module
 */
import { OpsError } from "../report/error.ts";
import type { Ending, RunRequest } from "./run-request.ts";
import { messageOf } from "./sent.ts";

/** Null where there is nothing to prepare. An error that the program throws is the file's fault, and ends the run. */
export async function prepare({
  d1,
  backfill,
}: Pick<RunRequest, "d1" | "backfill">): Promise<{ readonly prepared: unknown } | Ending> {
  if (backfill.kind === "sql" || backfill.prepare === null) return { prepared: null };
  try {
    return { prepared: await backfill.prepare(d1) };
  } catch (error) {
    if (error instanceof OpsError) throw error;
    return { kind: "failed", message: `prepare() failed: ${messageOf(error)}` };
  }
}
