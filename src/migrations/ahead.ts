/**
 * Several migrations in flight over a network: each is sent before the answer of the previous one arrives, and expects the
 * ledger that the previous one will leave. If the previous one fails, the guard makes the next one fail too, so each
 * migration still runs exactly once. {@link attempt} handles failures, one migration at a time.
 * @module
 */
import { type ApplyRequest, type MigrationOutcome, usageOf } from "./migration-run.ts";
import { interruptionOf, rowOf } from "./attempt.ts";
import { type LedgerState, migrationBatch } from "./batch.ts";
import { lastId } from "./ledger.ts";
import { type Migration, mentions } from "./migration.ts";

const MOST = 6;

/** The round trip, in milliseconds, from which sending ahead pays off. */
const WORTH_IT_MS = 20;

/** Characters. A longer migration may take long, and those behind it would wait at the database past its limit. */
const SHORT = 20_000;

/** How to send over this network. */
export interface Lane {
  /** How many migrations may be sent together. */
  readonly most: number;
  /** Milliseconds between two of them, so that they arrive in order. */
  readonly gapMs: number;
}

export const ONE_AT_A_TIME: Lane = { most: 1, gapMs: 0 };

/** The lane after a single migration has succeeded: its time is a round trip. */
export function laneAfter(tookMs: number): Lane {
  return tookMs < WORTH_IT_MS ? ONE_AT_A_TIME : { most: 3, gapMs: Math.min(10, tookMs / 10) };
}

/** The lane after all have succeeded: that many connections are open now. */
export function widened({ most, gapMs }: Lane): Lane {
  return { most: Math.min(MOST, most * 2), gapMs };
}

/** Returns the next migrations that may be sent together, at least one. One that may change the ledger is sent alone. */
export function together(
  steps: readonly Migration[],
  at: number,
  most: number,
  table: string,
): readonly Migration[] {
  const next = steps.slice(at, at + most);
  if (most === 1) return next;
  const alone = next.findIndex(
    (step) => step.text.length > SHORT || step.requires.length > 0 || mentions(step, table),
  );
  return alone < 0 ? next : next.slice(0, Math.max(1, alone));
}

export interface SentAhead {
  /** How many were sent: fewer than given if the run was interrupted between two of them. */
  readonly sent: number;
  /** Those that are known to be applied, from the first on. */
  readonly done: readonly MigrationOutcome[];
  readonly ledger: LedgerState;
}

export async function sendAhead(
  request: ApplyRequest,
  migrations: readonly Migration[],
  ledger: LedgerState,
  gapMs: number,
): Promise<SentAhead> {
  const { d1, lease, now, sleep } = request;
  let expected = ledger;
  const sent: Promise<PromiseSettledResult<MigrationOutcome>>[] = [];
  for (const migration of migrations) {
    // After an interruption, earlier migrations are still in flight: the run awaits and reports their answers.
    if (sent.length > 0 && (await interruptionOf(sleep(gapMs))) !== null) break;
    const guard = lease?.guard(migration.name) ?? [];
    const batch = migrationBatch(request, migration, expected, guard);
    expected = after(expected, migration);
    const started = now();
    sent.push(
      settledOf(
        d1.batch(batch.statements).then((answers) => ({
          status: "done",
          migration,
          durationMs: now() - started,
          usage: usageOf(batch, migration, answers),
        })),
      ),
    );
  }
  const settled = await Promise.all(sent);
  const done: MigrationOutcome[] = [];
  let reached = ledger;
  for (const [i, result] of settled.entries()) {
    const migration = migrations[i];
    if (result.status === "rejected" || migration === undefined) break;
    done.push(result.value);
    reached = after(reached, migration);
  }
  return { sent: sent.length, done, ledger: reached };
}

/** Settles the promise at once, because an early rejection without a handler would end the process. */
async function settledOf<T>(answer: Promise<T>): Promise<PromiseSettledResult<T>> {
  const [settled] = await Promise.allSettled([answer]);
  return settled;
}

/** Assumes that ids grow by one. If they do not, the guard of the next migration fails. */
function after({ applied }: LedgerState, migration: Migration): LedgerState {
  const id = lastId(applied) + 1;
  return { applied: [...applied, rowOf(migration, id)], created: true };
}
