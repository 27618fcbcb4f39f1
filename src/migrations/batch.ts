/**
 * One migration as one batch: guard, statements, and both ledger rows, so that "done" and "recorded" cannot disagree.
 * @module
 */
import type { D1Database, D1PreparedStatement } from "../database/port.ts";
import { leadingWords } from "../sql/classify.ts";
import { quoteIdentifier } from "../sql/quote.ts";
import { OWN_LEDGER, type Applied } from "./ledger.ts";
import type { Migration } from "./migration.ts";

/** Who applies: goes into our own ledger row. */
export interface Author {
  /** `user@host`; null where the system does not tell. */
  readonly appliedBy: string | null;
  readonly commit: string | null;
  /** Name and version: `d1ops 0.1.0`. */
  readonly tool: string;
}

export interface MigrationBatch {
  readonly statements: D1PreparedStatement[];
  /** Index of the migration's own first statement within `statements`. */
  readonly first: number;
  /** Index of the statement that writes the ledger row. */
  readonly ledgerRow: number;
}

/** What a runner knows of the ledgers. */
export interface LedgerState {
  readonly applied: readonly Applied[];
  /** Both tables are known to exist. */
  readonly created: boolean;
}

/** Builds the batch. It fails, and leaves nothing, unless the ledger is still as `ledger` says, and the `lease` still ours. */
export function migrationBatch(
  d1: D1Database,
  table: string,
  migration: Migration,
  ledger: LedgerState,
  author: Author,
  lease: readonly D1PreparedStatement[] = [],
  accepts: readonly D1PreparedStatement[] = [],
): MigrationBatch {
  const name = quoteIdentifier(table);
  const { appliedBy, commit, tool } = author;
  const before = [
    ...lease,
    ...(ledger.created ? [] : createLedgers(d1, table)),
    d1
      .prepare(beginRecord(name))
      .bind(
        fingerprint(ledger.applied),
        table,
        migration.name,
        migration.checksum,
        appliedBy,
        commit,
        tool,
      ),
  ];
  const own = migration.statements.map(({ text }) => d1.prepare(text));
  const after = [
    d1.prepare(FINISH_RECORD).bind(table, migration.name),
    d1.prepare(`INSERT INTO ${name} (name) VALUES (?)`).bind(migration.name),
  ];
  const resets = setsPragma(migration)
    ? STICKY_PRAGMAS.map((pragma) => d1.prepare(`PRAGMA ${pragma} = OFF`))
    : [];
  const statements = [...before, ...own, ...after];
  return {
    statements: [...statements, ...accepts, ...resets],
    first: before.length,
    ledgerRow: statements.length - 1,
  };
}

/** Makes both ledgers, where they are not there. */
export function createLedgers(d1: D1Database, table: string): D1PreparedStatement[] {
  return [d1.prepare(createLedger(quoteIdentifier(table))), d1.prepare(CREATE_OWN_LEDGER)];
}

/** wrangler's own statement, so that either of us may be the first. */
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

/** Rows are only ever added, with growing ids: their count and the last id tell any two histories of a database apart. */
function fingerprint(ledger: readonly Applied[]): string {
  return `${ledger.length}/${Math.max(0, ...ledger.map(({ id }) => id))}`;
}

/**
 * The guard and the first half of our row. `json()` of something that is none is the one way to fail inside of D1's SQL that
 * leaves a plain error. Rows written are the difference of two counts: the first is kept as a negative number until the last is known.
 */
function beginRecord(quotedTable: string): string {
  return `INSERT OR REPLACE INTO ${OWN_LEDGER}
  (ledger, name, checksum, started_at, rows_written, applied_by, git_commit, tool)
VALUES (
  CASE WHEN (SELECT count(*) || '/' || coalesce(max(id), 0) FROM ${quotedTable}) IS ? THEN ?
    ELSE json('the ledger is not as it was when this was planned') END,
  ?, ?, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), -1 - total_changes(), ?, ?, ?)`;
}

const FINISH_RECORD = `UPDATE ${OWN_LEDGER} SET
  duration_ms = CAST(round((julianday('now') - julianday(started_at)) * 86400000) AS INTEGER),
  rows_written = rows_written + total_changes()
WHERE ledger = ? AND name = ?`;

/** They outlive the transaction that sets them, even one that fails: D1 keeps them for as long as it keeps the connection. */
const STICKY_PRAGMAS = [
  "ignore_check_constraints",
  "legacy_alter_table",
  "case_sensitive_like",
  "recursive_triggers",
  "reverse_unordered_selects",
] as const;

function setsPragma(migration: Migration): boolean {
  return migration.statements.some(({ text }) => leadingWords(text, 1)[0] === "PRAGMA");
}
