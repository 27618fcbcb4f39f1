/**
 * Which names in double quotes does SQLite read as texts? It is asked itself: a connection that takes no such texts
 * compiles the statement, and says which name is no column. The schema is followed statement by statement, without rows.
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import { doubleQuoted, isAboutSchema, type DoubleQuoted } from "../sql/double-quoted.ts";
import { compileFirst } from "./compile.ts";
import { guardOf } from "./authorizer.ts";
import {
  complaintOf,
  createsTrigger,
  hasNames,
  isUnderstoodLater,
  probesOf,
} from "./name-probe.ts";
import { textsIn } from "./name-texts.ts";
import { LIMITS } from "./rules.ts";

/** A name in double quotes that SQLite reads as a text. */
export interface TextName extends DoubleQuoted {
  /** The table that the statement is about, where SQLite says so. */
  readonly table: string | null;
}

/** Follows the schema through statements. What D1 would refuse changes nothing. */
export interface NameCheck {
  /** A new migration begins. */
  begin(): void;
  /** The statement is carried out as far as it is about the schema. */
  follow(statement: string): void;
  /** The same, and says which of its names are texts, each name once and twenty at most. */
  check(statement: string): TextName[];
  close(): void;
}

/**
 * A statement that reads a name as a text is refused; it is carried out with single quotes around the text instead, which
 * means the same. So nothing in the schema reads a name as a text, and what SQLite complains of is in the statement itself.
 */
export function openNameCheck(): NameCheck {
  const db = new DatabaseSync(":memory:", {
    limits: LIMITS,
    defensive: true,
    enableForeignKeyConstraints: true,
    enableDoubleQuotedStringLiterals: false,
  });
  const guard = guardOf(db);
  let executedOn: string | null = null;
  const bench = {
    db,
    compile: (sql: string) => compileFirst(db, guard, sql),
    execute(sql: string) {
      guard.forget();
      guard.watch(() => db.exec(sql));
      executedOn = guard.seen.table;
    },
  };

  /** Says what SQLite complains of. As in D1, a transaction is open: PRAGMA foreign_keys does nothing. */
  const carryOut = (statement: string): string | null => {
    if (!db.isTransaction) db.exec("BEGIN");
    return complaintOf(() => bench.execute(statement));
  };
  const check = (statement: string): TextName[] => {
    const ofSchema = isAboutSchema(statement);
    const later = isUnderstoodLater(statement);
    if (ofSchema && !later && (carryOut(statement) === null || !hasNames(statement))) return [];
    const quoted = doubleQuoted(statement);
    if (quoted.length === 0 && !later) return [];
    if (!db.isTransaction) db.exec("BEGIN");
    const probe = probesOf(statement, bench);
    const { found, rest } = textsIn({ statement, quoted, probe, exact: ofSchema });
    const table = later ? executedOn : guard.seen.table;
    // A trigger would be compiled with each statement that fires it; one of a view makes it writable.
    if (ofSchema && !(createsTrigger(statement) && isTable(db, table))) carryOut(rest);
    return found.map((one) => ({ ...one, table }));
  };
  return {
    begin() {
      db.exec("PRAGMA legacy_alter_table = OFF");
    },
    follow(statement) {
      if (isAboutSchema(statement)) check(statement);
    },
    check,
    close: () => db.close(),
  };
}

function isTable(db: DatabaseSync, name: string | null): boolean {
  const found = db.prepare(
    "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ? COLLATE NOCASE",
  );
  return found.get(name) !== undefined;
}
