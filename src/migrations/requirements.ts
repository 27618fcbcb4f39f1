/** @module The backfills that migrations require: whether they are ready, and the gate that checks them again before each migration. */
import type { Backfill } from "../backfills/backfill.ts";
import { readinessOf, stillReady } from "../backfills/gate.ts";
import type { D1Database, D1PreparedStatement, Database } from "../database/port.ts";
import { OpsError } from "../report/error.ts";
import { futureRefusal } from "./future-source.ts";
import type { Gate } from "./migration-run.ts";
import { type Applied, readLedger } from "./ledger.ts";
import type { Migration } from "./migration.ts";
import type { NotReady } from "./plan.ts";

export interface Requirements {
  /** By the name of the migration. */
  readonly notReady: ReadonlyMap<string, readonly NotReady[]>;
  /** Null if no pending migration requires a backfill. */
  readonly gate: Gate | null;
}

export interface RequirementsRequest {
  readonly d1: D1Database;
  readonly table: string;
  /** The migrations that may run, in order. */
  readonly folder: readonly Migration[];
  /** Loads the backfills that a migration requires. */
  readonly backfillsOf: (migration: Migration) => Promise<readonly Backfill[]>;
  /** Opens an empty in-memory database with D1's rules. */
  readonly openMemory: () => Database;
}

const NONE: Requirements = { notReady: new Map(), gate: null };

/**
 * Reads the ledger and checks what pending migrations require. If a backfill is not ready, another run may have applied its migration
 * just now and destroyed the data that the check reads. So d1ops reads the ledger again, and starts over if it has changed.
 * @throws OpsError BACKFILL_UNKNOWN, BACKFILL_INVALID, LEDGER_INVALID, and errors of the database
 */
export async function readRequirements(
  request: RequirementsRequest,
): Promise<Requirements & { readonly ledger: readonly Applied[] }> {
  const { d1, table } = request;
  let ledger = await readLedger(d1, table);
  for (;;) {
    const requirements = await requirementsOf(request, ledger);
    const now = requirements.notReady.size === 0 ? ledger : await readLedger(d1, table);
    if (now.length === ledger.length) return { ...requirements, ledger };
    ledger = now;
  }
}

/**
 * Checks the migrations that are not applied. If a backfill follows a pending migration, or reads what one creates, the gate checks it
 * during the run.
 */
async function requirementsOf(
  request: RequirementsRequest,
  ledger: readonly Applied[],
): Promise<Requirements> {
  const { d1, folder, backfillsOf } = request;
  const names = new Set(ledger.map(({ name }) => name));
  const pending = folder.filter(({ name }) => !names.has(name));
  const requiring = pending.filter(({ requires }) => requires.length > 0);
  if (requiring.length === 0) return NONE;
  const notReady = new Map<string, NotReady[]>();
  for (const migration of requiring) {
    for (const backfill of await backfillsOf(migration)) {
      const isNext = backfill.after === null || names.has(backfill.after);
      const now = isNext ? await readinessOf(d1, backfill) : null;
      const earlier = pending.slice(0, pending.indexOf(migration));
      const readiness =
        now === null || now.kind === "unreadable"
          ? await futureRefusal({ ...request, earlier, backfill })
          : now;
      if (readiness === null || !("reason" in readiness)) continue;
      const others = notReady.get(migration.name) ?? [];
      const { reason, help } = readiness;
      const one = { backfill: backfill.name, reason, help };
      notReady.set(migration.name, [...others, one]);
    }
  }
  return { notReady, gate: gateOf(d1, backfillsOf) };
}

function gateOf(d1: D1Database, backfillsOf: RequirementsRequest["backfillsOf"]): Gate {
  return async (migration) => {
    const statements: D1PreparedStatement[] = [];
    for (const backfill of await backfillsOf(migration)) {
      const readiness = await readinessOf(d1, backfill);
      if ("reason" in readiness) throw notReadyError(migration, backfill, readiness);
      statements.push(stillReady(d1, backfill, readiness.kind));
    }
    return statements;
  };
}

function notReadyError(
  { name: migration }: Migration,
  { name }: Backfill,
  { reason, help }: Pick<NotReady, "reason" | "help">,
): OpsError {
  const message = `${migration} requires the backfill ${name}, and ${reason}.`;
  const hint = `${help}\nThen run the same command again.`;
  return new OpsError("BACKFILL_NOT_READY", { name, reason }, { message, hint });
}
