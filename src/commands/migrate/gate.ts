/**
 * The backfills that migrations require, found and asked.
 * @module
 */
import type { Backfill } from "../../backfills/backfill.ts";
import { readinessOf, stillReady } from "../../backfills/gate.ts";
import type { D1Database, D1PreparedStatement } from "../../database/port.ts";
import type { Gate } from "../../migrations/apply.ts";
import { type Applied, readLedger } from "../../migrations/ledger.ts";
import type { Migration } from "../../migrations/migration.ts";
import type { Unready } from "../../migrations/plan.ts";
import { command, offer } from "../../report/command.ts";
import { OpsError } from "../../report/error.ts";
import { findBackfill, readBackfills } from "../../project/backfills.ts";
import type { Project } from "../../project/project.ts";

export interface Requirements {
  readonly unready: ReadonlyMap<string, readonly Unready[]>;
  /** Null where no migration requires any. */
  readonly gate: Gate | null;
}

const NONE: Requirements = { unready: new Map(), gate: null };

/**
 * Reads the ledger, and asks for what pending migrations require. Where something is not ready, it may be that somebody has applied such a
 * migration just now, and what it destroyed cannot be asked any more: then all is looked at again. What comes after `last` is not going to
 * run, so what it requires is not loaded; null: all of the folder.
 * @throws OpsError as {@link requirementsOf}
 */
export async function readStanding(
  project: Pick<Project, "settings" | "variables">,
  d1: D1Database,
  folder: readonly Migration[],
  last: Migration | null,
): Promise<Requirements & { readonly ledger: readonly Applied[] }> {
  const table = project.settings.database.migrationsTable;
  const end = last === null ? folder.length : folder.indexOf(last) + 1;
  const wanted = folder.slice(0, end);
  let ledger = await readLedger(d1, table);
  for (;;) {
    const requirements = await requirementsOf(project, d1, wanted, ledger);
    const now = requirements.unready.size === 0 ? ledger : await readLedger(d1, table);
    if (now.length === ledger.length) return { ...requirements, ledger };
    ledger = now;
  }
}

/**
 * Of the migrations that are not applied. A backfill whose own migration is pending cannot be asked yet: its run asks.
 * @throws OpsError BACKFILL_UNKNOWN, BACKFILL_INVALID
 */
async function requirementsOf(
  project: Pick<Project, "settings" | "variables">,
  d1: D1Database,
  wanted: readonly Migration[],
  ledger: readonly Applied[],
): Promise<Requirements> {
  const names = new Set(ledger.map(({ name }) => name));
  const pending = wanted.filter(({ name }) => !names.has(name));
  if (pending.every(({ requires }) => requires.length === 0)) return NONE;
  const backfills = await readBackfills(project);
  const of = (migration: Migration): Backfill[] =>
    migration.requires.map((name) => findBackfill(backfills, name, migration.name));
  const unready = new Map<string, Unready[]>();
  for (const migration of pending) {
    for (const backfill of of(migration)) {
      if (backfill.after !== null && !names.has(backfill.after)) continue;
      const readiness = await readinessOf(d1, backfill);
      if (readiness.kind !== "not ready") continue;
      const others = unready.get(migration.name) ?? [];
      const one = { backfill: backfill.name, reason: readiness.reason };
      unready.set(migration.name, [...others, one]);
    }
  }
  return { unready, gate: gateOf(d1, of) };
}

function gateOf(d1: D1Database, of: (migration: Migration) => Backfill[]): Gate {
  return async (migration) => {
    const statements: D1PreparedStatement[] = [];
    for (const backfill of of(migration)) {
      const readiness = await readinessOf(d1, backfill);
      if ("reason" in readiness) throw notReady(migration, backfill, readiness.reason);
      statements.push(stillReady(d1, backfill, readiness.kind));
    }
    return statements;
  };
}

function notReady({ name: migration }: Migration, { name }: Backfill, reason: string): OpsError {
  return new OpsError(
    "BACKFILL_NOT_READY",
    { name, reason },
    {
      message: `${migration} requires the backfill ${name}, and ${reason}.`,
      hint: `${offer("Run it first", command("backfill run", name))}\nThen run the same command again.`,
    },
  );
}
