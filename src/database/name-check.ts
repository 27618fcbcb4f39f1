/**
 * Finds the names in double quotes that SQLite reads as texts. A connection that rejects such texts compiles the
 * statement, and its error names what is not a column. It follows the schema statement by statement, without rows.
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import { doubleQuoted, isAboutSchema, type DoubleQuoted } from "../sql/double-quoted.ts";
import { compileFirst } from "./compile.ts";
import { authorizerOf } from "./authorizer.ts";
import { createsTrigger, hasNames, isResolvedLater, messageOf, probeFor } from "./name-probe.ts";
import { textsIn } from "./name-texts.ts";
import { D1_OPTIONS } from "./rules.ts";

export interface TextName extends DoubleQuoted {
  /** The table that the statement concerns, if SQLite reports one. */
  readonly table: string | null;
}

/** Follows the schema through statements. A statement that D1 would reject changes nothing. */
export interface NameCheck {
  /** Starts a new migration. */
  begin(): void;
  /** Runs the statement if it changes the schema. */
  follow(statement: string): void;
  /** Does the same, and returns the names that are texts: each name once, at most twenty. */
  check(statement: string): TextName[];
  close(): void;
}

/**
 * The connection rejects a statement that reads a name as a text. d1ops then runs it with single quotes around the text, which
 * means the same. So no object of the schema reads a name as a text, and every such error comes from the statement itself.
 */
export function openNameCheck(): NameCheck {
  const db = new DatabaseSync(":memory:", {
    ...D1_OPTIONS,
    enableDoubleQuotedStringLiterals: false,
  });
  const authorizer = authorizerOf(db);
  let executedOn: string | null = null;
  const context = {
    db,
    compile: (sql: string) => compileFirst(db, authorizer, sql),
    execute(sql: string) {
      authorizer.reset();
      authorizer.enforce(() => db.exec(sql));
      executedOn = authorizer.observed.table;
    },
  };

  /** Runs a statement and returns SQLite's error. As in D1, a transaction is open, so PRAGMA foreign_keys has no effect. */
  const execute = (statement: string): string | null => {
    if (!db.isTransaction) db.exec("BEGIN");
    return messageOf(() => context.execute(statement));
  };
  const check = (statement: string): TextName[] => {
    const ofSchema = isAboutSchema(statement);
    const later = isResolvedLater(statement);
    if (ofSchema && !later && (execute(statement) === null || !hasNames(statement))) return [];
    const quoted = doubleQuoted(statement);
    if (quoted.length === 0 && !later) return [];
    if (!db.isTransaction) db.exec("BEGIN");
    const probe = probeFor(statement, context);
    const { found, rest } = textsIn({ statement, quoted, probe, exact: ofSchema });
    const table = later ? executedOn : authorizer.observed.table;
    // SQLite would compile a trigger with each statement that fires it, so it is left out. A trigger on a view stays: it makes the view writable.
    if (ofSchema && !(createsTrigger(statement) && isTable(db, table))) execute(rest);
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
