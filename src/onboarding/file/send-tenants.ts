/**
 * Onboards many tenants, one batch each. Tenants that an earlier run onboarded are skipped. A batch whose answer was lost is sent again,
 * because it is idempotent.
 * @module
 */
import { isAnswerLost, refusalOf } from "../../failure/kind.ts";
import { ATTEMPTS, backOff, retry } from "../../failure/retry.ts";
import type { Ports } from "../ports.ts";
import { priorRuns } from "../prior-runs.ts";
import { onboardWhole } from "../whole-tenant.ts";
import { conflict, isOnboardingError } from "../errors.ts";
import { OpsError } from "../../report/error.ts";
import type { Tenant } from "./read-tenants.ts";

export type TenantState = "onboarded" | "already" | "failed" | "planned" | "not-run";

export interface TenantOutcome {
  readonly state: TenantState;
  /** Null unless the tenant failed. */
  readonly error: Failure | null;
  /** Milliseconds. Null if nothing was sent. */
  readonly durationMs: number | null;
}

interface Failure {
  readonly code: string;
  /** For example `number-taken`. Null if the code has no reasons. */
  readonly reason: string | null;
  readonly message: string;
  readonly hint: string;
}

export const NOT_RUN: TenantOutcome = { state: "not-run", error: null, durationMs: null };

export interface RunContext {
  readonly ports: Ports;
  /** The number of tenants that are sent at the same time. */
  readonly concurrency: number;
  readonly now: () => number;
  /** Milliseconds. */
  readonly sleep: (ms: number) => Promise<void>;
  /** Signals can only arrive between two turns of the event loop. */
  readonly breathe: () => Promise<void>;
  /** Checked before each tenant. True: starts no more. */
  readonly stopping: () => boolean;
}

/** Tenants per query. */
const CHUNK = 100;

/** In the order of the tenants: `already`, `failed` if the key was used with other data, or {@link NOT_RUN}. */
export async function priorOutcomes(
  tenants: readonly Tenant[],
  context: RunContext,
): Promise<TenantOutcome[]> {
  const outcomes: TenantOutcome[] = tenants.map(() => NOT_RUN);
  const starts = [...tenants.keys()].filter((i) => i % CHUNK === 0);
  await forEachConcurrently(starts, context, async (from) => {
    const chunk = tenants.slice(from, from + CHUNK);
    const found = await priorRuns(
      context.ports.d1,
      chunk.map(({ input: { tenant, key }, digest }) => ({ tenant, key, digest })),
    );
    for (const [i, prior] of found.entries()) {
      if (prior === "done") outcomes[from + i] = { ...NOT_RUN, state: "already" };
      if (prior === "other") outcomes[from + i] = failedOutcome(conflict("key-reused"), null);
    }
  });
  return outcomes;
}

/** @throws OpsError if the tenant is not the cause, so that the next tenant would fail, too */
export async function sendTenant(
  { input, digest }: Tenant,
  { ports, sleep, now }: RunContext,
): Promise<TenantOutcome> {
  const began = now();
  let lost: Error | null = null;
  const send = async (): Promise<TenantOutcome> => {
    const state = await onboardWhole(input, digest, ports);
    // After a lost answer, `already` means that the lost batch succeeded.
    return { state: lost === null ? state : "onboarded", error: null, durationMs: now() - began };
  };
  return retry(send, {
    // If Ctrl-C ends the retries, here or in an attempt, the outcome is still unknown.
    sleep: async (ms) =>
      sleep(ms).catch((error: unknown) => {
        throw lost ?? error;
      }),
    after(error, made) {
      if (isTenantError(error)) return { answer: failedOutcome(error, now() - began) };
      if (lost !== null && error instanceof OpsError && error.code === "INTERRUPTED") throw lost;
      if (!isAnswerLost(error) || made === ATTEMPTS) throw error;
      lost = error;
      return { waitMs: backOff(made) };
    },
  });
}

function isTenantError(error: unknown): error is Error {
  return isOnboardingError(error) || (!(error instanceof OpsError) && refusalOf(error) !== null);
}

export function failedOutcome(error: Error, durationMs: number | null): TenantOutcome {
  if (error instanceof OpsError) {
    const { code, message, hint, details } = error;
    const reason =
      "reason" in details && typeof details.reason === "string" ? details.reason : null;
    return { state: "failed", error: { code, reason, message, hint }, durationMs };
  }
  const message = `D1 rejected the batch: ${refusalOf(error)?.reason ?? error.message}`;
  const hint = "Nothing of this tenant was written.";
  const failure = { code: "SQL_FAILED", reason: null, message, hint };
  return { state: "failed", error: failure, durationMs };
}

/** Calls `work` for each item, at most `concurrency` at a time, in the order of the items. */
export async function forEachConcurrently<T>(
  items: readonly T[],
  { concurrency, stopping, breathe }: Pick<RunContext, "concurrency" | "stopping" | "breathe">,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const next = items.values();
  const worker = async (): Promise<void> => {
    for (const item of next) {
      await breathe();
      if (stopping()) return;
      await work(item);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}
