/**
 * SQLite looks at the names of most statements when it compiles them. Those inside a view, a trigger, or the CHECK of a
 * new column it looks at later: here, at once.
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import { leadingWords } from "../sql/classify.ts";
import { quoteIdentifier } from "../sql/quote.ts";
import { sqliteErrorOf } from "./d1-error.ts";

interface Bench {
  readonly db: DatabaseSync;
  /** Compiles and runs nothing. */
  readonly compile: (sql: string) => unknown;
  /** Runs what D1 would not refuse. */
  readonly execute: (sql: string) => void;
}

export function isUnderstoodLater(statement: string): boolean {
  return LATER.has(kindOf(statement));
}

/** Of the statements about a schema only these have names of columns. In ATTACH and VACUUM INTO, D1 refuses anything. */
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

/** What SQLite complains of in statements of this kind: they may be variations of the one given. */
export function probesOf(statement: string, bench: Bench): (sql: string) => string | null {
  const later = LATER.get(kindOf(statement));
  if (later === undefined) return (sql) => complaintOf(() => bench.compile(sql));
  return (sql) => {
    const { db, execute } = bench;
    const before = tablesOf(db);
    db.exec("SAVEPOINT probe");
    try {
      return complaintOf(() => execute(sql)) ?? later(bench, before);
    } finally {
      db.exec("ROLLBACK TO probe; RELEASE probe");
    }
  };
}

/** What SQLite says, or null where it is content. */
export function complaintOf(work: () => unknown): string | null {
  return sqliteErrorOf(work)?.message ?? null;
}

type Later = (bench: Bench, before: ReadonlySet<string>) => string | null;

const LATER: ReadonlyMap<string, Later> = new Map<string, Later>([
  ["CREATE VIEW", complaintOfView],
  ["CREATE TRIGGER", complaintOfTrigger],
  ["ALTER TABLE", complaintOfTable],
]);

interface Newest {
  readonly name: string;
  readonly table: string;
}

/** What was created last. */
function newest(db: DatabaseSync): Newest {
  const row = db.prepare("SELECT name, tbl_name FROM sqlite_schema ORDER BY rowid DESC").get();
  return { name: String(row?.["name"]), table: String(row?.["tbl_name"]) };
}

function complaintOfView({ db, compile }: Bench): string | null {
  return complaintOf(() => compile(`SELECT 1 FROM ${quoteIdentifier(newest(db).name)}`));
}

/** A trigger is compiled with a statement that fires it. */
function complaintOfTrigger({ db, compile }: Bench): string | null {
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
    const complaint = complaintOf(() => compile(sql));
    if (complaint !== null) return complaint;
  }
  return null;
}

/** The text of the altered table, compiled anew where no such table is. */
function complaintOfTable({ db }: Bench, before: ReadonlySet<string>): string | null {
  const empty = new DatabaseSync(":memory:", { enableDoubleQuotedStringLiterals: false });
  try {
    const altered = [...tablesOf(db)].filter((sql) => !before.has(sql));
    const complaints = altered.map((sql) => complaintOf(() => empty.prepare(sql)));
    return complaints.find((complaint) => complaint !== null) ?? null;
  } finally {
    empty.close();
  }
}

/** Their texts. */
function tablesOf(db: DatabaseSync): Set<string> {
  const rows = db.prepare("SELECT sql FROM sqlite_schema WHERE type = 'table' AND sql NOT NULL");
  return new Set(rows.all().map(({ sql }) => String(sql)));
}
