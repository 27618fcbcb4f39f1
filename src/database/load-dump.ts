/**
 * Makes a database of a dump that Cloudflare has written, as it is read: one statement after the other, so that memory
 * stays flat however large it is. Not as an import would: foreign keys are looked at when all rows are there, for a
 * dump has its tables in the order in which they were made; D1's limits are not those of the file; and infinity, which
 * the dump writes as a word that SQL does not know, is understood.
 * @module
 */
import { createReadStream, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { OpsError } from "../report/error.ts";
import { feed } from "../sql/feed.ts";
import { tokenize } from "../sql/tokens.ts";
import { isFault, isSqliteError } from "./d1-error.ts";

export interface LoadOptions {
  readonly onBytes?: (bytes: number, total: number) => void;
  readonly signal?: AbortSignal;
}

export interface Loaded {
  readonly statements: number;
  /** Rows that refer to rows which are not there, by table. Null where SQLite could not look. */
  readonly orphans: readonly Orphans[] | null;
}

export interface Orphans {
  readonly table: string;
  readonly rows: number;
}

/** So much is read at once. */
const PIECE_BYTES = 1 << 20;

/**
 * Into a file that has nothing in it. What is there after an error is no database.
 * @throws OpsError TRANSFER_FAILED, FILE_UNWRITABLE, INTERRUPTED
 */
export async function loadDump(
  dump: string,
  path: string,
  options: LoadOptions = {},
): Promise<Loaded> {
  const db = new DatabaseSync(path, {
    limits: { attach: 0 },
    defensive: true,
    enableForeignKeyConstraints: false,
    enableDoubleQuotedStringLiterals: true,
  });
  try {
    // Nobody else sees it, and nobody wants it back when this fails.
    db.exec(
      "PRAGMA page_size = 4096; PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; BEGIN",
    );
    const statements = await loadInto(db, dump, options);
    db.exec("COMMIT; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    return { statements, orphans: orphansIn(db) };
  } catch (error) {
    throw explained(error, path);
  } finally {
    db.close();
  }
}

async function loadInto(
  db: DatabaseSync,
  dump: string,
  { onBytes = () => {}, signal }: LoadOptions,
): Promise<number> {
  const total = statSync(dump).size;
  const file = createReadStream(dump, { encoding: "utf8", highWaterMark: PIECE_BYTES });
  const text = feed();
  let loaded = 0;
  for await (const piece of file as AsyncIterable<string>) {
    if (signal?.aborted === true) throw interrupted();
    if (piece.includes("\0")) throw unreadable("it has a NUL character", loaded + 1, "");
    for (const statement of text.take(piece)) run(db, statement, (loaded += 1));
    onBytes(file.bytesRead, total);
  }
  for (const statement of text.end()) run(db, statement, (loaded += 1));
  return loaded;
}

/** `n` counts from 1. */
function run(db: DatabaseSync, statement: string, n: number): void {
  try {
    db.exec(statement);
  } catch (error) {
    if (!isSqliteError(error) || isFault(error.errcode)) throw error;
    const understood = error.message.includes("no such column: Infinity");
    if (!understood) throw unreadable(error.message, n, statement, error);
    run(db, withInfinity(statement), n);
  }
}

function withInfinity(statement: string): string {
  const words = tokenize(statement).map(({ kind, start, end }) => {
    const text = statement.slice(start, end);
    return kind === "word" && text === "Infinity" ? "9e999" : text;
  });
  return words.join("");
}

function orphansIn(db: DatabaseSync): Orphans[] | null {
  try {
    return db
      .prepare(
        'SELECT "table" AS name, count(*) AS n FROM pragma_foreign_key_check GROUP BY 1 ORDER BY 1',
      )
      .all()
      .map(({ name, n }) => ({ table: String(name), rows: Number(n) }));
  } catch (error) {
    // A key whose parent has no unique index is no key to SQLite: "foreign key mismatch".
    if (!isSqliteError(error) || isFault(error.errcode)) throw error;
    return null;
  }
}

function explained(error: unknown, path: string): unknown {
  if (!isSqliteError(error)) return error;
  const { message: reason } = error;
  const text = {
    message: `The copy ${path} could not be written: ${reason}.`,
    hint: "It needs about as much room as the database, and the dump beside it as much again. TMPDIR names another place for both.",
  };
  return new OpsError("FILE_UNWRITABLE", { path, reason }, text, { cause: error });
}

/** The values are left out of it: they are somebody's. */
function unreadable(reason: string, n: number, statement: string, cause?: unknown): OpsError {
  const head = statement
    .trim()
    .replace(/\bVALUES\b[^]*/i, "VALUES …")
    .slice(0, 200);
  return new OpsError(
    "TRANSFER_FAILED",
    { reason },
    {
      message: `What Cloudflare has exported cannot be loaded: statement ${n}${head === "" ? "" : ` (${head})`}: ${reason}.`,
      hint: "Nothing was changed. An export rounds integers beyond 2^53, so that two keys may become one, and a NUL character ends its statement: are there such values?",
    },
    cause === undefined ? {} : { cause },
  );
}

function interrupted(): OpsError {
  const text = {
    message: "Interrupted. Nothing was changed.",
    hint: "Run the same command again.",
  };
  return new OpsError("INTERRUPTED", { signal: "SIGINT" }, text);
}
