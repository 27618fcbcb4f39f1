/**
 * Applies one migration exactly once. After a failed batch, d1ops reads the ledger again instead of interpreting the error: another run
 * was faster, or the migration failed, or it succeeded and only the answer was lost.
 * @module
 */
import type { D1PreparedStatement } from "../database/port.ts";
import { type DatabaseFailure, lostAnswerError, failureOf } from "../failure/kind.ts";
import { ATTEMPTS, backOff } from "../failure/retry.ts";
import { type Lease, leaseLost } from "../lease/lease.ts";
import { NO_COST } from "../report/billing.ts";
import { hasCode, OpsError } from "../report/error.ts";
import {
  type ApplyRequest,
  type Failure,
  type MigrationOutcome,
  usageOf,
} from "./migration-run.ts";
import { type LedgerState, type MigrationBatch, migrationBatch } from "./batch.ts";
import { type Applied, readLedger } from "./ledger.ts";
import { type Migration, mentions } from "./migration.ts";

export interface Attempt {
  /** `replan`: the ledger has changed, so the plan may have changed too. */
  readonly outcome: MigrationOutcome | "replan";
  readonly ledger: readonly Applied[];
}

export async function attempt(
  request: ApplyRequest,
  migration: Migration,
  ledger: LedgerState,
): Promise<Attempt> {
  const { d1, table, lease, gate, now, sleep } = request;
  const row = ledger.applied.find(({ name }) => name === migration.name);
  if (row !== undefined) {
    return { outcome: await pastOutcome(request, migration, row), ledger: ledger.applied };
  }
  const started = now();
  const failed = (failure: Failure): Attempt => ({
    outcome: { status: "failed", migration, durationMs: now() - started, failure },
    ledger: ledger.applied,
  });
  const failedWith = (error: OpsError): Attempt => failed({ kind: "error", error });
  let checksKeys = false;
  for (let tried = 1; ; tried += 1) {
    const gated = await statementsOf(gate, migration);
    if (gated instanceof OpsError) {
      // A faster run may have applied the migration and so destroyed what the backfill reads.
      const current = await orError(readLedger(d1, table));
      const changed = !(current instanceof OpsError) && !sameLedger(ledger.applied, current);
      return changed ? { outcome: "replan", ledger: current } : failedWith(gated);
    }
    const guard = [...(lease?.guard(migration.name) ?? []), ...gated];
    const batch = migrationBatch(request, migration, ledger, guard);
    const check = checksKeys ? [d1.prepare(CHECK_FOREIGN_KEYS)] : [];
    try {
      const results = await d1.batch([...batch.statements, ...check]);
      const usage = usageOf(batch, migration, results);
      const outcome = { status: "done", migration, durationMs: now() - started, usage } as const;
      const id = results[batch.ledgerRow]?.meta.last_row_id ?? 0;
      const expected = [...ledger.applied, rowOf(migration, id)];
      // A migration that mentions the ledger may have renamed the next ones.
      const current = mentions(migration, table) ? await orError(readLedger(d1, table)) : expected;
      return { outcome, ledger: current instanceof OpsError ? expected : current };
    } catch (error) {
      const failure = failureOf(error);
      const lost = failure?.kind === "unknown" ? failure : null;
      if (error instanceof OpsError && lost === null) return failedWith(error);
      const current = await orError(readLedger(d1, table));
      if (current instanceof OpsError) {
        return failedWith(lost === null ? current : lostAnswerError(lost));
      }
      if (!sameLedger(ledger.applied, current)) return { outcome: "replan", ledger: current };
      if (lease !== null && !(await look(lease)).holds) return failedWith(leaseLost(lease.run));
      if (lost === null) {
        // The gate may have failed the batch. Called again, it reports why, or passes if the cause is gone.
        if (gated.length > 0 && tried === 1) continue;
        return failed(checksKeys ? FOREIGN_KEY : describe(error, failure, batch, migration));
      }
      if (tried === ATTEMPTS) return failedWith(neverDone(lost));
      checksKeys = /internal error/i.test(lost.reason);
      const interruption = await interruptionOf(sleep(backOff(tried)));
      if (interruption !== null) return failedWith(interruption);
    }
  }
}

