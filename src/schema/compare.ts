/**
 * Says in what two schemas differ; how their texts look does not matter. One change gives one difference:
 * a missing table says nothing of its columns, indexes and triggers.
 * @module
 */
import { compareTables } from "./compare-table.ts";
import { sameTerms } from "./compare-constraints.ts";
import { changedTrigger, changedView } from "./compare-statements.ts";
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
import type { Index, Schema } from "./model.ts";
import { namesOf } from "./names.ts";
import { fold } from "./normal.ts";

export type { Difference } from "./difference.ts";

/** Compares what should be (`left`: what the migrations say) with what is (`right`: what the database has). */
export function compareSchemas(left: Schema, right: Schema): Difference[] {
  const [wanted, found] = [owners(left), owners(right)];
  const standing = <T extends { readonly table: string }>(dependants: readonly T[]): T[] =>
    dependants.filter(({ table }) => wanted.has(fold(table)) && found.has(fold(table)));
  const names = namesOf([left, right]);
  return [
    ...differences(left.tables, right.tables, {
      object: "table",
      describe: describeTable,
      compare: (a, b, name) => compareTables(a, b, name, { left, right }),
    }),
    ...differences(standing(left.indexes), standing(right.indexes), {
      object: "index",
      describe: describeIndex,
      compare: (a, b, name) => changed("index", name, changedIndex(a, b)),
    }),
    ...differences(standing(left.triggers), standing(right.triggers), {
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

/** The folded names of all that an index or a trigger can hang on. */
function owners(schema: Schema): ReadonlySet<string> {
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
