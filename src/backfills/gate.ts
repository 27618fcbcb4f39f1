/**
 * Decides whether a migration may destroy what a backfill reads: only if the backfill is reconciled, also at the moment of the migration.
 * If the source has no rows, as in a new database, the migration may run.
 * @module
 */
import { missingIn, refusalOf } from "../failure/kind.ts";
import { offer } from "../report/command.ts";
import { count } from "../report/wording.ts";
import type { D1Database, D1PreparedStatement } from "../database/port.ts";
import { quoteString } from "../sql/quote.ts";
import type { Backfill } from "./backfill.ts";
import { nextRun, restoreOrBeginAgain } from "./ready.ts";
import { sourceOf } from "./slice.ts";
import { BACKFILLS, readProgressOf } from "./backfill-state.ts";

export type Readiness =
  | { readonly kind: "nothing to read" }
  | { readonly kind: "reconciled" }
  /** A pending migration may create the source: d1ops checks again before the next migration. */
  | { readonly kind: "unreadable"; readonly reason: string; readonly help: string }
  | { readonly kind: "not ready"; readonly reason: string; readonly help: string };

export async function readinessOf(d1: D1Database, backfill: Backfill): Promise<Readiness> {
  const { name, file, reconcile, checksum } = backfill;
  const met = await readCount(() => d1.prepare(`SELECT 1 AS n FROM ${sourceOf(backfill)} LIMIT 1`));
  if ("refusal" in met) {
    return met.missing === null
      ? {
          kind: "unreadable",
          reason: `its source cannot be read: ${met.refusal}`,
          help: `Correct the source in ${file}.`,
        }
      : {
          kind: "unreadable",
          reason: `its source reads the table ${met.missing}, which does not exist`,
          help: `Correct the source in ${file}, or create the table in an earlier migration.`,
        };
  }
  if (met.n === null) return { kind: "nothing to read" };
  if (reconcile === null) {
    const part = backfill.kind === "sql" ? "a part `d1ops:reconcile`" : "`reconcile`";
    return {
      kind: "not ready",
      reason: "it has no reconciliation, so d1ops cannot tell whether all rows are done",
      help: `Add ${part} to ${file}: a query that selects the rows that are not done.`,
    };
  }
  const progress = await readProgressOf(d1, name);
  const runFirst = offer("Run it first", nextRun(backfill, progress));
  const notReady = (reason: string, help = runFirst): Readiness => ({
    kind: "not ready",
    reason,
    help,
  });
  if (progress === undefined) return notReady("it has not been run");
  if (progress.state !== "reconciled") return notReady(`it is ${progress.state}, not reconciled`);
  if (progress.checksum !== checksum) {
    return notReady("its file was edited after it was reconciled", restoreOrBeginAgain(name));
  }
  const left = await readCount(() =>
    d1.prepare(`SELECT count(*) AS n FROM ${leftOver(reconcile)}`),
  );
  if ("refusal" in left) return notReady(`its reconciliation cannot be read: ${left.refusal}`);
  if (left.n === 0) return { kind: "reconciled" };
  const rows = left.n === null ? "rows" : count(left.n, "row");
  return notReady(`its reconciliation still finds ${rows}`);
}

/** Fails, and the migration's batch with it, if the readiness no longer holds. */
export function stillReady(
  d1: D1Database,
  backfill: Backfill,
  kind: "nothing to read" | "reconciled",
): D1PreparedStatement {
  const { name, reconcile, checksum } = backfill;
  const nothing = `NOT EXISTS (SELECT 1 FROM ${sourceOf(backfill)})`;
  const same = `name = ${quoteString(name)} AND checksum = ${quoteString(checksum)}`;
  const reconciled = `EXISTS (SELECT 1 FROM ${BACKFILLS} WHERE ${same} AND state = 'reconciled')`;
  const still = reconcile === null ? "0" : `NOT EXISTS (SELECT 1 FROM ${leftOver(reconcile)})`;
  // If the source has no rows, the tables that the reconciliation reads may not exist any more.
  const holds = kind === "reconciled" ? `${reconciled} AND ${still}` : nothing;
  return d1.prepare(
    `SELECT CASE WHEN ${holds} THEN 1 ELSE json('a backfill is not reconciled') END AS ready`,
  );
}

/** The line break ends a trailing comment of the query. */
function leftOver(reconcile: string): string {
  return `(${reconcile}\n)`;
}

async function readCount(
  statement: () => D1PreparedStatement,
): Promise<
  { readonly n: number | null } | { readonly refusal: string; readonly missing: string | null }
> {
  try {
    return { n: await statement().first<number>("n") };
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === null) throw error;
    const missing = missingIn(error);
    return {
      refusal: refusal.reason,
      missing: missing?.kind === "table" ? missing.name : null,
    };
  }
}
