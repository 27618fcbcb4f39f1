/**
 * Loads a dump from Cloudflare into a SQLite file. It runs one statement after the other while it reads, so memory does not
 * grow with the dump. It differs from an import:
 * - It checks foreign keys after all rows are loaded, because a dump lists tables in the order of their creation.
 * - D1's limits do not apply.
 * - It accepts `Infinity`, which the dump writes although SQL does not know that word.
 * - It accepts the format of SQLite's command line, which writes virtual tables into `sqlite_schema` and ends with COMMIT.
 * @module
 */
import { createReadStream, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { transferFailed } from "../cloudflare/transfer.ts";
import type { DumpOptions } from "../cloudflare/export.ts";
import type { OpsError } from "../report/error.ts";
import { feed } from "../sql/feed.ts";
import { tokenize } from "../sql/tokens.ts";
import { type Orphans, orphansIn } from "./examine-file.ts";
import { interrupted, translateLoadError } from "./load-errors.ts";
import { isStatementError } from "./sqlite-error.ts";

export interface LoadOptions extends Pick<DumpOptions, "format"> {
  readonly onBytes?: (bytes: number, total: number) => void;
  readonly signal?: AbortSignal;
}

export interface Loaded {
  readonly statements: number;
  /** Rows per table whose parent row is missing. Null if SQLite could not check. */
  readonly orphans: readonly Orphans[] | null;
}

const PIECE_BYTES = 1 << 20;

/** After an error the content of the file is undefined. @throws OpsError TRANSFER_FAILED, FILE_UNWRITABLE, INTERRUPTED */
export async function loadDump(
  dump: string,
  path: string,
  options: LoadOptions = {},
): Promise<Loaded> {
  const db = new DatabaseSync(path, {
    limits: { attach: 0 },
    // A defensive connection does not write to the schema.
    defensive: options.format !== "sqlite3",
    enableForeignKeyConstraints: false,
    enableDoubleQuotedStringLiterals: true,
  });
  try {
    // No other process uses the file, and a failed load is discarded.
    db.exec(
      "PRAGMA page_size = 4096; PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; BEGIN",
    );
    const statements = await loadInto(db, dump, options);
    db.exec(
      "PRAGMA writable_schema = RESET; COMMIT; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL",
    );
    return { statements, orphans: orphansIn(db) };
  } catch (error) {
    throw translateLoadError(error, path, NEEDS);
  } finally {
    db.close();
  }
}

async function loadInto(
  db: DatabaseSync,
  dump: string,
  { onBytes = () => {}, signal, format = "d1" }: LoadOptions,
): Promise<number> {
  const total = statSync(dump).size;
  const file = createReadStream(dump, { encoding: "utf8", highWaterMark: PIECE_BYTES });
  const text = feed();
  let loaded = 0;
  let isCommitted = false;
  const load = (statement: string): void => {
    loaded += 1;
    // This load is one transaction already.
    if (format === "sqlite3" && BEGIN.test(statement)) return;
    if (format === "sqlite3" && COMMIT.test(statement)) isCommitted = true;
    else run(db, statement, loaded);
  };
  for await (const piece of file as AsyncIterable<string>) {
    if (signal?.aborted === true) throw interrupted();
    if (piece.includes("\0")) throw invalidDump("it has a NUL character", loaded + 1, "");
    for (const statement of text.take(piece)) load(statement);
    onBytes(file.bytesRead, total);
  }
  for (const statement of text.end()) load(statement);
  // SQLite's command line ends the dump of a damaged database with ROLLBACK.
  if (format === "sqlite3" && !isCommitted) {
    throw invalidDump("it does not end with COMMIT, so it is not complete", loaded, "");
  }
  return loaded;
}

const BEGIN = /^\s*BEGIN TRANSACTION;$/;
const COMMIT = /^\s*COMMIT;$/;

/** `n` is the statement's number, from 1. */
function run(db: DatabaseSync, statement: string, n: number): void {
  try {
    db.exec(statement);
  } catch (error) {
    if (!isStatementError(error)) throw error;
    if (!error.message.includes("no such column: Infinity")) {
      throw invalidDump(error.message, n, statement, error);
    }
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

const NEEDS =
  "The copy needs about as much space as the database, and the dump needs the same amount. Set TMPDIR to a folder with enough space for both.";

/** The message omits the values, because they may be personal data. */
function invalidDump(reason: string, n: number, statement: string, cause?: unknown): OpsError {
  const head = statement
    .trim()
    .replace(/\bVALUES\b[^]*/i, "VALUES …")
    .slice(0, 200);
  const text = {
    message: `d1ops cannot load Cloudflare's export: statement ${n}${head === "" ? "" : ` (${head})`}: ${reason}.`,
    hint: "Nothing was changed. Check the data for integers beyond 2^53 and for NUL characters: an export rounds such integers, so two keys may become one, and a NUL character ends its statement.",
  };
  return transferFailed(reason, text, cause);
}
