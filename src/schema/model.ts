/**
 * What a schema is, apart from how its text is written: two texts that mean the same give equal models.
 * Names keep the case they were written in; compare them with `sameIdentifier`. Expressions are in the
 * form that `normal.ts` gives them, so that equal ones are equal strings.
 * @module
 */

/** What happens to a row that breaks a constraint. Null stands for ABORT, SQLite's default. */
export type Conflict = "ROLLBACK" | "FAIL" | "IGNORE" | "REPLACE";

export interface Schema {
  /** By name, as the other three. */
  readonly tables: readonly Table[];
  /** Made by CREATE INDEX; those that SQLite makes for UNIQUE and PRIMARY KEY are told by the table. */
  readonly indexes: readonly Index[];
  readonly triggers: readonly Trigger[];
  readonly views: readonly View[];
}

export type Table = OrdinaryTable | VirtualTable;

export interface OrdinaryTable extends Shape {
  readonly kind: "table";
}

/** Nothing of its shape but `columns` is ever set, and those only where its module could be asked. */
export interface VirtualTable extends Shape {
  readonly kind: "virtual";
  /** Lower case: `fts5`. */
  readonly module: string;
  readonly args: readonly string[];
}

interface Shape {
  readonly name: string;
  readonly strict: boolean;
  readonly withoutRowid: boolean;
  readonly autoincrement: boolean;
  /** In their order. */
  readonly columns: readonly Column[];
  readonly primaryKey: PrimaryKey | null;
  readonly uniques: readonly Unique[];
  readonly checks: readonly Check[];
  readonly foreignKeys: readonly ForeignKey[];
  /** Parts of the text that we do not know, so that nobody takes them for equal. */
  readonly unknown: readonly string[];
}

export interface Column {
  readonly name: string;
  /** `VARCHAR(20)`: upper case, no spaces but between words; empty where none was given. */
  readonly type: string;
  /** Whether the column refuses NULL, be it by a PRIMARY KEY that implies so. */
  readonly notNull: boolean;
  readonly notNullConflict: Conflict | null;
  /** Null where there is none, or where it is NULL. */
  readonly default: string | null;
  /** `BINARY` where none was given. */
  readonly collation: string;
  readonly generated: Generated | null;
  /** Of a virtual table: `SELECT *` leaves it out. */
  readonly hidden: boolean;
}

export interface Generated {
  readonly kind: "stored" | "virtual";
  readonly expression: string;
}

/** One place of a key or an index: a column or an expression, never both. */
export interface Term {
  readonly column: string | null;
  readonly expression: string | null;
  /** The one in force. */
  readonly collation: string;
  /** Whether it comes from the column, and so changes with it. */
  readonly inherited: boolean;
  readonly descending: boolean;
}

export interface PrimaryKey {
  readonly terms: readonly Term[];
  /** INTEGER PRIMARY KEY: another name of the rowid. */
  readonly rowid: boolean;
  readonly conflict: Conflict | null;
}

export interface Unique {
  readonly terms: readonly Term[];
  readonly conflict: Conflict | null;
}

export interface Check {
  /** Told in the message of a row that fails; null where none was given. */
  readonly name: string | null;
  readonly expression: string;
}

export interface ForeignKey {
  readonly columns: readonly string[];
  readonly table: string;
  /** Null where the text leaves it to the parent's primary key. */
  readonly to: readonly string[] | null;
  /** `NO ACTION`, `CASCADE`, … */
  readonly onDelete: string;
  readonly onUpdate: string;
  readonly deferred: boolean;
}

export interface Index {
  readonly name: string;
  readonly table: string;
  readonly unique: boolean;
  readonly terms: readonly Term[];
  readonly where: string | null;
}

export interface Trigger {
  readonly name: string;
  /** Of the table or view it watches. */
  readonly table: string;
  /** `BEFORE`, `AFTER`, `INSTEAD OF`. */
  readonly timing: string;
  /** `INSERT`, `DELETE`, `UPDATE`, `UPDATE OF a, b`. */
  readonly event: string;
  readonly when: string | null;
  readonly body: string;
}

export interface View {
  readonly name: string;
  /** As the engine names them; null where the view is broken, as when its table is gone. */
  readonly columns: readonly string[] | null;
  /** Those that its text lists before AS. */
  readonly declared: readonly string[] | null;
  readonly select: string;
}
