import type { Tape } from "../../schema/tape.ts";
import { columnNames, quote } from "./any-names.ts";
import { anySeries, anyValue, largeBlob } from "./any-value.ts";

export interface AnyTable {
  readonly name: string;
  /** CREATE TABLE. */
  readonly sql: string;
  /** The columns that an INSERT may name. */
  readonly columns: readonly string[];
  /** What the table has, for the tally. */
  readonly features: readonly string[];
}

const TYPES = [
  "",
  "INTEGER",
  "TEXT",
  "REAL",
  "NUMERIC",
  "BLOB",
  "INT",
  "VARCHAR(9)",
  "DATE",
  "ANY",
];
const STRICT_TYPES = ["ANY", "INTEGER", "INT", "TEXT", "REAL", "BLOB"];
const COLLATIONS = ["", " COLLATE NOCASE", " COLLATE RTRIM", " COLLATE BINARY"];
const KEYS = ["none", "integer", "autoincrement", "descending", "int", "one", "several"] as const;

/** `others`: tables that a foreign key may name. They and its columns need not exist. */
export function anyTable(tape: Tape, name: string, others: readonly string[]): AnyTable {
  const strict = tape.chance(0.2);
  const columns = columnNames(tape, 6, 1);
  const key = tape.of(KEYS);
  const [first = "a"] = columns;
  const single = {
    none: "",
    integer: "INTEGER PRIMARY KEY",
    autoincrement: "INTEGER PRIMARY KEY AUTOINCREMENT",
    descending: "INTEGER PRIMARY KEY DESC",
    int: "INT PRIMARY KEY",
    one: "",
    several: "",
  }[key];
  const types = strict ? STRICT_TYPES : TYPES;
  const texts = columns.map((column, i) =>
    i === 0 && single !== ""
      ? `${quote(column)} ${single}`
      : `${quote(column)} ${tape.of(types)}${options(tape, column, others)}`,
  );
  const generated = generatedColumns(tape, first, strict);
  const keys = keyClause(tape, key, columns);
  const hasKey = key !== "none";
  const withoutRowid = hasKey && key !== "autoincrement" && tape.chance(0.4);
  const ends = [...(withoutRowid ? ["WITHOUT ROWID"] : []), ...(strict ? ["STRICT"] : [])];
  const features = [
    `key ${key}`,
    ...ends,
    ...(generated.length > 0 ? ["generated"] : []),
    ...(["rowid", "_rowid_", "OID"].every((one) => columns.includes(one)) ? ["no rowid"] : []),
    ...(columns.includes("rowid") ? ["column rowid"] : []),
  ];
  const body = [...texts, ...generated, ...keys].join(", ");
  const sql = `CREATE TABLE ${quote(name)}(${body}) ${ends.join(", ")}`;
  return { name, sql, columns, features };
}

function options(tape: Tape, column: string, others: readonly string[]): string {
  const name = quote(column);
  const parent = quote(others.length === 0 ? "missing" : tape.of(others));
  return (
    tape.of(COLLATIONS) +
    tape.one("", "", "", ` DEFAULT 'it''s'`, " DEFAULT (random())", " NOT NULL DEFAULT 7") +
    tape.one("", "", "", " UNIQUE", " UNIQUE ON CONFLICT REPLACE") +
    tape.one("", "", "", ` CHECK(typeof(${name}) <> 'text')`, ` CHECK(${name} <> "blob")`) +
    tape.one("", "", "", ` REFERENCES ${parent}(x) ON DELETE CASCADE`)
  );
}

function generatedColumns(tape: Tape, column: string, strict: boolean): string[] {
  const expression = tape.one(`typeof(${quote(column)})`, `quote(${quote(column)})`, "7");
  const type = strict ? "ANY" : tape.one("", "TEXT", "INTEGER", "REAL");
  return tape.one(
    [],
    [],
    [`"gen" ${type} AS (${expression})`],
    [`"gen" ${type} GENERATED ALWAYS AS (${expression}) STORED`],
  );
}

function keyClause(tape: Tape, key: (typeof KEYS)[number], columns: readonly string[]): string[] {
  if (key !== "one" && key !== "several") return [];
  const names = tape.some(columns, key === "one" ? 1 : 3, 1);
  const terms = names.map((name) => quote(name) + tape.of(COLLATIONS) + tape.one("", " DESC"));
  return [`PRIMARY KEY(${terms.join(", ")})`];
}

/** Statements that insert rows. Some of them may fail, because the values are random. */
export function anyRows(tape: Tape, { name, columns }: AnyTable): string[] {
  const into = `INSERT OR IGNORE INTO ${quote(name)}(${columns.map(quote).join(",")})`;
  const row = (): string => `(${columns.map(() => anyValue(tape)).join(",")})`;
  const single = Array.from({ length: tape.next() % 12 }, () => `${into} VALUES ${row()}`);
  const statements = [...single];
  if (tape.chance(0.2)) {
    const series = columns.map(() => anySeries(tape)).join(",");
    const count = 1 + (tape.next() % 900);
    statements.push(
      `WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c WHERE i<${count}) ${into} SELECT ${series} FROM c`,
    );
  }
  if (tape.chance(0.05)) {
    statements.push(
      `UPDATE OR IGNORE ${quote(name)} SET ${quote(columns.at(-1) ?? "")} = ${largeBlob(tape)}`,
    );
  }
  // Gaps in the rowids.
  if (tape.chance(0.3)) statements.push(`DELETE FROM ${quote(name)} WHERE abs(random()) % 4 = 0`);
  return statements;
}
