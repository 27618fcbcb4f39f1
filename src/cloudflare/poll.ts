/**
 * Polls exports and imports until they end, and reads the answers.
 *
 * A task is identified by the bookmark at which it started. Polling changes nothing, so d1ops retries it. The database is
 * unavailable meanwhile, so the first pauses are short.
 * @module
 */
import { OpsError } from "../report/error.ts";
import { pause } from "../failure/clock.ts";
import type { DatabaseCall, RemoteD1 } from "./d1.ts";
import { ApiFailure } from "./api-failure.ts";
import type { Effect } from "./retry-policy.ts";
import { transferFailed } from "./transfer.ts";

export type Fields = Readonly<Record<string, unknown>>;

/** `busy`: another task prevents the start. `none`: Cloudflare does not know the task, or no longer. */
export type Step = { readonly messages: string[] } & (
  | { readonly kind: "active"; readonly bookmark: string | null }
  | { readonly kind: "complete"; readonly bookmark: string | null; readonly result: Fields }
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "busy"; readonly reason: string }
  | { readonly kind: "none"; readonly reason: string }
);

export interface PollOptions {
  /** Called with the service's messages, such as `Processed 1477 queries.` */
  readonly onProgress?: (messages: readonly string[]) => void;
  /** The longest pause between two polls. Default: one second. */
  readonly pollEveryMs?: number;
  /** The time limit of the task. Default: an hour. */
  readonly limitMs?: number;
  /** How long to wait for another export or import. Default: five minutes. */
  readonly waitMs?: number;
}

const BUSY = /currently processing a long-running/i;
const NONE = /not currently (?:exporting|importing)/i;

/** Makes one call. A rejection becomes a {@link Step}. @throws OpsError if the answer is not understood */
export async function requestStep(
  remote: RemoteD1,
  effect: Effect,
  what: string,
  send: DatabaseCall,
): Promise<{ readonly step: Step; readonly fields: Fields }> {
  try {
    const { result } = await remote.call<unknown>(effect, what, send);
    const fields = isFields(result) ? result : {};
    return { step: stepOf(fields), fields };
  } catch (error) {
    const cause = error instanceof OpsError ? error.cause : undefined;
    if (!(cause instanceof ApiFailure) || cause.kind === "unknown") throw error;
    if (!BUSY.test(cause.message) && !NONE.test(cause.message)) throw error;
    return { step: failedStep(cause.message, []), fields: {} };
  }
}

/** The service reports a rejection either in the envelope or inside the result. */
function stepOf(fields: Fields): Step {
  const { success, status, error, errors, at_bookmark, messages: given, result } = fields;
  const messages = texts(given);
  const bookmark = typeof at_bookmark === "string" ? at_bookmark : null;
  if (success === false || status === "error") {
    const reasons = typeof error === "string" ? [error] : texts(errors);
    return failedStep(reasons.join("; ") || "no reason given", messages);
  }
  if (status !== "complete") return { kind: "active", bookmark, messages };
  return { kind: "complete", bookmark, messages, result: isFields(result) ? result : {} };
}

function failedStep(reason: string, messages: string[]): Step {
  const kind = BUSY.test(reason) ? "busy" : NONE.test(reason) ? "none" : "failed";
  return { kind, reason, messages };
}

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function texts(value: unknown): string[] {
  const list: unknown[] = Array.isArray(value) ? value : [];
  return list.filter((one) => typeof one === "string");
}

/** Polls until the task is no longer active. Null if it is still active after the time limit. */
export async function pollToEnd(
  { api }: RemoteD1,
  begun: string,
  poll: (bookmark: string) => Promise<Step>,
  options: PollOptions,
): Promise<Exclude<Step, { kind: "active" }> | null> {
  const { onProgress = () => {}, pollEveryMs = 1000, limitMs = 3_600_000 } = options;
  const until = api.clock.now() + limitMs;
  let bookmark = begun;
  for (let wait = 100; ; wait *= 1.5) {
    const step = await poll(bookmark);
    if (step.messages.length > 0) onProgress(step.messages);
    if (step.kind !== "active") return step;
    bookmark = step.bookmark ?? bookmark;
    if (api.clock.now() >= until) return null;
    await pause(api.clock, Math.min(wait, pollEveryMs), api.signal);
  }
}

/** The pause between two checks whether another task has ended. */
const BUSY_PAUSE_MS = 2000;

/** Returns a function that waits while another task prevents the start. @throws OpsError TRANSFER_FAILED after the time limit */
export function waitForOthers(
  { api: { clock, signal } }: RemoteD1,
  { waitMs = 300_000 }: PollOptions,
): (reason: string) => Promise<void> {
  const until = clock.now() + waitMs;
  return async (reason) => {
    if (clock.now() >= until) throw occupied(reason);
    await pause(clock, BUSY_PAUSE_MS, signal);
  };
}

function occupied(reason: string): OpsError {
  const task = /long-running import/i.test(reason) ? "import" : "export";
  return transferFailed(reason, {
    message: `Another ${task} of this database is running, started by another program or by a run that was killed; Cloudflare does not say by whom. It did not end in time: ${reason} Nothing was changed.`,
    hint: `Look for a \`wrangler d1 ${task === "export" ? "export" : "execute --file"}\`, a nightly backup or a CI job. When it has ended, run the same command again.`,
  });
}