/** Waits, and returns the INTERRUPTED error of Ctrl-C instead of throwing it. */
export async function interruptionOf(wait: Promise<void>): Promise<OpsError | null> {
  try {
    await wait;
    return null;
  } catch (error) {
    if (hasCode(error, "INTERRUPTED")) return error;
    throw error;
  }
}

/** The ledger already has the migration: this run applied it if its answer was lost, and another run otherwise. */
async function pastOutcome(
  { lease, now }: ApplyRequest,
  migration: Migration,
  { record }: Applied,
): Promise<MigrationOutcome> {
  const started = now();
  if (lease === null || !(await wasOurs(lease, migration, record))) {
    return { status: "applied by another run", migration };
  }
  // D1's bill was lost with the answer.
  const usage = { rows: record?.rowsWritten ?? 0, billed: NO_COST };
  return { status: "done", migration, durationMs: now() - started, usage };
}

/** A run records its last migration in the same batch. And only the run that holds the lease writes records. */
async function wasOurs(
  lease: Lease,
  { name }: Migration,
  record: Applied["record"],
): Promise<boolean> {
  const { holds, last } = await look(lease);
  return last === name || (holds && (record?.startedAt ?? "") >= lease.startedAt);
}

/** The gate's statements, or its error. A migration with a requirement never runs without a gate. */
async function statementsOf(
  gate: ApplyRequest["gate"],
  migration: Migration,
): Promise<readonly D1PreparedStatement[] | OpsError> {
  if (migration.requires.length === 0) return [];
  if (gate === null) throw new Error(`no gate was passed for what ${migration.name} requires`);
  return orError(gate(migration));
}

/** d1ops has read the ledger after each attempt, and a late batch fails at the guard of the lease, which ends with this run. */
function neverDone({ error, reason }: DatabaseFailure): OpsError {
  const status = hasCode(error, "OUTCOME_UNKNOWN") ? error.details.status : null;
  return new OpsError(
    "API_REFUSED",
    { status, code: null, ray: null },
    {
      message: `d1ops sent it ${ATTEMPTS} times and lost every answer. The ledger does not have it. Last error: ${reason}`,
      hint: "Cloudflare or the network is failing. Try again later. https://www.cloudflarestatus.com reports known problems.",
    },
    { cause: error.message },
  );
}

/**
 * If a foreign key is violated at the end of a transaction, D1 reports only `internal error`. After such an answer, d1ops sends the batch
 * with this statement at its end, so that it fails earlier and with a readable error.
 */
const CHECK_FOREIGN_KEYS =
  "SELECT CASE WHEN EXISTS (SELECT 1 FROM pragma_foreign_key_check) THEN json('a row refers to a missing parent') ELSE 1 END";

const FOREIGN_KEY: Failure = {
  kind: "statement",
  message:
    "FOREIGN KEY constraint failed when the migration ended: rows refer to missing parents. (D1 itself reports only `internal error`.)",
  index: null,
};

/** If the lease cannot be read, d1ops assumes that the run holds it: the next batch contains the guard. */
async function look(lease: Lease): Promise<{ holds: boolean; last: string | null }> {
  const seen = await orError(lease.look());
  return seen instanceof OpsError ? { holds: true, last: null } : seen;
}

export function rowOf({ name, checksum }: Migration, id: number): Applied {
  return {
    id,
    name,
    appliedAt: "",
    record: {
      checksum,
      textMark: null,
      startedAt: "",
      durationMs: null,
      rowsWritten: null,
      appliedBy: null,
      commit: null,
    },
  };
}

async function orError<T>(answer: Promise<T>): Promise<T | OpsError> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof OpsError) return error;
    throw error;
  }
}

function sameLedger(one: readonly Applied[], other: readonly Applied[]): boolean {
  return one.length === other.length && one.every((row, i) => row.id === other[i]?.id);
}

function describe(
  error: unknown,
  refusal: DatabaseFailure | null,
  { first }: MigrationBatch,
  { statements }: Migration,
): Failure {
  const message = refusal?.reason ?? (error instanceof Error ? error.message : String(error));
  if (refusal === null || refusal.index === null)
    return { kind: "statement", message, index: null };
  const index = refusal.index - first;
  return index < 0 || index >= statements.length
    ? { kind: "record", message }
    : { kind: "statement", message, index, place: refusal.place };
}
