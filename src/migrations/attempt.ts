/**
 * One migration, exactly once. What a failed batch means is decided by reading the ledger again, never by the text of the error:
 * somebody else was faster, or the migration failed, or it is done and only the answer was lost.
 * @module
 */
import type { D1Database, D1PreparedStatement } from "../database/port.ts";
import { type DatabaseFailure, errorOfLost, failureOf } from "../failure/kind.ts";
import { ATTEMPTS, backOff } from "../failure/retry.ts";
import { type Lease, leaseLost } from "../lease/lease.ts";
import { OpsError } from "../report/error.ts";
import { acceptStatements } from "./acceptance.ts";
import type { ApplyRequest, Failure, MigrationOutcome } from "./apply.ts";
import { type LedgerState, migrationBatch } from "./batch.ts";
import { type Applied, readLedger } from "./ledger.ts";
import { type Migration, mentions } from "./migration.ts";
import { type Spent, spentOn } from "./spent.ts";

export interface Attempt {
  /** `again`: the ledger is not as it was, so the plan may be another. */
  readonly outcome: MigrationOutcome | "again";
  readonly ledger: readonly Applied[];
}

export async function attempt(
  request: ApplyRequest,
  migration: Migration,
  ledger: LedgerState,
): Promise<Attempt> {
  const { d1, table, author, lease, gate, now } = request;
  const started = now();
  const done = (applied: readonly Applied[], spent: Spent): Attempt => ({
    outcome: { status: "done", migration, durationMs: now() - started, spent },
    ledger: applied,
  });
  const failed = (failure: Failure): Attempt => ({
    outcome: { status: "failed", migration, durationMs: now() - started, failure },
    ledger: ledger.applied,
  });
  if (has(ledger.applied, migration)) {
    if (await wasOurs(lease, ledger.applied, migration)) {
      return done(ledger.applied, recorded(ledger.applied, migration));
    }
    return { outcome: { status: "applied by someone else", migration }, ledger: ledger.applied };
  }
  let opaque = false;
  for (let tried = 1; ; tried += 1) {
    const gated = await pass(gate, migration);
    if (gated instanceof OpsError) {
      // Somebody who was faster has destroyed what the backfill reads.
      const current = await readAgain(d1, table);
      const moved = !(current instanceof OpsError) && !sameLedger(ledger.applied, current);
      if (moved) return { outcome: "again", ledger: current };
      return failed({ kind: "error", error: gated });
    }
    const guard = [...(lease?.guard(migration.name) ?? []), ...gated];
    const accepts = acceptStatements(d1, table, request.accepts ?? [], author);
    const batch = migrationBatch(d1, table, migration, ledger, author, guard, accepts);
    const check = opaque ? [d1.prepare(CHECK_FOREIGN_KEYS)] : [];
    try {
      const results = await d1.batch([...batch.statements, ...check]);
      const id = results[batch.ledgerRow]?.meta.last_row_id ?? 0;
      const expected = [...ledger.applied, rowOf(migration, id)];
      // It may have renamed the migrations that come next.
      const current = mentions(migration, table) ? await readAgain(d1, table) : expected;
      const spent = spentOn(batch, migration, results);
      return done(current instanceof OpsError ? expected : current, spent);
    } catch (error) {
      const failure = failureOf(error);
      const lost = failure?.kind === "unknown" ? failure : null;
      if (error instanceof OpsError && lost === null) return failed({ kind: "error", error });
      const current = await readAgain(d1, table);
      if (current instanceof OpsError)
        return failed({ kind: "error", error: lost === null ? current : errorOfLost(lost) });
      if (!sameLedger(ledger.applied, current)) return { outcome: "again", ledger: current };
      if (lease !== null && !(await look(lease)).holds) {
        return failed({ kind: "error", error: leaseLost(lease.run) });
      }
      if (lost === null) {
        // Was it the gate? It is asked again, and tells; where it was shut for a moment only, the batch goes out again.
        if (gated.length > 0 && tried === 1) continue;
        return failed(
          opaque ? FOREIGN_KEY : describe(error, failure, batch.first, migration.statements.length),
        );
      }
      if (tried === ATTEMPTS) return failed({ kind: "error", error: neverDone(lost) });
      opaque = /internal error/i.test(lost.reason);
      try {
        await request.sleep(backOff(tried));
      } catch (interruption) {
        if (!(interruption instanceof OpsError)) throw interruption;
        return failed({ kind: "error", error: interruption });
      }
    }
  }
}

