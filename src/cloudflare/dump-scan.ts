/**
 * The queries that count the rows of a table that an export writes incorrectly, or so that they cannot be read again.
 * One query makes all checks of a table, unless it has very many columns. Pure.
 * @module
 */
import { type DumpColumn, type DumpTable, quoted, type Row } from "./dump-schema.ts";

export type ScanKind =
  | "integer"
  | "infinity"
  | "newline"
  | "nul"
  | "whole real"
  | "order"
  | "long"
  | "rowid";

interface Check {
  readonly kind: ScanKind;
  readonly column: string | null;
  /** The parent table of a foreign key whose rows come too early; otherwise empty. */
  readonly detail: string;
  /** The SQL of the number of rows. */
  readonly rows: string;
}

export interface Scan {
  readonly table: string;
  readonly sql: string;
  readonly checks: readonly Check[];
}

interface Counted extends Omit<Check, "rows"> {
  readonly table: string;
  readonly count: number;
}

/** A result of D1 has at most 100 columns, and a statement at most 100,000 bytes. */
const CHECKS_A_STATEMENT = 60;

const LONGEST_STATEMENT = 100_000;

/** The tables after this one in the dump, in lower case, and whether the dump creates them. */
export interface Later {
  readonly tables: ReadonlySet<string>;
  readonly areCreated: boolean;
}

export function scansOf(table: DumpTable, later: Later): Scan[] {
  const checks = [
    ...table.columns.flatMap((column) => columnChecks(table, column)),
    ...keyChecks(table, later),
    ...(table.columns.length > 0 ? [lengthCheck(table)] : []),
    ...(table.rowid === null ? [] : [rowidCheck(table.rowid)]),
  ];
  const scans: Scan[] = [];
  for (let at = 0; at < checks.length; at += CHECKS_A_STATEMENT) {
    const some = checks.slice(at, at + CHECKS_A_STATEMENT);
    const counts = some.map(({ rows }, i) => `${rows} AS n${i}`);
    const sql = `SELECT ${counts.join(", ")} FROM ${quoted(table.name)}`;
    scans.push({ table: table.name, sql, checks: some });
  }
  return scans;
}

export function countsIn({ table, checks }: Scan, row: Row | undefined): Counted[] {
  return checks
    .map(({ kind, column, detail }, i) => {
      const count = Number(row?.[`n${i}`] ?? 0);
      return { table, kind, column, detail, count };
    })
    .filter(({ count }) => count > 0);
}

type ValueKind = "integer" | "real" | "text" | "blob";

/** The types of value that a column can hold, by SQLite's rules of affinity. A STRICT table enforces its types. */
function valueKinds(
  { strict }: DumpTable,
  { type }: DumpColumn,
): { types: ValueKind[]; keepsReals: boolean } {
  if (strict && type !== "ANY") {
    if (type.startsWith("INT")) return { types: ["integer"], keepsReals: false };
    if (type === "REAL") return { types: ["real"], keepsReals: true };
    return { types: type === "TEXT" ? ["text"] : ["blob"], keepsReals: false };
  }
  if (strict) return { types: ["integer", "real", "text"], keepsReals: false };
  if (type.includes("INT")) return { types: ["integer", "real", "text"], keepsReals: true };
  if (/CHAR|CLOB|TEXT/.test(type)) return { types: ["text"], keepsReals: true };
  const none = type === "" || type.includes("BLOB");
  if (!none && /REAL|FLOA|DOUB/.test(type)) return { types: ["real", "text"], keepsReals: true };
  return { types: ["integer", "real", "text"], keepsReals: !none };
}

function columnChecks(table: DumpTable, column: DumpColumn): Check[] {
  const { types, keepsReals } = valueKinds(table, column);
  const c = quoted(column.name);
  const conditions: [ScanKind, boolean, string][] = [
    [
      "integer",
      types.includes("integer"),
      `typeof(${c}) = 'integer' AND ${c} NOT BETWEEN -9007199254740992 AND 9007199254740992`,
    ],
    ["infinity", types.includes("real"), `typeof(${c}) = 'real' AND abs(${c}) = 9e999`],
    [
      "newline",
      types.includes("text"),
      `typeof(${c}) = 'text' AND (instr(${c}, char(10)) > 0 AND instr(${c}, '\\n') > 0 OR instr(${c}, char(13)) > 0 AND instr(${c}, '\\r') > 0)`,
    ],
    ["nul", types.includes("text"), `typeof(${c}) = 'text' AND instr(${c}, char(0)) > 0`],
    [
      // The affinity of a column turns the integer back into a real. SQL cannot distinguish -0.0 from 0.0.
      "whole real",
      types.includes("real") && !keepsReals,
      `typeof(${c}) = 'real' AND abs(${c}) < 9223372036854775808.0 AND ${c} = CAST(${c} AS INTEGER)`,
    ],
  ];
  return conditions
    .filter(([, isPossible]) => isPossible)
    .map(([kind, , condition]) => ({
      kind,
      rows: rowsWhere(condition),
      column: column.name,
      detail: "",
    }));
}

function rowsWhere(condition: string): string {
  return `count(CASE WHEN ${condition} THEN 1 END)`;
}

/** Rows whose parents come later, unless their key has a NULL. If the table of the parents does not exist yet, SQLite rejects every row. */
function keyChecks({ keys }: DumpTable, { tables, areCreated }: Later): Check[] {
  return keys
    .filter(({ parent }) => tables.has(parent.toLowerCase()))
    .map(({ columns, parent }) => ({
      kind: "order" as const,
      column: columns.join(", "),
      detail: parent,
      rows: rowsWhere(
        areCreated ? "true" : columns.map((name) => `${quoted(name)} IS NOT NULL`).join(" AND "),
      ),
    }));
}

/** An estimate: a quote in a text is written twice, but counted once. */
function lengthCheck({ name, columns }: DumpTable): Check {
  const names = columns.map((column) => quoted(column.name));
  const head = `INSERT INTO ${quoted(name)} (${names.join(",")}) VALUES();`;
  const lengths = names.map(
    (c) =>
      `CASE typeof(${c}) WHEN 'blob' THEN 2 * length(${c}) + 4 WHEN 'null' THEN 5 ELSE octet_length(${c}) + 3 END`,
  );
  const room = LONGEST_STATEMENT - Buffer.byteLength(head);
  const rows = rowsWhere(`${sumOf(lengths)} > ${room}`);
  return { kind: "long", column: null, detail: "", rows };
}

/** The rows of a dump are inserted in the order of their rowids, so they get the numbers from 1. */
function rowidCheck(rowid: string): Check {
  const rows = `CASE WHEN min(${rowid}) = 1 AND max(${rowid}) = count(*) THEN 0 ELSE count(*) END`;
  return { kind: "rowid", column: null, detail: "", rows };
}

/** Nests the sum in halves, because D1 rejects an expression deeper than 100. */
function sumOf(terms: readonly string[]): string {
  const half = Math.ceil(terms.length / 2);
  if (terms.length < 3) return `(${terms.join(" + ")})`;
  return `(${sumOf(terms.slice(0, half))} + ${sumOf(terms.slice(half))})`;
}
