/** @module Connects SQLite's authorizer to D1's rules: it rejects what D1 rejects, and records what the statement does. */
import { constants as C, type DatabaseSync } from "node:sqlite";
import { judge, onlyReads, type Verdict } from "./rules.ts";

/** What the authorizer knows of the statement that was compiled last. */
interface Observed {
  /** The reason of the rejection, if D1's message differs from SQLite's. */
  refusal: Exclude<Verdict, string> | null;
  writes: boolean;
  /** The statement is an ALTER TABLE. */
  alters: boolean;
  /** The statement can change more than rows: the schema, or how SQLite interprets statements. */
  beyondRows: boolean;
  /** The first table or view that the statement changes or concerns. */
  table: string | null;
}

const NOTHING: Readonly<Observed> = {
  refusal: null,
  writes: false,
  alters: false,
  beyondRows: false,
  table: null,
};

export interface Authorizer {
  readonly observed: Readonly<Observed>;
  /** Applies the rules while `work` compiles or runs a caller's statement. Statements of d1ops itself are exempt. */
  enforce<T>(work: () => T): T;
  /** Discards what was observed, before a new statement. */
  reset(): void;
  /** Prepares for a statement that was compiled before and concerns only rows. */
  reuse(writes: boolean): void;
  /** Allows a table that D1's SQLite lacks: the database has a table of that name of its own. */
  allowOwnTable(): void;
  /** Takes {@link allowOwnTable} back. */
  denyOwnTable(): void;
}

/** Installs the authorizer of a connection for as long as the connection is open. */
export function authorizerOf(db: DatabaseSync): Authorizer {
  const observed: Observed = { ...NOTHING };
  let enforcing = false;
  let ownTable = false;
  db.setAuthorizer((code, first, second, schema) => {
    if (!enforcing) return C.SQLITE_OK;
    if (!observed.writes) observed.writes = !onlyReads(code, first);
    if (code === C.SQLITE_ALTER_TABLE) observed.alters = true;
    if (!ABOUT_ROWS.has(code)) observed.beyondRows = true;
    observed.table ??= tableOf(code, first, second);
    const verdict = judge({ code, first, second, schema });
    if (verdict === "allow") return C.SQLITE_OK;
    if (ownTable && verdict !== "deny" && "absent" in verdict && verdict.absent === "table") {
      return C.SQLITE_OK;
    }
    if (verdict !== "deny") observed.refusal = verdict;
    return C.SQLITE_DENY;
  });
  return {
    observed,
    enforce(work) {
      enforcing = true;
      try {
        return work();
      } finally {
        enforcing = false;
      }
    },
    reset: () => void Object.assign(observed, NOTHING),
    reuse(writes) {
      Object.assign(observed, NOTHING, { writes });
      ownTable = false;
    },
    allowOwnTable: () => void (ownTable = true),
    denyOwnTable: () => void (ownTable = false),
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
