/** @module Matches constraints of one kind by their content, since their names do not identify them. */
import type { Texts } from "./describe.ts";
import type { Check, ForeignKey, PrimaryKey, Schema, Term, Unique } from "./model.ts";
import { fold } from "./normal.ts";

/** Both schemas. They resolve a foreign key that names no columns and so refers to the parent's primary key. */
export interface Sides {
  readonly left: Schema;
  readonly right: Schema;
}

/** Returns the constraints without an equal on the other side, in pairs as far as possible. */
export function unmatched<T>(
  lefts: readonly T[],
  rights: readonly T[],
  same: (left: T, right: T) => boolean,
  describe: (one: T) => string,
): Texts[] {
  const waiting = [...rights];
  const alone = lefts.filter((left) => {
    const at = waiting.findIndex((right) => same(left, right));
    if (at >= 0) waiting.splice(at, 1);
    return at < 0;
  });
  const count = Math.max(alone.length, waiting.length);
  return Array.from({ length: count }, (_, at): Texts => {
    const [left, right] = [alone[at], waiting[at]];
    return [
      left === undefined ? null : describe(left),
      right === undefined ? null : describe(right),
    ];
  });
}

export function sameText(left: string, right: string): boolean {
  return left === right;
}

export function sameCheck(left: Check, right: Check): boolean {
  return left.expression === right.expression && left.name === right.name;
}

export function sameKey(left: Unique, right: Unique): boolean {
  return left.conflict === right.conflict && sameTerms(left.terms, right.terms);
}

/** Ignores a collation that both terms inherit from their columns: the column's difference reports it. */
export function sameTerms(left: readonly Term[], right: readonly Term[]): boolean {
  return left.length === right.length && left.every((term, place) => sameTerm(term, right[place]));
}

function sameTerm(left: Term, right: Term | undefined): boolean {
  return (
    right !== undefined &&
    fold(left.column ?? "") === fold(right.column ?? "") &&
    left.expression === right.expression &&
    left.descending === right.descending &&
    (left.collation === right.collation || (left.inherited && right.inherited))
  );
}

/** If both keys refer to the parent's primary key, they are equal: the parent's difference reports a changed key. */
export function sameForeignKey(sides: Sides): (left: ForeignKey, right: ForeignKey) => boolean {
  return (left, right) =>
    sameNames(left.columns, right.columns) &&
    fold(left.table) === fold(right.table) &&
    left.onDelete === right.onDelete &&
    left.onUpdate === right.onUpdate &&
    left.deferred === right.deferred &&
    ((left.to === null && right.to === null) ||
      sameNames(target(left, sides.left), target(right, sides.right)));
}

export function sameNames(
  left: readonly string[] | null,
  right: readonly string[] | null,
): boolean {
  if (left === null || right === null) return left === right;
  return left.length === right.length && fold(left.join("\0")) === fold(right.join("\0"));
}

function target(key: ForeignKey, schema: Schema): readonly string[] | null {
  if (key.to !== null) return key.to;
  const parent = schema.tables.find(({ name }) => fold(name) === fold(key.table));
  return parent?.primaryKey ? keyColumns(parent.primaryKey) : null;
}

export function keyColumns(key: PrimaryKey): readonly string[] {
  return key.terms.map(({ column }) => column ?? "");
}
