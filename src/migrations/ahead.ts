/**
 * Several migrations under way at once, over a network: each is sent before the answer of the one before it is there, and expects the ledger as that
 * one will leave it. So the guard makes it fail unless the one before it stands, and each is exactly once, as ever. What does not go
 * well is left to {@link attempt}, one at a time.
 * @module
 */
import type { ApplyRequest, MigrationOutcome } from "./apply.ts";
import { OpsError } from "../report/error.ts";
import { rowOf } from "./attempt.ts";
import { acceptStatements } from "./acceptance.ts";
import { type LedgerState, migrationBatch } from "./batch.ts";
import { type Migration, mentions } from "./migration.ts";
import { spentOn } from "./spent.ts";

/** How many are under way at most. */
const MOST = 6;

/** Milliseconds of a round trip from which it is worth it. */
const WORTH_IT_MS = 20;

/** Characters. A long one may take long, and those behind it would wait at the database for more than they may. */
const SHORT = 20_000;

/** What is known of the network. */
export interface Lane {
  /** How many may be sent together. */
  readonly most: number;
  /** Milliseconds between two of them: so that they arrive in their order. */
  readonly gapMs: number;
}

export const ONE_AT_A_TIME: Lane = { most: 1, gapMs: 0 };

/** After one that went alone and well: its time is a round trip. */
export function laneAfter(tookMs: number): Lane {
  return tookMs < WORTH_IT_MS ? ONE_AT_A_TIME : { most: 3, gapMs: Math.min(10, tookMs / 10) };
}

/** It went well, so that there are as many connections now. */
export function widened({ most, gapMs }: Lane): Lane {
  return { most: Math.min(MOST, most * 2), gapMs };
}

/** The next ones that may be sent together, at least one. One that may change the ledger goes alone. */
export function together(
  steps: readonly Migration[],
  at: number,
  most: number,
  table: string,
): readonly Migration[] {
  const next = steps.slice(at, at + most);
  const alone = next.findIndex(
    (step) => step.text.length > SHORT || step.requires.length > 0 || mentions(step, table),
  );
  return alone < 0 ? next : next.slice(0, Math.max(1, alone));
}

export interface SentAhead {
  /** How many were sent: fewer than were given where the run is interrupted between two of them. */
  readonly sent: number;
  /** Those from the first on that are known to stand. */
  readonly done: readonly MigrationOutcome[];
  readonly ledger: LedgerState;
}

export async function sendAhead(
  request: ApplyRequest,
  migrations: readonly Migration[],
  ledger: LedgerState,
  gapMs: number,
): Promise<SentAhead> {
  const { d1, table, author, lease, now, sleep } = request;
  let expected = ledger;
  const sent: Promise<PromiseSettledResult<MigrationOutcome>>[] = [];
  for (const migration of migrations) {
    if (sent.length > 0 && (await isInterrupted(sleep(gapMs)))) break;
    const guard = lease?.guard(migration.name) ?? [];
    const accepts = acceptStatements(d1, table, request.accepts ?? [], author);
    const batch = migrationBatch(d1, table, migration, expected, author, guard, accepts);
    expected = after(expected, migration);
    const started = now();
    sent.push(
      settledOf(
        d1.batch(batch.statements).then((answers) => ({
          status: "done",
          migration,
          durationMs: now() - started,
          spent: spentOn(batch, migration, answers),
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

/** What was sent before is still under way: its answers are waited for, and reported. */
async function isInterrupted(wait: Promise<void>): Promise<boolean> {
  try {
    await wait;
    return false;
  } catch (error) {
    if (error instanceof OpsError && error.code === "INTERRUPTED") return true;
    throw error;
  }
}

/** Nobody waits for it yet, so that its failure must not be one that nobody hears of. */
async function settledOf<T>(answer: Promise<T>): Promise<PromiseSettledResult<T>> {
  const [settled] = await Promise.allSettled([answer]);
  return settled;
}

/** Ids grow by one. Where they do not, the guard of the next one says so. */
function after({ applied }: LedgerState, migration: Migration): LedgerState {
  const id = Math.max(0, ...applied.map((row) => row.id)) + 1;
  return { applied: [...applied, rowOf(migration, id)], created: true };
}
