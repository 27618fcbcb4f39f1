/** @module Describes parts of a schema in a few words, for people who read a difference. */
import type {
  Check,
  Column,
  ForeignKey,
  Index,
  PrimaryKey,
  Table,
  Term,
  Trigger,
  Unique,
  View,
} from "./model.ts";

/** The description of each side; null if it has no such object. */
export type Texts = readonly [left: string | null, right: string | null];

export function describeTable(table: Table): string {
  if (table.kind === "virtual") return describeKind(table);
  const { length } = table.columns;
  return length === 1 ? "1 column" : `${length} columns`;
}

export function describeKind(table: Table): string {
  if (table.kind === "table") return "ordinary table";
  return `USING ${table.module} (${table.args.join(", ")})`;
}

/** Type, NOT NULL, DEFAULT, COLLATE, GENERATED: always five parts, empty if the column does not have them. */
export function columnParts(column: Column): readonly string[] {
  const { generated, collation } = column;
  const onConflict = column.notNullConflict ? ` ON CONFLICT ${column.notNullConflict}` : "";
  return [
    column.type,
    column.notNull ? `NOT NULL${onConflict}` : "",
    column.default === null ? "" : `DEFAULT ${column.default}`,
    collation === "BINARY" ? "" : `COLLATE ${collation}`,
    generated === null ? "" : `AS (${generated.expression}) ${generated.kind.toUpperCase()}`,
  ];
}

export function describeColumn(column: Column): string {
  return joinParts(columnParts(column));
}

/** If all parts are empty, the column has no type. */
export function joinParts(parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join(" ") || "no type";
}

function describeTerms(terms: readonly Term[]): string {
  return `(${terms.map(describeTerm).join(", ")})`;
}

function describeTerm(term: Term): string {
  const collate = term.inherited ? "" : ` COLLATE ${term.collation}`;
  return `${term.column ?? term.expression}${collate}${term.descending ? " DESC" : ""}`;
}

export function describePrimaryKey(key: PrimaryKey): string {
  return `PRIMARY KEY ${describeTerms(key.terms)}${describeConflict(key)}`;
}

export function describeUnique(unique: Unique): string {
  return `UNIQUE ${describeTerms(unique.terms)}${describeConflict(unique)}`;
}

function describeConflict(constraint: Unique): string {
  return constraint.conflict === null ? "" : ` ON CONFLICT ${constraint.conflict}`;
}

export function describeCheck(check: Check): string {
  return `${check.name === null ? "" : `CONSTRAINT ${check.name} `}CHECK (${check.expression})`;
}

export function describeForeignKey(key: ForeignKey): string {
  const to = key.to === null ? "" : ` (${key.to.join(", ")})`;
  return joinParts([
    `FOREIGN KEY (${key.columns.join(", ")}) REFERENCES ${key.table}${to}`,
    key.onDelete === "NO ACTION" ? "" : `ON DELETE ${key.onDelete}`,
    key.onUpdate === "NO ACTION" ? "" : `ON UPDATE ${key.onUpdate}`,
    key.deferred ? "DEFERRABLE INITIALLY DEFERRED" : "",
  ]);
}

export function describeIndex(index: Index): string {
  const where = index.where === null ? "" : ` WHERE ${index.where}`;
  return `${index.unique ? "UNIQUE " : ""}ON ${index.table} ${describeTerms(index.terms)}${where}`;
}

export function describeTrigger(trigger: Trigger): string {
  return `${trigger.timing} ${trigger.event} ON ${trigger.table}`;
}

export function describeView(view: View): string {
  const columns = view.declared === null ? "" : `(${view.declared.join(", ")}) AS `;
  return columns + view.select;
}

/** Returns two short texts whole, and otherwise the part around the first character that differs. */
export function excerpts(left: string, right: string): readonly [left: string, right: string] {
  const [a, b] = [Array.from(left), Array.from(right)];
  if (Math.max(a.length, b.length) <= WIDTH) return [left, right];
  let same = 0;
  while (same < a.length && a[same] === b[same]) same += 1;
  const start = Math.max(0, same - LEAD);
  return [stretch(a, start), stretch(b, start)];
}

export function beginning(text: string): string {
  return stretch(Array.from(text), 0);
}

const WIDTH = 100;
const LEAD = 30;

function stretch(characters: readonly string[], start: number): string {
  const end = start + WIDTH;
  const shown = characters.slice(start, end).join("");
  return `${start > 0 ? "…" : ""}${shown}${end < characters.length ? "…" : ""}`;
}
