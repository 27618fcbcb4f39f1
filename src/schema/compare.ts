/**
 * Compares two schemas by meaning, not by text. One change is one difference: a missing table includes its columns,
 * indexes and triggers.
 * @module
 */
import { compareTables } from "./compare-table.ts";
import { sameNames, sameTerms } from "./compare-constraints.ts";
import {
  beginning,
  describeIndex,
  describeTable,
  describeTrigger,
  describeView,
  excerpts,
  type Texts,
} from "./describe.ts";
import { changed, type Difference, differences } from "./difference.ts";
import { lexemes } from "../sql/lexemes.ts";
import type { Index, Schema, Trigger, View } from "./model.ts";
import { type Names, namesOf, statementNames } from "./names.ts";
import { fold, normalExpression } from "./normal.ts";

export type { Difference } from "./difference.ts";

/** Compares the expected schema (`left`: from the migrations) with the actual one (`right`: the database). */
export function compareSchemas(left: Schema, right: Schema): Difference[] {
  const [expected, actual] = [ownerNames(left), ownerNames(right)];
  const onCommonOwner = <T extends { readonly table: string }>(dependants: readonly T[]): T[] =>
    dependants.filter(({ table }) => expected.has(fold(table)) && actual.has(fold(table)));
  const names = namesOf([left, right]);
  return [
    ...differences(left.tables, right.tables, {
      object: "table",
      describe: describeTable,
      compare: (a, b, name) => compareTables(a, b, name, { left, right }),
    }),
    ...differences(onCommonOwner(left.indexes), onCommonOwner(right.indexes), {
      object: "index",
      describe: describeIndex,
      compare: (a, b, name) => changed("index", name, changedIndex(a, b)),
    }),
    ...differences(onCommonOwner(left.triggers), onCommonOwner(right.triggers), {
      object: "trigger",
      describe: describeTrigger,
      compare: (a, b, name) => changed("trigger", name, changedTrigger(a, b, names)),
    }),
    ...differences(left.views, right.views, {
      object: "view",
      describe: (view) => beginning(describeView(view)),
      compare: (a, b, name) => changed("view", name, changedView(a, b, names)),
    }),
  ];
}

/** The folded names of all tables and views: an index or trigger belongs to one of them. */
function ownerNames(schema: Schema): ReadonlySet<string> {
  return new Set([...schema.tables, ...schema.views].map((owner) => fold(owner.name)));
}

function changedIndex(left: Index, right: Index): Texts | null {
  const same =
    fold(left.table) === fold(right.table) &&
    left.unique === right.unique &&
    left.where === right.where &&
    sameTerms(left.terms, right.terms);
  return same ? null : excerpts(describeIndex(left), describeIndex(right));
}

/** Returns the first difference in the event, the condition or the body. */
function changedTrigger(left: Trigger, right: Trigger, names: Names): Texts | null {
  const [a, b] = [describeTrigger(left), describeTrigger(right)];
  if (fold(a) !== fold(b)) return [a, b];
  return (
    changedText(condition(left), condition(right), names) ??
    changedText(left.body, right.body, names)
  );
}

function condition({ when }: Trigger): string {
  return when === null ? "no WHEN" : `WHEN ${when}`;
}

/** Does not compare the view's columns: a column that comes from a table is the table's difference. */
function changedView(left: View, right: View, names: Names): Texts | null {
  if (sameNames(left.declared, right.declared)) {
    return changedText(left.select, right.select, names);
  }
  return excerpts(describeView(left), describeView(right));
}

/**
 * If only one side has a table, `"name"` may be a column there and undecided on the other side. So the names of both
 * sides together decide, for both.
 */
function changedText(left: string, right: string, names: Names): Texts | null {
  if (left === right) return null;
  const texts = [decided(left, names), decided(right, names)] as const;
  return texts[0] === texts[1] ? null : excerpts(...texts);
}

function decided(text: string, names: Names): string {
  const list = lexemes(text);
  const isName = statementNames(names, list);
  return normalExpression(list, (name) => isName(name) ?? false);
}
