/**
 * D1's server half over `node:sqlite`: a list of queries is one transaction.
 * @module
 */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { Answer, Query } from "./client.ts";
import { guardOf } from "./authorizer.ts";
import { keptStatements } from "./statement-cache.ts";
import { isFault, isSqliteError, Refusal, sentence } from "./d1-error.ts";
import { LIMITS } from "./rules.ts";
import { answerText, type Desk } from "./run-query.ts";

/** Where the database is, and how SQLite opens it. */
export interface Opening {
  readonly path: string | URL;
  readonly readOnly?: boolean;
  /** Milliseconds to wait for a lock. */
  readonly timeout?: number;
  /** When what was written outlasts a loss of power. That of a process it outlasts at once. */
  readonly durable?: Durable;
}

/** `commit`: the disk is waited for each time. `close`: once, when the connection is closed. */
export type Durable = "commit" | "close";

/** `write` takes the write lock at the start; `read` takes none, and stops at a statement that writes. */
type Mode = "read" | "write";

export interface Connection {
  /**
   * All queries in one transaction; nothing has been done when this throws: a {@link Refusal}, a
   * {@link WriteNeeded}, or an error of the file in the words of `node:sqlite`.
   */
  transact(mode: Mode, queries: readonly Query[]): Answer[];
  close(): void;
}

/** A `read` transaction has met a statement that writes. */
export class WriteNeeded extends Error {}

/** A connection with D1's rules, limits and settings. It reads the file, so it throws when that is not a database. */
export function connect({ path, durable = "commit", ...options }: Opening): Connection {
  const db = new DatabaseSync(path, {
    ...options,
    limits: LIMITS,
    defensive: true,
    enableForeignKeyConstraints: true,
    enableDoubleQuotedStringLiterals: true,
  });
  try {
    if (durable === "close")
      db.exec("PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 10000");
    return connectionOver(db, durable);
  } catch (error) {
    db.close();
    throw error;
  }
}

function connectionOver(db: DatabaseSync, durable: Durable): Connection {
  const desk = deskOf(db);
  const begin = { read: db.prepare("BEGIN"), write: db.prepare("BEGIN IMMEDIATE") };
  const commit = db.prepare("COMMIT");
  const rollback = db.prepare("ROLLBACK");
  const tally = tallyOf(db);
  const schema = db.prepare("PRAGMA schema_version");

  return {
    transact(mode, queries) {
      const asked = queries.map((query, index) => ({ ...query, index })).filter(hasText);
      if (asked.length === 0) throw new Refusal("No SQL statements detected.");
      begin[mode].run();
      try {
        let before = tally();
        desk.kept.begin(schema.get()?.["schema_version"]);
        const answers = asked.map((query) => {
          const started = performance.now();
          let wrote = false;
          const { columns, rows } = answerText(desk, query, () => {
            if (mode === "read" && desk.guard.seen.writes) throw new WriteNeeded();
            wrote ||= desk.guard.seen.writes;
          });
          const duration = performance.now() - started;
          // A statement that only reads leaves the figures as they are.
          const after = wrote ? tally() : before;
          const meta = metaOf(before, after, rows.length, duration);
          before = after;
          return { columns, rows, meta };
        });
        commitOrRefuse(commit);
        return answers;
      } finally {
        if (db.isTransaction) rollback.run();
      }
    },
    close() {
      // The log is synced before it is copied into the file, which is done here although others may have it open.
      if (durable === "close") db.exec("PRAGMA wal_checkpoint(PASSIVE)");
      db.close();
    },
  };
}

function deskOf(db: DatabaseSync): Desk {
  const reserved = db.prepare(
    String.raw`SELECT count(*) AS n FROM sqlite_schema WHERE name LIKE '\_cf\_%' ESCAPE '\'`,
  );
  return {
    db,
    guard: guardOf(db),
    kept: keptStatements(),
    reservedNames: () => Number(reserved.get()?.["n"]),
  };
}

/** D1 says `internal error` here and no more; ours says what SQLite says, which workerd writes to its log. */
function commitOrRefuse(commit: StatementSync): void {
  try {
    commit.run();
  } catch (error) {
    if (!isSqliteError(error) || isFault(error.errcode)) throw error;
    throw new Refusal(sentence(error.message, error.errcode, null), undefined, { cause: error });
  }
}

/** D1 leaves out a text of nothing but spaces and indented line comments; others it runs into an error. */
export function hasText({ sql }: Query): boolean {
  return sql.replace(/^\s+--.*/gm, "").trim() !== "";
}

/** The figures behind {@link metaOf}, as they stand between two queries. */
interface Tally {
  readonly changes: number;
  readonly lastRowId: number;
  readonly bytes: number;
}

/** Reading it first also fixes the moment that a `read` transaction sees, and the schema of that moment. */
function tallyOf(db: DatabaseSync): () => Tally {
  const counts = db.prepare("SELECT total_changes() AS changes, last_insert_rowid() AS lastRowId");
  counts.setReadBigInts(true);
  const pages = db.prepare("PRAGMA page_count");
  const free = db.prepare("PRAGMA freelist_count");
  const pageSize = Number(db.prepare("PRAGMA page_size").get()?.["page_size"]);
  return () => {
    const used = Number(pages.get()?.["page_count"]) - Number(free.get()?.["freelist_count"]);
    const count = counts.get();
    return {
      changes: Number(count?.["changes"]),
      lastRowId: Number(count?.["lastRowId"]),
      bytes: used * pageSize,
    };
  };
}

/**
 * `changes`, `last_row_id`, `size_after` and `changed_db` are D1's. `rows_read` and `rows_written` are not: D1 counts
 * the rows that a query visits and the index entries that it writes, and SQLite does not tell us. Here they are
 * the rows that came back and the rows that changed, so they are at most what D1 would bill.
 */
function metaOf(before: Tally, after: Tally, rows: number, duration: number): Answer["meta"] {
  const changes = after.changes - before.changes;
  return {
    duration,
    changes,
    last_row_id: after.lastRowId,
    changed_db:
      changes !== 0 || after.lastRowId !== before.lastRowId || after.bytes !== before.bytes,
    size_after: after.bytes,
    rows_read: rows,
    rows_written: changes,
  };
}
