/**
 * The model of a schema, independent of its text: two texts with the same meaning give equal models. Names keep their
 * case; compare them with `sameIdentifier`. `normal.ts` normalizes expressions, so that equal ones are equal strings.
 * @module
 */

/** What SQLite does with a row that violates a constraint. Null stands for ABORT, SQLite's default. */
export type Conflict = "ROLLBACK" | "FAIL" | "IGNORE" | "REPLACE";

export interface Schema {
  /** Sorted by name, like the other three. */
  readonly tables: readonly Table[];
  /** Indexes of CREATE INDEX. Those that SQLite creates for UNIQUE and PRIMARY KEY are part of the table. */
  readonly indexes: readonly Index[];
  readonly triggers: readonly Trigger[];
  readonly views: readonly View[];
}

export type Table = OrdinaryTable | VirtualTable;

export interface OrdinaryTable extends Shape {
  readonly kind: "table";
}

/** Of its shape, only `columns` is ever set, and only if SQLite has loaded its module. */
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
  /** In the order of the table. */
  readonly columns: readonly Column[];
  readonly primaryKey: PrimaryKey | null;
  readonly uniques: readonly Unique[];
  readonly checks: readonly Check[];
  readonly foreignKeys: readonly ForeignKey[];
  /** Parts of the text that the parser does not know. A comparison must not ignore them. */
  readonly unknown: readonly string[];
}

export interface Column {
  readonly name: string;
  /** `VARCHAR(20)`: upper case, with spaces only between words; empty if the column has no type. */
  readonly type: string;
  /** True if the column rejects NULL, also because of a PRIMARY KEY that implies it. */
  readonly notNull: boolean;
  readonly notNullConflict: Conflict | null;
  /** Null if the column has no default, or the default is NULL. */
  readonly default: string | null;
  /** `BINARY` if the column declares none. */
  readonly collation: string;
  readonly generated: Generated | null;
  /** A hidden column of a virtual table: `SELECT *` does not return it. */
  readonly hidden: boolean;
}

export interface Generated {
  readonly kind: "stored" | "virtual";
  readonly expression: string;
}

/** One term of a key or an index: a column or an expression, never both. */
export interface Term {
  readonly column: string | null;
  readonly expression: string | null;
  /** The effective collation. */
  readonly collation: string;
  /** True if the collation comes from the column and so changes with it. */
  readonly inherited: boolean;
  readonly descending: boolean;
}

export interface Unique {
  readonly terms: readonly Term[];
  readonly conflict: Conflict | null;
}

export interface PrimaryKey extends Unique {
  /** True for INTEGER PRIMARY KEY, an alias of the rowid. */
  readonly rowid: boolean;
}

export interface Check {
  /** The name that SQLite's error message contains; null for an unnamed CHECK. */
  readonly name: string | null;
  readonly expression: string;
}

export interface ForeignKey {
  readonly columns: readonly string[];
  readonly table: string;
  /** Null if the key refers to the parent's primary key without naming its columns. */
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
  /** The table or view that fires it. */
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
  /** The names that SQLite reports; null if the view is broken, for example because its table is missing. */
  readonly columns: readonly string[] | null;
  /** The columns that its text lists before AS. */
  readonly declared: readonly string[] | null;
  readonly select: string;
}
