/**
 * Reads the tables that an export writes or leaves out, with their columns, foreign keys, indexes and triggers. The caller
 * runs the SQL.
 * @module
 */

export type Row = Readonly<Record<string, unknown>>;

/** Runs statements in one transaction, and returns the rows of each. The statements have no parameters and do not write. */
export type ReadRows = (statements: readonly string[]) => Promise<readonly (readonly Row[])[]>;

export interface DumpColumn {
  readonly name: string;
  /** The declared type, in upper case. */
  readonly type: string;
}

export interface DumpTable {
  readonly name: string;
  readonly kind: "ordinary" | "virtual" | "shadow" | "reserved";
  readonly strict: boolean;
  readonly counts: boolean;
  /** A name of the rowid. Null if a column has its value, if the table has none, or if columns use all of its names. */
  readonly rowid: string | null;
  /** Only stored columns. An export omits generated columns, and SQLite computes them again. */
  readonly columns: readonly DumpColumn[];
  readonly keys: readonly { readonly columns: readonly string[]; readonly parent: string }[];
  /** Indexes and triggers, without SQLite's automatic indexes. */
  readonly belongings: readonly string[];
}

/** Tables per request. */
const TABLES_A_REQUEST = 100;

/** The tables, in the order in which an export writes them. */
export async function readDumpSchema(readRows: ReadRows): Promise<DumpTable[]> {
  const [objects = [], list = []] = await readRows([
    "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY rowid",
    "PRAGMA table_list",
  ]);
  const kinds = new Map(list.map((row) => [row["name"], row]));
  const found = objects.filter(({ type }) => type === "table");
  const tables = found.map(({ name, sql }): DumpTable => {
    const row = kinds.get(name);
    const table = String(name);
    return {
      name: table,
      kind: kindOf(table, row?.["type"]),
      strict: Number(row?.["strict"] ?? 0) === 1,
      counts: /\bautoincrement\b/i.test(String(sql)),
      columns: [],
      rowid: Number(row?.["wr"] ?? 0) === 1 ? null : "rowid",
      keys: [],
      belongings: objects
        .filter(({ type, sql: made }) => made !== null && (type === "index" || type === "trigger"))
        // A trigger keeps the spelling of its table's name from its CREATE statement.
        .filter(({ tbl_name }) => String(tbl_name).toLowerCase() === table.toLowerCase())
        .map((one) => String(one["name"])),
    };
  });
  return withColumns(
    readRows,
    tables.filter(({ name }) => !name.startsWith("sqlite_")),
  );
}

function kindOf(name: string, type: unknown): DumpTable["kind"] {
  if (name.startsWith("_cf_")) return "reserved";
  return type === "virtual" || type === "shadow" ? type : "ordinary";
}

async function withColumns(readRows: ReadRows, tables: readonly DumpTable[]): Promise<DumpTable[]> {
  const done: DumpTable[] = [];
  for (let at = 0; at < tables.length; at += TABLES_A_REQUEST) {
    const some = tables.slice(at, at + TABLES_A_REQUEST);
    const looked = some.filter(({ kind }) => kind === "ordinary" || kind === "shadow");
    const statements = looked.flatMap(({ name }) => [
      `PRAGMA table_xinfo(${quoted(name)})`,
      `PRAGMA foreign_key_list(${quoted(name)})`,
    ]);
    const answers = statements.length === 0 ? [] : await readRows(statements);
    for (const table of some) {
      const place = looked.indexOf(table) * 2;
      const rows = answers[place] ?? [];
      done.push({
        ...table,
        columns: columnsOf(rows),
        rowid: table.rowid === null ? null : rowidOf(rows),
        keys: keysOf(answers[place + 1] ?? []),
      });
    }
  }
  return done;
}

function columnsOf(rows: readonly Row[]): DumpColumn[] {
  return rows
    .filter(({ hidden }) => Number(hidden) === 0)
    .map(({ name, type }) => ({ name: String(name), type: String(type).toUpperCase() }));
}

/** A key that is an INTEGER is the rowid itself. */
function rowidOf(columns: readonly Row[]): string | null {
  const [first, ...others] = columns.filter(({ pk }) => Number(pk) > 0);
  const isKey = others.length === 0 && String(first?.["type"]).toUpperCase() === "INTEGER";
  if (isKey) return null;
  const used = new Set(columns.map(({ name }) => String(name).toLowerCase()));
  return ["rowid", "_rowid_", "oid"].find((name) => !used.has(name)) ?? null;
}

function keysOf(rows: readonly Row[]): DumpTable["keys"] {
  const byId = Map.groupBy(rows, ({ id }) => id);
  return [...byId.values()].map((parts) => ({
    columns: parts.map(({ from }) => String(from)),
    parent: String(parts[0]?.["table"]),
  }));
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
