/**
 * Creates the tables of both ledgers.
 * @module
 */
import type { D1Database, D1PreparedStatement } from "../database/port.ts";
import { quoteIdentifier } from "../sql/quote.ts";
import { OWN_LEDGER } from "./ledger.ts";

/** Statements that create both ledgers if they do not exist. */
export function createLedgers(d1: D1Database, table: string): D1PreparedStatement[] {
  return [d1.prepare(createLedger(quoteIdentifier(table))), d1.prepare(CREATE_OWN_LEDGER)];
}

/** wrangler's own statement, so that either tool may be the first. */
function createLedger(quotedTable: string): string {
  return `CREATE TABLE IF NOT EXISTS ${quotedTable}(
		id         INTEGER PRIMARY KEY AUTOINCREMENT,
		name       TEXT UNIQUE,
		applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
)`;
}

const CREATE_OWN_LEDGER = `CREATE TABLE IF NOT EXISTS ${OWN_LEDGER} (
  ledger       TEXT NOT NULL,
  name         TEXT NOT NULL,
  checksum     TEXT NOT NULL,
  started_at   TEXT NOT NULL,
  duration_ms  INTEGER,
  rows_written INTEGER,
  applied_by   TEXT,
  git_commit   TEXT,
  tool         TEXT NOT NULL,
  PRIMARY KEY (ledger, name)
)`;
