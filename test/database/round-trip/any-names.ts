import { TABLES as ORDINARY } from "../../schema/any-design.ts";
import type { Tape } from "../../schema/tape.ts";

const TABLES = [
  "t",
  ...ORDINARY,
  "`c`",
  "two\nlines",
  "50%_",
  "rowid",
  "-- d",
  "sqlitex",
  "日本",
  "main",
];
const COLUMNS = [
  "a",
  "id",
  "Email",
  "created at",
  "order",
  "naïve",
  "x'y",
  'q"q',
  "key",
  "values",
  "v",
  "rows",
  "text",
  "a.b",
  "true",
  "rowid",
  "_rowid_",
  "OID",
  "日本",
  "😀",
  "line\nbreak",
];

export function tableNames(tape: Tape, most: number): string[] {
  return tape.some(TABLES, most, 1);
}

export function columnNames(tape: Tape, most: number, least: number): string[] {
  // Then the rowid has no name.
  if (tape.chance(0.05)) return tape.shuffle(["a", "rowid", "_rowid_", "OID"]);
  return tape.some(COLUMNS, most, least);
}

/** The name of an index, a view or a trigger. */
export function objectName(tape: Tape, kind: string, count: number): string {
  return tape.one(`${kind}${count}`, `${kind} of "${count}"`, `${kind}'é${count}`);
}

export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
