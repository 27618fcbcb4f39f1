/**
 * What the engine is asked about a schema, and the rows it answers with.
 * @module
 */
import type { D1Database, D1PreparedStatement } from "../database/port.ts";

export interface ObjectRow {
  readonly type: "table" | "index" | "trigger" | "view";
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
  /** 1: hidden, of a virtual table; 2 and 3: generated, virtual and stored. */
  readonly hidden: number;
}

export interface IndexRow {
  readonly owner: string;
  readonly index: string;
  readonly unique: number;
  /** CREATE INDEX, UNIQUE, PRIMARY KEY. */
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

/** Of each owner in their order: `cid`; `seqno` of each index; the foreign keys as the text has them. */
export interface Rows {
  readonly objects: readonly ObjectRow[];
  readonly list: readonly ListRow[];
  readonly columns: readonly ColumnRow[];
  readonly indexes: readonly IndexRow[];
  readonly foreignKeys: readonly ForeignKeyRow[];
}

/**
 * Names that begin with `_cf_` are Cloudflare's own: asking a PRAGMA about one is refused, and with it the
 * whole query. The filter stands on the outer table, so that SQLite applies it first.
 */
const OURS = String.raw`m.name NOT LIKE '\_cf\_%' ESCAPE '\'`;

const OBJECTS = `SELECT m.type, m.name, m.tbl_name, m.sql FROM sqlite_master m WHERE ${OURS}`;

const LIST = "SELECT name, type, wr, strict FROM pragma_table_list WHERE schema = 'main'";

const COLUMNS =
  'SELECT m.name AS owner, x.cid, x.name, x.type, x."notnull", x.dflt_value, x.pk, x.hidden ' +
  `FROM sqlite_master m CROSS JOIN pragma_table_xinfo(m.name) x WHERE ${OURS}`;

const INDEXES =
  'SELECT m.name AS owner, l.name AS "index", l."unique", l.origin, x.seqno, x.name, x."desc", x.coll ' +
  "FROM sqlite_master m CROSS JOIN pragma_index_list(m.name) l CROSS JOIN pragma_index_xinfo(l.name) x " +
  `WHERE ${OURS} AND m.type = 'table' AND x.key = 1`;

const FOREIGN_KEYS =
  'SELECT m.name AS owner, f.id, f.seq, f."table", f."from", f."to", f.on_update, f.on_delete ' +
  `FROM sqlite_master m CROSS JOIN pragma_foreign_key_list(m.name) f WHERE ${OURS} AND m.type = 'table'`;

const ALL_COLUMNS = `${COLUMNS} AND m.type IN ('table', 'view')`;
/** Those that can always be told: a broken view or virtual table makes the query fail. */
const SURE_COLUMNS = `${COLUMNS} AND m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL%'`;
const COLUMNS_OF = `${COLUMNS} AND m.type IN ('table', 'view') AND m.name = ?`;

/** One request; where something is broken, one more and then one for each view and virtual table. */
export async function readRows(db: D1Database): Promise<Rows> {
  try {
    return await ask(db, ALL_COLUMNS);
  } catch {
    const rows = await ask(db, SURE_COLUMNS);
    return { ...rows, columns: [...rows.columns, ...(await askEach(db, rows.list))] };
  }
}

/** Stands for each kind of row at once, since a batch has one type for all its answers. */
type AnyRow = ObjectRow & ListRow & ColumnRow & IndexRow & ForeignKeyRow;

async function ask(db: D1Database, columnQuery: string): Promise<Rows> {
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
    // SQLite numbers them from the last in the text to the first.
    foreignKeys: foreignKeys.sort((a, b) => b.id - a.id || a.seq - b.seq),
  };
}

/** Of the views and virtual tables that the engine can still tell about. */
async function askEach(db: D1Database, list: readonly ListRow[]): Promise<ColumnRow[]> {
  const doubtful = list.filter(({ type }) => type === "view" || type === "virtual");
  const answers = doubtful.map(({ name }) => answer(db.prepare(COLUMNS_OF).bind(name)));
  return (await Promise.all(answers)).flat();
}

async function answer(query: D1PreparedStatement): Promise<ColumnRow[]> {
  try {
    return (await query.all<ColumnRow>()).results;
  } catch {
    return [];
  }
}
