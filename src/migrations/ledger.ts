/**
 * Reads the history of a database. wrangler's ledger (`d1_migrations`, or the table that `migrations_table` names) is authoritative.
 * d1ops's own table (`d1ops_migrations`) adds what wrangler's cannot hold. Reading never writes: the first recorded migration
 * creates the tables.
 * @module
 */
import type { D1Database, D1PreparedStatement } from "../database/port.ts";
import { BACKFILL_TABLES } from "../backfills/backfill-state.ts";
import { RUNS } from "../lease/runs.ts";
import { missingIn } from "../failure/kind.ts";
import { OpsError } from "../report/error.ts";
import { quoteIdentifier } from "../sql/quote.ts";

/** d1ops's own table. `migrations/README.md` describes its format. */
export const OWN_LEDGER = "d1ops_migrations";

/** Who applies a migration: part of d1ops's record. */
export interface Author {
  /** `user@host`; null if the system does not report it. */
  readonly appliedBy: string | null;
  readonly commit: string | null;
  /** Name and version: `d1ops 0.1.0`. */
  readonly tool: string;
}

/** All tables of d1ops. No migration creates them, so they are not part of any schema. */
export const OWN_TABLES: readonly string[] = [OWN_LEDGER, RUNS, ...BACKFILL_TABLES];

export interface Applied {
  readonly id: number;
  readonly name: string;
  /** As in wrangler's table: `YYYY-MM-DD HH:MM:SS`, UTC. */
  readonly appliedAt: string;
  /** Null if wrangler applied it: the text that ran is unknown then. */
  readonly record: Recorded | null;
  readonly accepted?: Accepted;
}

/** The highest id of a ledger, which is in the order of its ids; 0 if it is empty. */
export function lastId(applied: readonly Applied[]): number {
  return Math.max(0, applied.at(-1)?.id ?? 0);
}

/** Replaces the checksum of a migration whose file was deleted. */
export const NO_FILE = "";

/** The ledger name under which d1ops's table stores acceptances. */
export function acceptedLedger(table: string): string {
  return `accepted:${table}`;
}

/** The ledger name under which d1ops's table stores the marks of the applied texts. */
export function textLedger(table: string): string {
  return `text:${table}`;
}

/** The acceptance of a file that differs from what was applied. */
export interface Accepted {
  /** The checksum of the accepted file; {@link NO_FILE} if it was deleted. */
  readonly checksum: string;
  /** ISO 8601, UTC, of the database's clock. */
  readonly at: string;
  readonly by: string | null;
}

export interface Recorded {
  readonly checksum: string;
  /** The mark of the applied text: see {@link Migration.textMark}. Null if a version of d1ops without marks applied it. */
  readonly textMark: string | null;
  /** ISO 8601, UTC, of the database's clock. */
  readonly startedAt: string;
  readonly durationMs: number | null;
  readonly rowsWritten: number | null;
  readonly appliedBy: string | null;
  readonly commit: string | null;
}

/** Reads both ledgers, oldest first. A database without them has an empty history. */
export async function readLedger(d1: D1Database, table: string): Promise<Applied[]> {
  try {
    const [rows, records] = await d1.batch<Row>(ledgerStatements(d1, table));
    return historyOf(table, rows?.results ?? [], records?.results ?? []);
  } catch (error) {
    const missing = missingIn(error);
    if (missing === null) throw error;
    if (missing.kind === "column") throw await notALedger(d1, table);
    // Rows of d1ops count only together with rows of wrangler's table. Without that table, the history is empty.
    if (missing.name !== OWN_LEDGER) return [];
  }
  // Only wrangler has applied migrations so far.
  return historyOf(table, (await selectLedger(d1, table).all<Row>()).results, []);
}

/** The statements that read both ledgers, as part of a batch. They fail if a table is missing. */
export function ledgerStatements(
  d1: D1Database,
  table: string,
): [D1PreparedStatement, D1PreparedStatement] {
  const ledgers = [table, acceptedLedger(table), textLedger(table)];
  const own = d1.prepare(`SELECT * FROM ${OWN_LEDGER} WHERE ledger IN (?, ?, ?)`);
  return [selectLedger(d1, table), own.bind(...ledgers)];
}

/** Builds the history from the rows of {@link ledgerStatements}. */
export function historyOf(table: string, rows: readonly Row[], records: readonly Row[]): Applied[] {
  const of = (ledger: string): Map<string, Row> =>
    new Map(
      records.flatMap((row) => (row["ledger"] === ledger ? [[String(row["name"]), row]] : [])),
    );
  const own = of(table);
  const marks = of(textLedger(table));
  const acceptances = of(acceptedLedger(table));
  return rows.map((row) => {
    const name = String(row["name"]);
    const [record, acceptance] = [own.get(name), acceptances.get(name)];
    return {
      id: Number(row["id"]),
      name,
      appliedAt: String(row["applied_at"]),
      record: record === undefined ? null : recorded(record, marks.get(name)),
      ...(acceptance !== undefined && { accepted: acceptedOf(acceptance) }),
    };
  });
}

type Row = Record<string, unknown>;

function selectLedger(d1: D1Database, table: string): D1PreparedStatement {
  return d1.prepare(`SELECT id, name, applied_at FROM ${quoteIdentifier(table)} ORDER BY id`);
}

async function notALedger(d1: D1Database, table: string): Promise<OpsError> {
  const { results } = await d1
    .prepare("SELECT name FROM pragma_table_info(?)")
    .bind(table)
    .all<{ name: string }>();
  const columns = results.map(({ name }) => name);
  const message = `The table ${table} is not a migrations ledger. A ledger has the columns id, name and applied_at; this table has ${columns.join(", ")}.`;
  const hint =
    "If another tool owns that table, set migrations_table for this database in the wrangler config.";
  return new OpsError("LEDGER_INVALID", { table, columns }, { message, hint });
}

function acceptedOf(row: Row): Accepted {
  return {
    checksum: String(row["checksum"]),
    at: String(row["started_at"]),
    by: textOrNull(row["applied_by"]),
  };
}

function recorded(row: Row, mark: Row | undefined): Recorded {
  return {
    checksum: String(row["checksum"]),
    textMark: textOrNull(mark?.["checksum"]),
    startedAt: String(row["started_at"]),
    durationMs: numberOrNull(row["duration_ms"]),
    rowsWritten: numberOrNull(row["rows_written"]),
    appliedBy: textOrNull(row["applied_by"]),
    commit: textOrNull(row["git_commit"]),
  };
}

function numberOrNull(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

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
