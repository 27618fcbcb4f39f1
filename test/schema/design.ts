/**
 * The intended schema, before it is written as SQL. Names have one spelling here;
 * `spell.ts` writes a design in many ways.
 * @module
 */

/** A piece of an expression or of a statement. */
export type Piece =
  /** A keyword or a function. */
  | { readonly is: "word"; readonly text: string }
  | { readonly is: "table"; readonly table: string }
  | { readonly is: "column"; readonly table: string; readonly column: string }
  /** An alias. */
  | { readonly is: "name"; readonly name: string }
  | { readonly is: "text"; readonly text: string }
  | { readonly is: "number"; readonly text: string }
  | { readonly is: "sign"; readonly text: string };

export interface Design {
  tables: TableDesign[];
  indexes: IndexDesign[];
  triggers: TriggerDesign[];
  views: ViewDesign[];
}

export interface TableDesign {
  name: string;
  strict: boolean;
  withoutRowid: boolean;
  autoincrement: boolean;
  columns: ColumnDesign[];
  primaryKey: KeyDesign | null;
  uniques: KeyDesign[];
  checks: CheckDesign[];
  foreignKeys: ForeignKeyDesign[];
}

export interface ColumnDesign {
  name: string;
  /** `VARCHAR(20)` */
  type: string;
  notNull: boolean;
  notNullConflict: string | null;
  default: Piece[] | null;
  collation: string | null;
  generated: { kind: "STORED" | "VIRTUAL"; expression: Piece[] } | null;
}

export interface PlaceDesign {
  /** One column, or an expression of several pieces. */
  expression: Piece[];
  collation: string | null;
  descending: boolean;
}

export interface KeyDesign {
  places: PlaceDesign[];
  conflict: string | null;
}

export interface CheckDesign {
  name: string | null;
  expression: Piece[];
}

export interface ForeignKeyDesign {
  columns: string[];
  table: string;
  to: string[] | null;
  onDelete: string;
  onUpdate: string;
  deferred: boolean;
}

export interface IndexDesign {
  name: string;
  table: string;
  unique: boolean;
  places: PlaceDesign[];
  where: Piece[] | null;
}

export interface TriggerDesign {
  name: string;
  table: string;
  timing: "BEFORE" | "AFTER";
  event: "INSERT" | "DELETE" | "UPDATE";
  of: string[];
  when: Piece[] | null;
  body: Piece[];
}

export interface ViewDesign {
  name: string;
  declared: string[] | null;
  select: Piece[];
}

export const word = (text: string): Piece => ({ is: "word", text });
export const sign = (text: string): Piece => ({ is: "sign", text });
export const number = (text: string): Piece => ({ is: "number", text });
export const text = (value: string): Piece => ({ is: "text", text: value });
export const column = (table: string, name: string): Piece => ({
  is: "column",
  table,
  column: name,
});
export const place = (table: string, name: string): PlaceDesign => ({
  expression: [column(table, name)],
  collation: null,
  descending: false,
});

/** The names of the columns of `table` in these terms. */
export function columnsOf(places: readonly PlaceDesign[]): string[] {
  return places.flatMap(({ expression }) =>
    expression.flatMap((piece) => (piece.is === "column" ? [piece.column] : [])),
  );
}

/** True for INTEGER PRIMARY KEY, an alias of the rowid. */
export function isRowidKey(table: TableDesign): boolean {
  const [only, ...more] = table.primaryKey?.places ?? [];
  if (only === undefined || more.length > 0 || table.withoutRowid) return false;
  const [name] = columnsOf([only]);
  return table.columns.find((one) => one.name === name)?.type === "INTEGER";
}
