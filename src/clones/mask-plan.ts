/** @module Decides for each table of a database how its rows are masked. `mask-problems.ts` finds the masks that cannot be. */
import { quoteIdentifier, quoteString, sameIdentifier } from "../sql/quote.ts";
import type { ColumnMask, Masks, TableMask } from "./masks.ts";
import type { Described } from "../snapshots/rows/read-source.ts";
import { shapesOf, type TableShape } from "../snapshots/rows/table-shape.ts";
import { type VirtualTable, virtualTablesOf } from "../snapshots/rows/virtual-tables.ts";

export interface TableMaskPlan {
  readonly name: string;
  /** For each column of a chunk's rows, in their order. Null: the value is copied as it is. */
  readonly columns: readonly (ColumnMask | null)[];
  /** Copies no rows. */
  readonly isEmpty: boolean;
}

export interface MaskPlan {
  /** By the name of the table, for those that are not copied as they are. */
  readonly tables: ReadonlyMap<string, TableMaskPlan>;
  /** Statements that make the indexes of FTS5 tables again, after all rows are written. */
  readonly reindex: readonly string[];
}

export const NO_MASKS: MaskPlan = { tables: new Map(), reindex: [] };

/** SQLite keeps samples of indexed values in them. `ANALYZE` makes them again. */
const SAMPLES = /^sqlite_stat[234]$/i;

/** `emptied`: tables with copies of rows of other tables, which stay empty unless a mask says `keep`. */
export function planMasks(
  described: Described,
  masks: Masks,
  emptied: readonly string[],
): MaskPlan {
  const virtual = virtualTablesOf(described.schema);
  const planned = shapesOf(described.rows)
    .map((shape) => planTable(shape, { ...described, masks, virtual, emptied }))
    .filter(({ columns, isEmpty }) => isEmpty || columns.some((mask) => mask !== null));
  return {
    tables: new Map(planned.map((plan) => [plan.name, plan])),
    reindex: virtual.flatMap((one) => {
      const how = reindexOf(one, maskOf(masks, one.name));
      const table = quoteIdentifier(one.name);
      return how === null ? [] : [`INSERT INTO ${table}(${table}) VALUES (${quoteString(how)})`];
    }),
  };
}

/** The mask of a table, however its name is spelled. */
export function maskOf(masks: Masks, table: string): TableMask | null {
  return Object.entries(masks).find(([name]) => sameIdentifier(name, table))?.[1] ?? null;
}

/** True if the user wrote `keep` for the table or the column. */
export function isKept(masks: Masks, { table, column }: ColumnName): boolean {
  const mask = maskOf(masks, table);
  if (mask === null || typeof mask === "string") return mask === "keep";
  return Object.entries(mask).some(([name, one]) => sameIdentifier(name, column) && one === "keep");
}

/** Null if the column is copied as it is, also because of `keep`. */
export function columnMaskOf(mask: TableMask | null, column: string): ColumnMask | null {
  if (mask === null || typeof mask === "string") return null;
  const found = Object.entries(mask).find(([name]) => sameIdentifier(name, column))?.[1] ?? null;
  return found === "keep" ? null : found;
}

interface Context extends Described {
  readonly masks: Masks;
  readonly virtual: readonly VirtualTable[];
  readonly emptied: readonly string[];
}

/** The virtual table that a table is a part of. Null for every other table. */
export function ownerOf(virtual: readonly VirtualTable[], table: string): VirtualTable | null {
  return virtual.find(({ shadows }) => shadows.some((one) => sameIdentifier(one, table))) ?? null;
}

function planTable(shape: TableShape, context: Context): TableMaskPlan {
  const { masks, virtual, emptied } = context;
  const { name, columns } = shape;
  const owner = ownerOf(virtual, name);
  if (owner !== null) return planShadow(shape, owner, context);
  const mask = maskOf(masks, name);
  const isPrivate = SAMPLES.test(name) || emptied.some((one) => sameIdentifier(one, name));
  return {
    name,
    columns: columns.map((column) => columnMaskOf(mask, column)),
    isEmpty: mask === "empty" || (isPrivate && mask === null),
  };
}

/** The shadow tables that contain words, and nothing that FTS5 cannot make again. */
const INDEX = /_(?:data|idx|docsize)$/i;

function planShadow(
  { name, columns }: TableShape,
  owner: VirtualTable,
  { rows, masks }: Context,
): TableMaskPlan {
  const mask = maskOf(masks, owner.name);
  return {
    name,
    columns: columns.map((column) => {
      const original = contentColumn(rows, owner, { table: name, column });
      return original === null ? null : columnMaskOf(mask, original);
    }),
    isEmpty:
      (isContentOf(owner, name) && mask === "empty") ||
      (INDEX.test(name) && reindexOf(owner, mask) !== null),
  };
}

export interface ColumnName {
  readonly table: string;
  readonly column: string;
}

/** How masks name a stored column: the rows of an FTS5 table are in a shadow table, and masks name the FTS5 table. */
export function nameInMasks({ rows, schema }: Described): (stored: ColumnName) => ColumnName {
  const virtual = virtualTablesOf(schema);
  return (stored) => {
    const owner = ownerOf(virtual, stored.table);
    const column = owner === null ? null : contentColumn(rows, owner, stored);
    return owner === null || column === null ? stored : { table: owner.name, column };
  };
}

/** The columns of the shadow table with the rows are c0, c1 and so on. Null: it is another column. */
function contentColumn(
  rows: Described["rows"],
  owner: VirtualTable,
  { table, column }: ColumnName,
): string | null {
  const index = isContentOf(owner, table) ? /^c(\d+)$/.exec(column)?.[1] : undefined;
  if (index === undefined) return null;
  const names = rows.columns.filter((one) => one.owner === owner.name && one.hidden === 0);
  return names[Number(index)]?.name ?? null;
}

function isContentOf({ module, rowsOf }: VirtualTable, table: string): boolean {
  return module === "FTS5" && rowsOf === "own" && /_content$/i.test(table);
}

/** Null if the index is copied as it is. */
function reindexOf(
  { module, rowsOf }: VirtualTable,
  mask: TableMask | null,
): "rebuild" | "delete-all" | null {
  if (module !== "FTS5" || mask === "keep") return null;
  if (rowsOf === "own") {
    const isMasked =
      mask !== null && mask !== "empty" && Object.values(mask).some((one) => one !== "keep");
    return isMasked || mask === "empty" ? "rebuild" : null;
  }
  if (mask === "empty") return "delete-all";
  // Its rows may be those of a table that is masked, also through a view.
  return rowsOf === "other table" ? "rebuild" : null;
}
