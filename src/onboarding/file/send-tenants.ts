/**
 * Many tenants, each one batch: those that are done already are asked for first, the others are sent, several at once where
 * a network is between. What was lost on the way is sent again: twice is once.
 * @module
 */
import { isAnswerLost, refusalOf } from "../../failure/kind.ts";
import { ATTEMPTS, backOff, retry } from "../../failure/retry.ts";
import type { Ports } from "../ports.ts";
import { priorRuns } from "../prior-runs.ts";
import { onboardWhole } from "../whole-tenant.ts";
import { isOnboardingError } from "../errors.ts";
import { conflict } from "../problem.ts";
import { OpsError } from "../../report/error.ts";
import type { Tenant } from "./read-tenants.ts";

export type TenantState = "onboarded" | "already" | "failed" | "planned" | "not-run";

export interface TenantOutcome {
  readonly state: TenantState;
  /** Null where nothing is wrong. */
  readonly error: Failure | null;
  /** Milliseconds; null where nothing was sent. */
  readonly durationMs: number | null;
}

export interface Failure {
  readonly code: string;
  /** `number-taken`; null where the code says all. */
  readonly reason: string | null;
  readonly message: string;
  readonly hint: string;
}

export const NOT_RUN: TenantOutcome = { state: "not-run", error: null, durationMs: null };

export interface RunContext {
  readonly ports: Ports;
  /** How many are under way at once. */
  readonly concurrency: number;
  readonly now: () => number;
  /** Milliseconds. */
  readonly sleep: (ms: number) => Promise<void>;
  /** Lets signals arrive. */
  readonly yieldToEventLoop: () => Promise<void>;
  /** Asked before each: no more are begun then. */
  readonly stopping: () => boolean;
}

/** Tenants of one question. */
const ASKED_AT_ONCE = 100;

/** In the order of the tenants: `already`, `failed` where the key was used for something else, or still to be run. */
export async function priorOutcomes(
  tenants: readonly Tenant[],
  context: RunContext,
): Promise<TenantOutcome[]> {
  const outcomes: TenantOutcome[] = tenants.map(() => NOT_RUN);
  const starts = [...tenants.keys()].filter((i) => i % ASKED_AT_ONCE === 0);
  await forEachConcurrently(starts, context, async (from) => {
    const asked = tenants.slice(from, from + ASKED_AT_ONCE);
    const standings = await priorRuns(
      context.ports.d1,
      asked.map(({ input: { tenant, key }, digest }) => ({ tenant, key, digest })),
    );
    for (const [i, standing] of standings.entries()) {
      if (standing === "done") outcomes[from + i] = { ...NOT_RUN, state: "already" };
      if (standing === "other") outcomes[from + i] = failedOutcome(conflict("key-reused"), null);
    }
  });
  return outcomes;
}

/** Sends one. @throws OpsError where it is not the tenant that is at fault, so that the next would fare no better */
export async function onboardTenant(
  { input, digest }: Tenant,
  { ports, sleep, now }: RunContext,
): Promise<TenantOutcome> {
  const began = now();
  let lost: Error | null = null;
  const send = async (): Promise<TenantOutcome> => {
    const state = await onboardWhole(input, digest, ports);
    // Where an answer was lost, what is there already is what was sent.
    return { state: lost === null ? state : "onboarded", error: null, durationMs: now() - began };
  };
  return retry(send, {
    sleep,
    after(error, made) {
      if (isTenantsOwn(error)) return { answer: failedOutcome(error, now() - began) };
      // Who is interrupted while he asks again does not know any more than before.
      if (lost !== null && error instanceof OpsError && error.code === "INTERRUPTED") throw lost;
      if (!isAnswerLost(error) || made === ATTEMPTS) throw error;
      lost = error;
      return { waitMs: backOff(made) };
    },
  });
}

function isTenantsOwn(error: unknown): error is Error {
  return isOnboardingError(error) || (!(error instanceof OpsError) && refusalOf(error) !== null);
}

export function failedOutcome(error: Error, durationMs: number | null): TenantOutcome {
  if (error instanceof OpsError) {
    const { code, message, hint, details } = error;
    const reason =
      "reason" in details && typeof details.reason === "string" ? details.reason : null;
    return { state: "failed", error: { code, reason, message, hint }, durationMs };
  }
  const message = `D1 refused it: ${refusalOf(error)?.reason ?? error.message}`;
  const hint = "Nothing of this tenant was written.";
  return {
    state: "failed",
    error: { code: "SQL_FAILED", reason: null, message, hint },
    durationMs,
  };
}

/** So many at once, begun in their order. */
export async function forEachConcurrently<T>(
  items: readonly T[],
  {
    concurrency,
    stopping,
    yieldToEventLoop,
  }: Pick<RunContext, "concurrency" | "stopping" | "yieldToEventLoop">,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const next = items.values();
  const worker = async (): Promise<void> => {
    for (const item of next) {
      await yieldToEventLoop();
      if (stopping()) return;
      await work(item);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}