/** A migration that requires something, and nobody to ask: that does not pass. */
async function pass(
  gate: ApplyRequest["gate"],
  migration: Migration,
): Promise<readonly D1PreparedStatement[] | OpsError> {
  if (migration.requires.length === 0) return [];
  if (gate === null) throw new Error(`nobody was asked for what ${migration.name} requires`);
  try {
    return await gate(migration);
  } catch (error) {
    if (error instanceof OpsError) return error;
    throw error;
  }
}

/** The ledger was read after each time, and what is late fails at the lease, which ends with this run. */
function neverDone({ error, reason }: DatabaseFailure): OpsError {
  const status =
    error instanceof OpsError && "status" in error.details ? error.details.status : null;
  return new OpsError(
    "API_REFUSED",
    { status, code: null, ray: null },
    {
      message: `It was sent ${ATTEMPTS} times, and each time the answer was lost; the ledger does not have it. Last: ${reason}`,
      hint: "Cloudflare or the network fails: try again in a while; https://www.cloudflarestatus.com tells what is known.",
    },
    { cause: error.message },
  );
}

/**
 * D1 says `internal error` and no more where a foreign key is violated when a transaction ends. After such an answer the batch goes out
 * with this at its end, so that it fails before the end, and plainly.
 */
const CHECK_FOREIGN_KEYS =
  "SELECT CASE WHEN EXISTS (SELECT 1 FROM pragma_foreign_key_check) THEN json('a foreign key points nowhere') ELSE 1 END";

const FOREIGN_KEY: Failure = {
  kind: "statement",
  message:
    "FOREIGN KEY constraint failed when the migration ended: there are rows whose parent is missing. (D1 itself says only `internal error`.)",
  index: null,
};

function has(ledger: readonly Applied[], { name }: Migration): boolean {
  return ledger.some((row) => row.name === name);
}

/** The answer was lost, and with it what D1 bills. */
function recorded(applied: readonly Applied[], { name }: Migration): Spent {
  const rows = applied.find((row) => row.name === name)?.record?.rowsWritten ?? 0;
  return { rows, billed: { read: 0, written: 0 } };
}

/** A run writes down what it did last, in the same batch. And nobody but it makes records while it holds the lease. */
async function wasOurs(
  lease: Lease | null,
  applied: readonly Applied[],
  { name }: Migration,
): Promise<boolean> {
  if (lease === null) return false;
  const recordedAt = applied.find((row) => row.name === name)?.record?.startedAt ?? "";
  const { holds, last } = await look(lease);
  return last === name || (holds && recordedAt >= lease.startedAt);
}

/** Where the lease cannot be read, nothing is claimed of it: the next batch has the guard in it. */
async function look(lease: Lease): Promise<{ holds: boolean; last: string | null }> {
  try {
    return await lease.look();
  } catch (error) {
    if (!(error instanceof OpsError)) throw error;
    return { holds: true, last: null };
  }
}

export function rowOf({ name, checksum }: Migration, id: number): Applied {
  return {
    id,
    name,
    appliedAt: "",
    record: {
      checksum,
      startedAt: "",
      durationMs: null,
      rowsWritten: null,
      appliedBy: null,
      commit: null,
    },
  };
}

async function readAgain(d1: D1Database, table: string): Promise<Applied[] | OpsError> {
  try {
    return await readLedger(d1, table);
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
  first: number,
  count: number,
): Failure {
  if (refusal === null) {
    const message = error instanceof Error ? error.message : String(error);
    return { kind: "statement", message, index: null };
  }
  const { reason: message, index: at, place } = refusal;
  if (at === null) return { kind: "statement", message, index: null };
  const index = at - first;
  return index < 0 || index >= count
    ? { kind: "record", message }
    : { kind: "statement", message, index, place };
}
