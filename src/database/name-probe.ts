/**
 * SQLite resolves the names of most statements when it compiles them. It resolves those inside a view, a trigger, or the
 * CHECK of a new column later. The probes here resolve them at once.
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import { leadingWords } from "../sql/classify.ts";
import { quoteIdentifier } from "../sql/quote.ts";
import { sqliteErrorOf } from "./sqlite-error.ts";

interface ProbeContext {
  readonly db: DatabaseSync;
  /** Compiles a statement without running it. */
  readonly compile: (sql: string) => unknown;
  /** Runs a statement under D1's rules. */
  readonly execute: (sql: string) => void;
}

export function isResolvedLater(statement: string): boolean {
  return LATER.has(kindOf(statement));
}

/** Of the statements about a schema, only these name columns. D1 always rejects ATTACH and VACUUM INTO. */
export function hasNames(statement: string): boolean {
  return /^(?:CREATE|ALTER)\b/.test(kindOf(statement));
}

export function createsTrigger(statement: string): boolean {
  return kindOf(statement) === "CREATE TRIGGER";
}

function kindOf(statement: string): string {
  const words = leadingWords(statement, 3).filter((word) => !/^TEMP(?:ORARY)?$/.test(word));
  return words.slice(0, 2).join(" ");
}

/** Returns a function that gives SQLite's error for a variation of the statement, or null. */
export function probeFor(statement: string, context: ProbeContext): (sql: string) => string | null {
  const later = LATER.get(kindOf(statement));
  if (later === undefined) return (sql) => messageOf(() => context.compile(sql));
  return (sql) => {
    const { db, execute } = context;
    const before = tablesOf(db);
    db.exec("SAVEPOINT probe");
    try {
      return messageOf(() => execute(sql)) ?? later(context, before);
    } finally {
      db.exec("ROLLBACK TO probe; RELEASE probe");
    }
  };
}

/** The message of SQLite's error, or null if the work succeeds. */
export function messageOf(work: () => unknown): string | null {
  return sqliteErrorOf(work)?.message ?? null;
}

type Later = (context: ProbeContext, before: ReadonlySet<string>) => string | null;

const LATER: ReadonlyMap<string, Later> = new Map<string, Later>([
  ["CREATE VIEW", errorOfView],
  ["CREATE TRIGGER", errorOfTrigger],
  ["ALTER TABLE", errorOfTable],
]);

/** The object that was created last. */
function newest(db: DatabaseSync): { readonly name: string; readonly table: string } {
  const row = db.prepare("SELECT name, tbl_name FROM sqlite_schema ORDER BY rowid DESC").get();
  return { name: String(row?.["name"]), table: String(row?.["tbl_name"]) };
}

function errorOfView({ db, compile }: ProbeContext): string | null {
  return messageOf(() => compile(`SELECT 1 FROM ${quoteIdentifier(newest(db).name)}`));
}

/** SQLite compiles a trigger with a statement that fires it. */
function errorOfTrigger({ db, compile }: ProbeContext): string | null {
  const { table } = newest(db);
  const name = quoteIdentifier(table);
  const columns = db
    .prepare("SELECT name FROM pragma_table_xinfo(?) WHERE hidden = 0")
    .all(table)
    .map((column) => quoteIdentifier(String(column["name"])));
  const firing = [
    `INSERT INTO ${name} DEFAULT VALUES`,
    `DELETE FROM ${name}`,
    `UPDATE ${name} SET ${columns.map((column) => `${column} = ${column}`).join(", ")}`,
  ];
  for (const sql of firing) {
    const message = messageOf(() => compile(sql));
    if (message !== null) return message;
  }
  return null;
}

/** Compiles the text of the altered table in an empty database. */
function errorOfTable({ db }: ProbeContext, before: ReadonlySet<string>): string | null {
  const empty = new DatabaseSync(":memory:", { enableDoubleQuotedStringLiterals: false });
  try {
    const altered = [...tablesOf(db)].filter((sql) => !before.has(sql));
    const messages = altered.map((sql) => messageOf(() => empty.prepare(sql)));
    return messages.find((message) => message !== null) ?? null;
  } finally {
    empty.close();
  }
}

function tablesOf(db: DatabaseSync): Set<string> {
  const rows = db.prepare("SELECT sql FROM sqlite_schema WHERE type = 'table' AND sql NOT NULL");
  return new Set(rows.all().map(({ sql }) => String(sql)));
}
