/**
 * Reads the rows that a run has put into the quarantine.
 * @module
 */
import type { D1Database } from "../database/port.ts";
import { QUARANTINE, type Row } from "./backfill-state.ts";

export interface Quarantined {
  readonly count: number;
  /** In the order in which the run found them, at most {@link NAMED}. */
  readonly rows: readonly {
    /** As SQL literals. */
    readonly key: string;
    readonly outcome: string;
    readonly reason: string;
  }[];
}

const NAMED = 1000;

/** The last row id of the quarantine, for {@link quarantinedSince}. */
export async function lastQuarantined(d1: D1Database): Promise<number> {
  const { results } = await d1
    .prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?")
    .bind(QUARANTINE)
    .all();
  if (results.length === 0) return 0;
  return Number(await d1.prepare(`SELECT max(rowid) AS last FROM ${QUARANTINE}`).first("last"));
}

/** The rows of a backfill with a greater row id than `last`. */
export async function quarantinedSince(
  d1: D1Database,
  name: string,
  last: number,
): Promise<Quarantined> {
  const where = `FROM ${QUARANTINE} WHERE backfill = ? AND rowid > ?`;
  const [count, rows] = await d1.batch<Row>([
    d1.prepare(`SELECT count(*) AS n ${where}`).bind(name, last),
    d1
      .prepare(`SELECT key, outcome, reason ${where} ORDER BY rowid LIMIT ${NAMED}`)
      .bind(name, last),
  ]);
  return {
    count: Number(count?.results[0]?.["n"] ?? 0),
    rows: (rows?.results ?? []).map((row) => ({
      key: String(row["key"]),
      outcome: String(row["outcome"]),
      reason: String(row["reason"]),
    })),
  };
}
