/** @module Features that node's SQLite has and workerd's SQLite lacks. A statement that uses one fails with the message of a SQLite without it. */
import { isSignificant, tokenize } from "../sql/tokens.ts";

/** Functions of SQLITE_ENABLE_FTS3, _GEOPOLY and _PERCENTILE. */
const FUNCTIONS =
  /^(?:fts3_tokenizer|geopoly_\w+|matchinfo|median|offsets|optimize|percentile\w*)$/;

/** Tables that exist without having been created. */
const TABLES = /^(?:dbstat|fts3tokenize|fts4aux)$/i;

export function isAbsentTable(name: string): boolean {
  return TABLES.test(name);
}

export function isAbsentFunction(name: string): boolean {
  return FUNCTIONS.test(name);
}

/** The message that a SQLite without these features would give instead of `message`; null if it is the same. */
export function withoutAbsent(sql: string, message: string): string | null {
  const called = /^wrong number of arguments to function (.+)\(\)$/.exec(message)?.[1];
  if (called !== undefined && isAbsentFunction(called)) {
    return noSuch(sql, { absent: "function", name: called });
  }
  // In a view the table is named with its schema.
  const unsafe = /^unsafe use of virtual table "(\w+)"$/.exec(message)?.[1];
  if (unsafe !== undefined && isAbsentTable(unsafe)) return `no such table: main.${unsafe}`;
  const table = /^(?:invalid arguments to|too many arguments on) (\w+)/.exec(message)?.[1];
  return table !== undefined && isAbsentTable(table)
    ? noSuch(sql, { absent: "table", name: table })
    : null;
}

export interface Absent {
  readonly absent: "table" | "function";
  readonly name: string;
}

export function noSuch(sql: string, { absent, name }: Absent): string {
  return `no such ${absent}: ${absent === "table" ? asNamed(sql, name) : name}`;
}

/** `main.dbstat` if the statement names the schema. */
function asNamed(sql: string, name: string): string {
  const parts = tokenize(sql)
    .filter(isSignificant)
    .map(({ start, end }) => sql.slice(start, end));
  const at = parts.findIndex((part) => part.toLowerCase() === name.toLowerCase());
  return parts[at - 1] === "." ? `${parts[at - 2]}.${name}` : name;
}
