import { DatabaseSync } from "node:sqlite";

/** Everything that a database contains, in a form that `toEqual` compares exactly. It shares no code with what it tests. */
export interface Content {
  readonly schema: readonly unknown[];
  /** The order of the objects with a text. */
  readonly order: readonly unknown[];
  readonly rows: { readonly [table: string]: readonly (readonly string[])[] };
  readonly problems: readonly string[];
}

export function contentOf(path: string): Content {
  // SQLite checks less in a file that is open for reading only.
  using db = new DatabaseSync(path, { enableDoubleQuotedStringLiterals: true });
  const names = db
    .prepare(
      "SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'shadow') AND name NOT LIKE 'sqlite_schema'",
    )
    .all();
  const rows = names.map(({ name, wr }) => [String(name), rowsOf(db, String(name), wr === 1)]);
  return {
    schema: db
      .prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name")
      .all(),
    order: db
      .prepare(
        String.raw`SELECT type, name FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY rowid`,
      )
      .all(),
    rows: Object.fromEntries(rows),
    // SQLite reports at most 100 of them by default, table by table in an order of its own.
    problems: db
      .prepare("PRAGMA integrity_check(1000000)")
      .all()
      .map(({ integrity_check: line }) => String(line))
      .toSorted(),
  };
}

const ROWIDS = ["rowid", "_rowid_", "oid"];

/** In the order of the table's tree, which is that of its rowid or its key. */
function rowsOf(db: DatabaseSync, table: string, withoutRowid: boolean): string[][] {
  const columns = db
    .prepare("SELECT name FROM pragma_table_xinfo(?)")
    .all(table)
    .map(({ name }) => String(name));
  const lower = new Set(columns.map((name) => name.toLowerCase()));
  const rowid = withoutRowid ? undefined : ROWIDS.find((name) => !lower.has(name));
  const all = [...(rowid === undefined ? [] : [rowid]), ...columns];
  const values = all.flatMap((name) => {
    const column = quote(name);
    return [
      `typeof(${column})`,
      `CASE typeof(${column}) WHEN 'real' THEN ${column} WHEN 'integer' THEN CAST(${column} AS TEXT) ELSE hex(CAST(${column} AS BLOB)) END`,
    ];
  });
  const select = db.prepare(`SELECT ${values.join(", ")} FROM ${quote(table)} NOT INDEXED`);
  select.setReturnArrays(true);
  const rows = select.all().map((row) => Object.values(row).map(exact));
  // Nothing names the rowids of such a table, so they and the order of its rows cannot be kept.
  return rowid === undefined && !withoutRowid ? rows.toSorted() : rows;
}

/** The bits of a REAL: `-0` and `0` are not the same. */
function exact(value: unknown): string {
  if (typeof value !== "number") return String(value);
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  return bits.getBigUint64(0).toString(16);
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
