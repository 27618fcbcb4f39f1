/** @module D1's server side over `node:sqlite`: runs a list of queries as one transaction. */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { Answer, Query } from "./client.ts";
import { d1Message, Refusal } from "./d1-error.ts";
import { collectGarbage } from "./garbage.ts";
import { D1_OPTIONS } from "./rules.ts";
import { contextOf, runQuery } from "./run-query.ts";
import { isStatementError } from "./sqlite-error.ts";
import { logSync, type LogSync } from "./sync-log.ts";

/** The location of the database, and how SQLite opens it. */
export interface Opening {
  readonly path: string | URL;
  readonly readOnly?: boolean;
  /** Milliseconds to wait for a lock. */
  readonly timeout?: number;
  /** When writes survive a power failure. They survive the death of the process at once. */
  readonly durable?: Durable;
  /** Keeps the first `read` transaction open until the close, so that all queries see the same state of the database. */
  readonly frozen?: boolean;
}

/**
 * `commit`: waits for the disk at each commit. `close`: waits once, when the connection is closed. A power failure before that undoes the
 * last transactions, each as a whole.
 */
export type Durable = "commit" | "close";

/** `write` takes the write lock at the start. `read` takes no lock and fails at a statement that writes. */
type Mode = "read" | "write";

export interface Connection {
  /**
   * Runs all queries in one transaction, and rolls it back before it throws.
   * @throws Refusal, WriteNeeded, or an error of `node:sqlite` that concerns the file
   */
  transact(mode: Mode, queries: readonly Query[]): Answer[];
  /** True if the database was empty at the first transaction, and no other connection has committed up to the last one. */
  wroteAll(): boolean;
  close(): void;
}

/** A `read` transaction reached a statement that writes. */
export class WriteNeeded extends Error {}

/** Opens a connection with D1's rules, limits and settings. It reads the file, so it throws if that is not a database. */
export function connect({
  path,
  durable = "commit",
  frozen = false,
  ...options
}: Opening): Connection {
  const db = new DatabaseSync(path, { ...options, ...D1_OPTIONS });
  try {
    if (durable === "close")
      db.exec("PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 10000");
    // A long read is one of a snapshot or a clone. Its sorted rows must not reach the disk, not even in a file without a name.
    if (frozen) db.exec("PRAGMA temp_store = MEMORY");
    const connection = connectionOver(db, durable === "close" ? logSync(db) : null);
    return frozen ? freeze(db, connection) : connection;
  } catch (error) {
    db.close();
    throw error;
  }
}

function connectionOver(db: DatabaseSync, log: LogSync | null): Connection {
  const context = contextOf(db);
  const begin = { read: db.prepare("BEGIN"), write: db.prepare("BEGIN IMMEDIATE") };
  const commit = db.prepare("COMMIT");
  const rollback = db.prepare("ROLLBACK");
  const tally = tallyOf(db);
  const observeOthers = othersOf(db);
  let wroteAll = false;

  return {
    transact(mode, queries) {
      const indexed = queries.map((query, index) => ({ ...query, index })).filter(hasText);
      if (indexed.length === 0) throw new Refusal("No SQL statements detected.");
      const joins = db.isTransaction;
      if (!joins) begin[mode].run();
      try {
        let before = tally();
        wroteAll = observeOthers();
        const answers = indexed.map((query, at) => {
          collectGarbage(at);
          const started = performance.now();
          let wrote = false;
          const { columns, rows } = runQuery(context, query, () => {
            if (mode === "read" && context.authorizer.observed.writes) throw new WriteNeeded();
            wrote ||= context.authorizer.observed.writes;
          });
          const duration = performance.now() - started;
          // A statement that only reads leaves the counters unchanged.
          const after = wrote ? tally() : before;
          const meta = metaOf(before, after, rows.length, duration);
          before = after;
          return { columns, rows, meta };
        });
        if (!joins) {
          commitOrReject(commit);
          if (mode === "write") log?.committed();
        }
        return answers;
      } finally {
        if (!joins && db.isTransaction) rollback.run();
      }
    },
    wroteAll: () => wroteAll,
    close() {
      try {
        log?.finish();
      } finally {
        db.close();
      }
    },
  };
}

/**
 * A transaction of SQLite begins to read with its first statement, so the state is that of the first query. A rejected statement does not
 * end the transaction, but a failing disk may: then no later query is answered, because it would see another state.
 */
function freeze(db: DatabaseSync, connection: Connection): Connection {
  let began = false;
  return {
    ...connection,
    transact(mode, queries) {
      if (!began) db.exec("BEGIN");
      else if (!db.isTransaction) throw new Error("the read transaction has ended");
      began = true;
      return connection.transact(mode, queries);
    },
  };
}

/** See {@link Connection.wroteAll}. To be called in every transaction: only SQLite's counter of other connections' commits is compared. */
function othersOf(db: DatabaseSync): () => boolean {
  const version = db.prepare("PRAGMA data_version");
  const object = db.prepare("SELECT 1 FROM sqlite_schema LIMIT 1");
  let first: { readonly version: unknown; readonly empty: boolean } | null = null;
  return () => {
    const now = version.get()?.["data_version"];
    first ??= { version: now, empty: object.get() === undefined };
    return first.empty && first.version === now;
  };
}

/** D1 reports only `internal error` here. d1ops reports SQLite's message, which workerd writes to its log. */
function commitOrReject(commit: StatementSync): void {
  try {
    commit.run();
  } catch (error) {
    if (!isStatementError(error)) throw error;
    throw new Refusal(d1Message(error.message, error.errcode, null), undefined, { cause: error });
  }
}

/** D1 skips a text that has only spaces and line comments. Other texts without a statement fail. */
export function hasText({ sql }: Query): boolean {
  return /^\w/.test(sql) || sql.replace(/^\s*--.*/gm, "").trim() !== "";
}

interface Tally {
  readonly changes: number;
  readonly lastRowId: number;
  readonly bytes: number;
}

/** The first reading also fixes the snapshot that a `read` transaction sees, and its schema. */
function tallyOf(db: DatabaseSync): () => Tally {
  const counts = db.prepare("SELECT total_changes(), last_insert_rowid()");
  counts.setReadBigInts(true);
  const pages = db.prepare("PRAGMA page_count");
  const free = db.prepare("PRAGMA freelist_count");
  const pageSize = Number(db.prepare("PRAGMA page_size").get()?.["page_size"]);
  // It runs after each statement, and an array takes half as long as an object.
  for (const statement of [counts, pages, free]) statement.setReturnArrays(true);
  return () => {
    const used = Number(pages.get()?.[0]) - Number(free.get()?.[0]);
    const count = counts.get();
    return { changes: Number(count?.[0]), lastRowId: Number(count?.[1]), bytes: used * pageSize };
  };
}

/**
 * `changes`, `last_row_id`, `size_after` and `changed_db` equal D1's. `rows_read` and `rows_written` do not: D1 counts
 * the rows that a query visits and the index entries that it writes, which SQLite does not report. Here they count
 * the rows returned and the rows changed, so they are at most what D1 would bill.
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
