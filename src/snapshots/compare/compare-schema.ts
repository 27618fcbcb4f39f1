/** @module Compares the objects of two schemas by their canonical text, which ignores white space and comments. */
import { canonicalStatement } from "../../sql/canonical.ts";
import { upperCase } from "../../sql/quote.ts";
import { pieces } from "../../sql/split.ts";
import type { SchemaObject } from "../store/manifest.ts";

/** `left` and `right` are the CREATE statements. Null if this side has no such object. */
export interface SchemaDifference extends Pick<SchemaObject, "type" | "name" | "table"> {
  readonly kind: "added" | "removed" | "changed";
  readonly left: string | null;
  readonly right: string | null;
}

/** In the order of `left`, then the added objects. */
export function compareSchemaTexts(
  left: readonly SchemaObject[],
  right: readonly SchemaObject[],
): SchemaDifference[] {
  const unmatched = new Map(right.map((one) => [identity(one), one]));
  const found = left.flatMap((one): readonly SchemaDifference[] => {
    const { type, name, table, sql } = one;
    const other = unmatched.get(identity(one));
    unmatched.delete(identity(one));
    if (other === undefined)
      return [{ kind: "removed", type, name, table, left: sql, right: null }];
    if (sameText(sql, other.sql)) return [];
    return [{ kind: "changed", type, name, table, left: sql, right: other.sql }];
  });
  const added = [...unmatched.values()].map(({ type, name, table, sql }): SchemaDifference => ({
    kind: "added",
    type,
    name,
    table,
    left: null,
    right: sql,
  }));
  return [...found, ...added];
}

/** SQLite ignores the case of names. */
function identity({ type, name }: SchemaObject): string {
  return `${type} ${upperCase(name)}`;
}

export function sameText(left: string, right: string): boolean {
  return left === right || canonical(left) === canonical(right);
}

function canonical(sql: string): string {
  return Array.from(pieces(sql), (piece) => canonicalStatement(sql, piece)).join("");
}
