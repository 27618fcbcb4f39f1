/** @module The queries that read a schema, and their rows. */
import type { D1Database, D1PreparedStatement } from "../database/port.ts";

export interface ObjectRow {
  readonly name: string;
  readonly tbl_name: string;
  readonly sql: string | null;
}

export interface ListRow {
  readonly name: string;
  readonly type: "table" | "virtual" | "shadow" | "view";
  readonly wr: number;
  readonly strict: number;
}

export interface ColumnRow {
  readonly owner: string;
  readonly cid: number;
  readonly name: string;
  readonly type: string;
  readonly notnull: number;
  readonly dflt_value: string | null;
  readonly pk: number;
  /** 1: hidden column of a virtual table; 2: generated, virtual; 3: generated, stored. */
  readonly hidden: number;
}

export interface IndexRow {
  readonly owner: string;
  readonly index: string;
  /** `c`: CREATE INDEX; `u`: UNIQUE; `pk`: PRIMARY KEY. */
  readonly origin: "c" | "u" | "pk";
  readonly seqno: number;
  /** Null for an expression. */
  readonly name: string | null;
  readonly desc: number;
  readonly coll: string;
}

export interface ForeignKeyRow {
  readonly owner: string;
  readonly id: number;
  readonly seq: number;
  readonly table: string;
  readonly from: string;
  readonly to: string | null;
  readonly on_update: string;
  readonly on_delete: string;
}

/** For each owner, columns are ordered by `cid`, index terms by `seqno`, foreign keys as in the text. */
export interface Rows {
  readonly objects: readonly ObjectRow[];
  readonly list: readonly ListRow[];
  readonly columns: readonly ColumnRow[];
  readonly indexes: readonly IndexRow[];
  readonly foreignKeys: readonly ForeignKeyRow[];
}

/**
 * Names that start with `_cf_` belong to Cloudflare. D1 rejects a PRAGMA about one of them, and with it the whole query.
 * The filter is on the outer table, so that SQLite applies it first.
 */
const NOT_CLOUDFLARE = String.raw`m.name NOT LIKE '\_cf\_%' ESCAPE '\'`;

const OBJECTS = `SELECT m.name, m.tbl_name, m.sql FROM sqlite_master m WHERE ${NOT_CLOUDFLARE}`;

const LIST = "SELECT name, type, wr, strict FROM pragma_table_list WHERE schema = 'main'";

const COLUMNS =
  'SELECT m.name AS owner, x.cid, x.name, x.type, x."notnull", x.dflt_value, x.pk, x.hidden ' +
  `FROM sqlite_master m CROSS JOIN pragma_table_xinfo(m.name) x WHERE ${NOT_CLOUDFLARE}`;

const INDEXES =
  'SELECT m.name AS owner, l.name AS "index", l.origin, x.seqno, x.name, x."desc", x.coll ' +
  "FROM sqlite_master m CROSS JOIN pragma_index_list(m.name) l CROSS JOIN pragma_index_xinfo(l.name) x " +
  `WHERE ${NOT_CLOUDFLARE} AND m.type = 'table' AND x.key = 1`;

const FOREIGN_KEYS =
  'SELECT m.name AS owner, f.id, f.seq, f."table", f."from", f."to", f.on_update, f.on_delete ' +
  `FROM sqlite_master m CROSS JOIN pragma_foreign_key_list(m.name) f WHERE ${NOT_CLOUDFLARE} AND m.type = 'table'`;

const ALL_COLUMNS = `${COLUMNS} AND m.type IN ('table', 'view')`;
/** Columns that SQLite can always report. A broken view or virtual table makes the other query fail. */
const SURE_COLUMNS = `${COLUMNS} AND m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL%'`;
const COLUMNS_OF = `${COLUMNS} AND m.type IN ('table', 'view') AND m.name = ?`;

/** Reads the rows with one request. If an object is broken, it sends one more, and then one per view and virtual table. */
export async function readRows(db: D1Database): Promise<Rows> {
  try {
    return await readAll(db, ALL_COLUMNS);
  } catch {
    const rows = await readAll(db, SURE_COLUMNS);
    return { ...rows, columns: [...rows.columns, ...(await readColumnsEach(db, rows.list))] };
  }
}

/** All kinds of rows at once, because a batch has one type for all its results. */
type AnyRow = ObjectRow & ListRow & ColumnRow & IndexRow & ForeignKeyRow;

async function readAll(db: D1Database, columnQuery: string): Promise<Rows> {
  const queries = [OBJECTS, LIST, columnQuery, INDEXES, FOREIGN_KEYS];
  const answers = await db.batch<AnyRow>(queries.map((query) => db.prepare(query)));
  const [objects = [], list = [], columns = [], indexes = [], foreignKeys = []] = answers.map(
    ({ results }) => results,
  );
  return {
    objects,
    list,
    columns: columns.sort((a, b) => a.cid - b.cid),
    indexes: indexes.sort((a, b) => a.seqno - b.seqno),
    // SQLite numbers foreign keys from the last in the text to the first.
    foreignKeys: foreignKeys.sort((a, b) => b.id - a.id || a.seq - b.seq),
  };
}

/** Reads the columns of the views and virtual tables that are not broken. */
async function readColumnsEach(db: D1Database, list: readonly ListRow[]): Promise<ColumnRow[]> {
  const doubtful = list.filter(({ type }) => type === "view" || type === "virtual");
  const answers = doubtful.map(({ name }) => readColumns(db.prepare(COLUMNS_OF).bind(name)));
  return (await Promise.all(answers)).flat();
}

async function readColumns(query: D1PreparedStatement): Promise<ColumnRow[]> {
  try {
    return (await query.all<ColumnRow>()).results;
  } catch {
    return [];
  }
}
