/**
 * Exports and imports are tasks that one asks about until they are done. What an answer says, and the asking.
 *
 * A task is known by the bookmark that it began at, and asking changes nothing: a lost answer is asked for again.
 * The database serves nobody meanwhile, so that the pauses are short at first.
 * @module
 */
import { OpsError } from "../report/error.ts";
import { pause } from "../failure/clock.ts";
import type { DatabaseCall, RemoteD1 } from "./d1.ts";
import { ApiFailure } from "./api-failure.ts";
import type { Effect } from "./retry-policy.ts";

export type Fields = Readonly<Record<string, unknown>>;

/** `busy`: another task keeps it from beginning. `none`: no such task is known, or not any more. */
export type Step =
  | { readonly kind: "active"; readonly bookmark: string | null; readonly messages: string[] }
  | {
      readonly kind: "complete";
      readonly bookmark: string | null;
      readonly messages: string[];
      readonly result: Fields;
    }
  | { readonly kind: "failed"; readonly reason: string; readonly messages: string[] }
  | { readonly kind: "busy"; readonly reason: string; readonly messages: string[] }
  | { readonly kind: "none"; readonly reason: string; readonly messages: string[] };

export interface PollOptions {
  /** What the service says of it: `Processed 1477 queries.` */
  readonly onProgress?: (messages: readonly string[]) => void;
  /** The longest pause between two questions. Default: one second. */
  readonly pollEveryMs?: number;
  /** How long it may take in all. Default: an hour. */
  readonly limitMs?: number;
  /** How long another export or import is waited for. Default: five minutes. */
  readonly waitMs?: number;
}

/** How often one looks whether another task is over. */
export const BUSY_PAUSE_MS = 2000;
export const BUSY_WAIT_MS = 300_000;

const BUSY = /currently processing a long-running/i;
const NONE = /not currently (?:exporting|importing)/i;

/** One question. What cannot be understood is an error; what says no is a {@link Step}. */
export async function askStep(
  remote: RemoteD1,
  effect: Effect,
  what: string,
  ask: DatabaseCall,
): Promise<{ readonly step: Step; readonly fields: Fields }> {
  try {
    const { result } = await remote.call<unknown>(effect, what, ask);
    const fields = isFields(result) ? result : {};
    return { step: stepOf(fields), fields };
  } catch (error) {
    const said = error instanceof OpsError ? error.cause : undefined;
    if (!(said instanceof ApiFailure) || said.kind === "unknown") throw error;
    if (!BUSY.test(said.message) && !NONE.test(said.message)) throw error;
    return { step: refusal(said.message, []), fields: {} };
  }
}

/** The same things are said in two ways: in the envelope of every answer, and inside of it. */
function stepOf(fields: Fields): Step {
  const { success, status, error, errors, at_bookmark, messages: said, result } = fields;
  const messages = texts(said);
  const bookmark = typeof at_bookmark === "string" ? at_bookmark : null;
  if (success === false || status === "error") {
    const reasons = typeof error === "string" ? [error] : texts(errors);
    return refusal(reasons.join("; ") || "no reason given", messages);
  }
  if (status !== "complete") return { kind: "active", bookmark, messages };
  return { kind: "complete", bookmark, messages, result: isFields(result) ? result : {} };
}

function refusal(reason: string, messages: string[]): Step {
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

/** Asks until it is no longer active. Null: it still was when the time was over. */
export async function follow(
  { api }: RemoteD1,
  begun: string,
  ask: (bookmark: string) => Promise<Step>,
  options: PollOptions,
): Promise<Exclude<Step, { kind: "active" }> | null> {
  const { onProgress = () => {}, pollEveryMs = 1000, limitMs = 3_600_000 } = options;
  const until = api.clock.now() + limitMs;
  let bookmark = begun;
  for (let wait = 100; ; wait *= 1.5) {
    const step = await ask(bookmark);
    if (step.messages.length > 0) onProgress(step.messages);
    if (step.kind !== "active") return step;
    bookmark = step.bookmark ?? bookmark;
    if (api.clock.now() >= until) return null;
    await pause(api.clock, Math.min(wait, pollEveryMs), api.signal);
  }
}
