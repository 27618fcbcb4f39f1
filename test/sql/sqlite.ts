/** SQLite compiled to WebAssembly, in the version that workerd contains (3.54). */
import init from "@sqlite.org/sqlite-wasm";

const { capi, wasm, oo1 } = await init();
const db = new oo1.DB(":memory:");

export const VERSION: string = capi.sqlite3_libversion();

/** In C, a text ends at its first NUL. A lone surrogate is written as U+FFFD. */
export function sqliteComplete(sql: string): boolean {
  return capi.sqlite3_complete(sql) === 1;
}

export interface Prepared {
  /** False if the text is an empty statement or a comment. */
  readonly statement: boolean;
  readonly error: string | null;
  /** The offset of the error in UTF-8 bytes; -1 if SQLite reports none. */
  readonly offset: number;
  /** The text that SQLite did not read; null after an error. */
  readonly tail: string | null;
}

/** Prepares the first statement of a text and finalizes it. */
export function prepare(sql: string): Prepared {
  const scope = wasm.scopedAllocPush();
  try {
    const [text, bytes] = wasm.scopedAllocCString(sql, true);
    const statement = wasm.scopedAlloc(8);
    const tail = wasm.scopedAlloc(8);
    const handle = db.pointer;
    if (handle === undefined) throw new Error("the database is closed");
    const code = capi.sqlite3_prepare_v2(handle, text, bytes, statement, tail);
    if (code !== 0) {
      const offset = capi.sqlite3_error_offset(handle);
      return { statement: false, error: capi.sqlite3_errmsg(handle), offset, tail: null };
    }
    const prepared = wasm.peekPtr(statement);
    capi.sqlite3_finalize(prepared);
    return {
      statement: prepared !== 0,
      error: null,
      offset: -1,
      tail: wasm.cstrToJs(wasm.peekPtr(tail)),
    };
  } finally {
    wasm.scopedAllocPop(scope);
  }
}

/** Runs statements in the in-memory database that {@link prepare} uses. */
export function execute(sql: string): void {
  db.exec(sql);
}
