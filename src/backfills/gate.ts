/**
 * Whether a migration may destroy what a backfill reads: only once the backfill is reconciled, and while it still is. Where there is nothing
 * to read, as in a new database, there is nothing to wait for.
 * @module
 */
import type { D1Database, D1PreparedStatement } from "../database/port.ts";
import { quoteString } from "../sql/quote.ts";
import type { Backfill } from "./backfill.ts";
import { sourceOf } from "./slice.ts";
import { BACKFILLS, createTables, readProgress } from "./state.ts";

/** A migration that is still to come may make what it reads: then it is asked again. */
export const UNREADABLE = "what it reads is not there";

/** Why it is not ready; null: it is. The tables that it reads have to be there. */
export async function unreadyBecause(d1: D1Database, backfill: Backfill): Promise<string | null> {
  const { name, reconcile } = backfill;
  try {
    const row = await d1.prepare(`SELECT 1 AS n FROM ${sourceOf(backfill)} LIMIT 1`).first("n");
    if (row === null) return null;
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes("no such table")) throw error;
    return UNREADABLE;
  }
  if (reconcile === null) return "it has no reconciliation, so nobody can tell whether it is done";
  const progress = (await readProgress(d1)).find((one) => one.name === name);
  if (progress === undefined) return "it has not been run";
  if (progress.state !== "reconciled") return `it is ${progress.state}, not reconciled`;
  const row = await d1.prepare(`SELECT count(*) AS n FROM (${reconcile})`).first<number>("n");
  if (row === 0) return null;
  return `its reconciliation finds ${row === 1 ? "1 row that is" : `${row ?? "some"} rows that are`} not done`;
}

/** The same, inside of a batch: it fails, and the migration with it. */
export function gateStatements(d1: D1Database, backfill: Backfill): D1PreparedStatement[] {
  const { name, reconcile } = backfill;
  const reconciled = `EXISTS (SELECT 1 FROM ${BACKFILLS} WHERE name = ${quoteString(name)} AND state = 'reconciled')`;
  const still = reconcile === null ? "0" : `NOT EXISTS (SELECT 1 FROM (${reconcile}))`;
  const nothing = `NOT EXISTS (SELECT 1 FROM ${sourceOf(backfill)})`;
  return [
    ...createTables(d1),
    d1.prepare(
      `SELECT CASE WHEN ${nothing} OR (${reconciled} AND ${still}) THEN 1 ELSE json('a backfill is not reconciled') END AS ready`,
    ),
  ];
}
