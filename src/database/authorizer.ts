/**
 * Stands between SQLite and a statement: refuses what D1 refuses, and remembers what the statement does.
 * @module
 */
import { constants as C, type DatabaseSync } from "node:sqlite";
import { judge, onlyReads, type Verdict } from "./rules.ts";

/** What is known of the statement that was compiled last. */
interface Seen {
  /** D1's answer, where SQLite's words would be others. */
  refusal: Exclude<Verdict, string> | null;
  /** It can change the database. */
  writes: boolean;
  /** It is an ALTER TABLE. */
  alters: boolean;
  /** It can change more than rows: the schema, or how statements are understood. */
  unsettles: boolean;
  /** The first table or view that it changes or is about. */
  table: string | null;
}

export interface Guard {
  readonly seen: Readonly<Seen>;
  /** Looks on while SQLite compiles or runs what a caller has written; our own statements are not looked at. */
  watch<T>(work: () => T): T;
  /** A new statement comes. */
  forget(): void;
  /** One comes that was compiled before, and was only about rows. */
  recall(writes: boolean): void;
  /** There is a table of the name of one that D1's SQLite lacks: until it is told otherwise, that is the one that is meant. */
  created(absent: boolean): void;
}

/** The guard of a connection: it stays for as long as the connection is open. */
export function guardOf(db: DatabaseSync): Guard {
  const seen: Seen = { refusal: null, writes: false, alters: false, unsettles: false, table: null };
  let watching = false;
  let itsOwn = false;
  db.setAuthorizer((code, first, second, schema) => {
    if (!watching) return C.SQLITE_OK;
    if (!seen.writes) seen.writes = !onlyReads(code, first);
    if (code === C.SQLITE_ALTER_TABLE) seen.alters = true;
    if (!ABOUT_ROWS.has(code)) seen.unsettles = true;
    seen.table ??= tableOf(code, first, second);
    const verdict = judge({ code, first, second, schema });
    if (verdict === "allow") return C.SQLITE_OK;
    if (itsOwn && verdict !== "deny" && "absent" in verdict && verdict.absent === "table") {
      return C.SQLITE_OK;
    }
    if (verdict !== "deny") seen.refusal = verdict;
    return C.SQLITE_DENY;
  });
  return {
    seen,
    watch(work) {
      watching = true;
      try {
        return work();
      } finally {
        watching = false;
      }
    },
    forget() {
      seen.refusal = null;
      seen.writes = false;
      seen.alters = false;
      seen.unsettles = false;
      seen.table = null;
    },
    recall(writes) {
      this.forget();
      seen.writes = writes;
    },
    created(absent) {
      itsOwn = absent;
    },
  };
}

const ABOUT_ROWS: ReadonlySet<number> = new Set([
  C.SQLITE_SELECT,
  C.SQLITE_READ,
  C.SQLITE_FUNCTION,
  C.SQLITE_RECURSIVE,
  C.SQLITE_INSERT,
  C.SQLITE_UPDATE,
  C.SQLITE_DELETE,
]);

function tableOf(code: number, first: string | null, second: string | null): string | null {
  switch (code) {
    case C.SQLITE_INSERT:
    case C.SQLITE_UPDATE:
    case C.SQLITE_DELETE:
    case C.SQLITE_CREATE_TABLE:
    case C.SQLITE_CREATE_VIEW:
      return first?.startsWith("sqlite_") === true ? null : first;
    case C.SQLITE_CREATE_INDEX:
    case C.SQLITE_CREATE_TRIGGER:
    case C.SQLITE_ALTER_TABLE:
      return second;
    default:
      return null;
  }
}
