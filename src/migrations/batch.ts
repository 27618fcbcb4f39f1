/** @module One migration as one batch: guard, statements, and the rows of both ledgers, so that a migration is recorded exactly if it ran. */
import type { D1PreparedStatement } from "../database/port.ts";
import { RESET_PRAGMAS } from "../schema/replay.ts";
import { leadingWords } from "../sql/classify.ts";
import { quoteIdentifier } from "../sql/quote.ts";
import { type Acceptance, acceptStatements, type RecordContext } from "./acceptance.ts";
import { type Applied, createLedgers, lastId, OWN_LEDGER, textLedger } from "./ledger.ts";
import type { Migration } from "./migration.ts";

export interface MigrationBatch {
  readonly statements: D1PreparedStatement[];
  /** Index of the migration's own first statement within `statements`. */
  readonly first: number;
  /** Index of the statement that writes the ledger row. */
  readonly ledgerRow: number;
}

export interface BatchContext extends Omit<RecordContext, "sleep"> {
  /** Recorded in the same batch as a migration. */
  readonly accepts?: readonly Acceptance[];
}

export interface LedgerState {
  readonly applied: readonly Applied[];
  /** True if both tables are known to exist. */
  readonly created: boolean;
}

/** The batch fails, and changes nothing, if the ledger no longer equals `ledger` or a statement of `guard` fails. */
export function migrationBatch(
  { d1, table, author, accepts = [] }: BatchContext,
  migration: Migration,
  ledger: LedgerState,
  guard: readonly D1PreparedStatement[] = [],
): MigrationBatch {
  const name = quoteIdentifier(table);
  const { appliedBy, commit, tool } = author;
  const before = [
    ...guard,
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
        textLedger(table),
        migration.textMark(migration.checksum),
      ),
  ];
  const own = migration.statements.map(({ text }) => d1.prepare(text));
  const after = [
    d1.prepare(FINISH_RECORD).bind(table, migration.name),
    d1.prepare(`INSERT INTO ${name} (name) VALUES (?)`).bind(migration.name),
  ];
  const setsPragma = migration.statements.some(({ text }) => leadingWords(text, 1)[0] === "PRAGMA");
  const resets = setsPragma ? RESET_PRAGMAS.map((sql) => d1.prepare(sql)) : [];
  const statements = [...before, ...own, ...after];
  return {
    statements: [...statements, ...acceptStatements(d1, table, accepts, author), ...resets],
    first: before.length,
    ledgerRow: statements.length - 1,
  };
}

/** Rows are only added, with increasing ids, so their count and the last id distinguish any two states of a ledger. */
function fingerprint(ledger: readonly Applied[]): string {
  return `${ledger.length}/${lastId(ledger)}`;
}

/**
 * The guard, and the first half of d1ops's row. `json()` of invalid JSON is the only way to fail inside D1's SQL with a readable
 * error. Rows written are the difference of two counts; until the second one is known, the row holds the first as a negative number,
 * minus the two rows that this statement itself writes. The second row is the mark of the text.
 */
function beginRecord(quotedTable: string): string {
  return `INSERT OR REPLACE INTO ${OWN_LEDGER}
  (ledger, name, checksum, started_at, rows_written, applied_by, git_commit, tool)
VALUES (
  CASE WHEN (SELECT count(*) || '/' || coalesce(max(id), 0) FROM ${quotedTable}) IS ?1 THEN ?2
    ELSE json('the ledger has changed since the plan') END,
  ?3, ?4, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), -2 - total_changes(), ?5, ?6, ?7),
  (?8, ?3, ?9, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), NULL, ?5, ?6, ?7)`;
}

const FINISH_RECORD = `UPDATE ${OWN_LEDGER} SET
  duration_ms = CAST(round((julianday('now') - julianday(started_at)) * 86400000) AS INTEGER),
  rows_written = rows_written + total_changes()
WHERE ledger = ? AND name = ?`;
