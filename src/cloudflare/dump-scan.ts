/**
 * The questions to the rows of a table: how many hold what an export writes wrongly, or so that it cannot be read again.
 * A table is read once for all of them, unless it has very many columns. Pure.
 * @module
 */
import { type DumpColumn, type DumpTable, quoted, type Row } from "./dump-schema.ts";

export type ScanKind = "integer" | "infinity" | "newline" | "nul" | "whole real" | "order" | "long";

interface Check {
  readonly kind: ScanKind;
  readonly column: string | null;
  /** Of a key that comes too early. */
  readonly parent: string | null;
  readonly condition: string;
}

export interface Scan {
  readonly table: string;
  readonly sql: string;
  readonly checks: readonly Check[];
}

export interface Counted {
  readonly table: string;
  readonly kind: ScanKind;
  readonly column: string | null;
  readonly parent: string | null;
  readonly count: number;
}

/** D1 answers with 100 columns at most, and takes a statement of 100,000 bytes. */
const CHECKS_A_STATEMENT = 60;

const LONGEST_STATEMENT = 100_000;

/** Tables that come after this one in the dump, in lower case, and whether they are created there too. */
export interface Later {
  readonly tables: ReadonlySet<string>;
  readonly areCreated: boolean;
}

export function scansOf(table: DumpTable, later: Later): Scan[] {
  const checks = [
    ...table.columns.flatMap((column) => columnChecks(table, column)),
    ...keyChecks(table, later),
    ...(table.columns.length > 0 ? [lengthCheck(table)] : []),
  ];
  const scans: Scan[] = [];
  for (let at = 0; at < checks.length; at += CHECKS_A_STATEMENT) {
    const some = checks.slice(at, at + CHECKS_A_STATEMENT);
    const counts = some.map(
      ({ condition }, i) => `count(CASE WHEN ${condition} THEN 1 END) AS n${i}`,
    );
    const sql = `SELECT ${counts.join(", ")} FROM ${quoted(table.name)}`;
    scans.push({ table: table.name, sql, checks: some });
  }
  return scans;
}

/** What was found: only what is there at all. */
export function countsIn({ table, checks }: Scan, row: Row | undefined): Counted[] {
  return checks
    .map(({ kind, column, parent }, i) => ({
      table,
      kind,
      column,
      parent,
      count: Number(row?.[`n${i}`] ?? 0),
    }))
    .filter(({ count }) => count > 0);
}

type Holds = "integer" | "real" | "text" | "blob";

/** What a value in that column can be, by SQLite's rules of affinity; a STRICT table holds its word. */
function holds(
  { strict }: DumpTable,
  { type }: DumpColumn,
): { types: Holds[]; keepsReals: boolean } {
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
  const { types, keepsReals } = holds(table, column);
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
      // Where a column has an affinity, an integer becomes what the real was. -0.0 cannot be told from 0.0 in SQL.
      "whole real",
      types.includes("real") && !keepsReals,
      `typeof(${c}) = 'real' AND abs(${c}) < 9223372036854775808.0 AND ${c} = CAST(${c} AS INTEGER)`,
    ],
  ];
  return conditions
    .filter(([, isPossible]) => isPossible)
    .map(([kind, , condition]) => ({ kind, condition, column: column.name, parent: null }));
}

/**
 * Rows whose parents come later in the file. A row without a key waits for nobody; but where the parents' table is not
 * even there yet, SQLite refuses every row.
 */
function keyChecks({ keys }: DumpTable, { tables, areCreated }: Later): Check[] {
  return keys
    .filter(({ parent }) => tables.has(parent.toLowerCase()))
    .map(({ columns, parent }) => ({
      kind: "order" as const,
      column: columns.join(", "),
      parent,
      condition: areCreated
        ? "true"
        : columns.map((name) => `${quoted(name)} IS NOT NULL`).join(" AND "),
    }));
}

/** About: a quote in a text is written twice, and each of these is taken for one. */
function lengthCheck({ name, columns }: DumpTable): Check {
  const names = columns.map((column) => quoted(column.name));
  const head = `INSERT INTO ${quoted(name)} (${names.join(",")}) VALUES();`;
  const lengths = names.map(
    (c) =>
      `CASE typeof(${c}) WHEN 'blob' THEN 2 * length(${c}) + 4 WHEN 'null' THEN 5 ELSE octet_length(${c}) + 3 END`,
  );
  const room = LONGEST_STATEMENT - Buffer.byteLength(head);
  return { kind: "long", column: null, parent: null, condition: `${sumOf(lengths)} > ${room}` };
}

/** In halves: D1 takes no expression that is deeper than 100. */
function sumOf(terms: readonly string[]): string {
  const half = Math.ceil(terms.length / 2);
  if (terms.length < 3) return `(${terms.join(" + ")})`;
  return `(${sumOf(terms.slice(0, half))} + ${sumOf(terms.slice(half))})`;
}
