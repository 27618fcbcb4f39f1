/** @module Sends a batch of a run, and finds out whether it was executed. */
import type { D1PreparedStatement, D1Result } from "../database/port.ts";
import { failureOf, lostAnswerError } from "../failure/kind.ts";
import { ATTEMPTS, backOff, retry } from "../failure/retry.ts";
import { hasCode } from "../report/error.ts";
import { type Progress, readProgressOf, type Row } from "./backfill-state.ts";
import type { RunRequest } from "./run-request.ts";
import type { WalkEvent } from "./walk.ts";

export type Sent =
  | { readonly kind: "done"; readonly answers: readonly D1Result<Row>[] }
  /** D1 rolled the batch back. */
  | { readonly kind: "refused"; readonly message: string }
  | Extract<WalkEvent, { readonly kind: "moved" | "ended" }>;

/** After a failure or a lost answer, the state of the backfill shows whether the batch was written. The text of an error decides nothing. */
export async function sendWindow(
  { d1, sleep }: Pick<RunRequest, "d1" | "sleep">,
  before: Progress,
  batch: () => D1PreparedStatement[],
): Promise<Sent> {
  return retry<Sent>(async () => ({ kind: "done", answers: await d1.batch<Row>(batch()) }), {
    sleep,
    after: async (error, made) => {
      const failure = failureOf(error);
      // VALUE_INEXACT: the batch was written, but its answer contains integers that D1's API rounds.
      const lost = failure?.kind === "unknown" || hasCode(error, "VALUE_INEXACT");
      if (failure === null || (!lost && failure.kind !== "refused")) throw error;
      const current = await readProgressOf(d1, before.name);
      if (current === undefined) return stopped("removed");
      if (current.token !== before.token) return stopped(`taken over by ${current.holder}`);
      if (current.windows !== before.windows) {
        return { answer: { kind: "moved", progress: current } };
      }
      if (current.state !== "running") return stopped(current.state);
      if (!lost) return { answer: { kind: "refused", message: failure.reason } };
      if (made < ATTEMPTS) return { waitMs: backOff(made) };
      return {
        answer: { kind: "ended", ending: { kind: "error", error: lostAnswerError(failure) } },
      };
    },
  });
}

function stopped(how: string): { readonly answer: Sent } {
  return { answer: { kind: "ended", ending: { kind: "stopped", how } } };
}
